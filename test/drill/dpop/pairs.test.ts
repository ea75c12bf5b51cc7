import { expect, test } from 'vitest'
import { NO_ANSWER, type Answer } from './answer.ts'
import { createDpopClient, createTokens, type Sent } from './clients.ts'
import type { Ask } from './edges.ts'
import { outcomeOf, runPairs } from './pairs.ts'

const allow: Answer = { ...NO_ANSWER, verdict: 'allow' }
const replayed: Answer = { ...NO_ANSWER, verdict: 'refused', code: 'dpop_proof_replayed' }
const invalid: Answer = { ...NO_ANSWER, verdict: 'refused', code: 'dpop_proof_invalid', problem: 'iat' }
const unavailable: Answer = { ...NO_ANSWER, verdict: 'unavailable', code: 'replay_unavailable' }

test.each([
  [allow, replayed, 'first'],
  [replayed, allow, 'second'],
  [allow, allow, 'both'],
  [replayed, replayed, 'none'],
  [allow, invalid, 'other'],
  [invalid, replayed, 'other'],
  [NO_ANSWER, allow, 'other'],
  [allow, unavailable, 'unavailable'],
  [unavailable, replayed, 'unavailable'],
] as const)('%# the outcome of a pair', (first, second, outcome) => {
  expect(outcomeOf(first, second)).toBe(outcome)
})

const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
const issue = createTokens('https://issuer.example', await crypto.subtle.exportKey('jwk', privateKey))
const clients = [createDpopClient(issue)]

/** Two instances of which each one knows the proofs in its own store. */
function instances(shared: boolean, failures = 0): readonly [Ask, Ask] {
  let left = failures
  const create = (used: Set<string>): Ask => {
    return async ({ proofs }: Sent) => {
      if (left-- > 0) return unavailable
      const isNew = !used.has(proofs[0]!)
      used.add(proofs[0]!)
      return isNew ? allow : replayed
    }
  }
  const one = new Set<string>()
  return [create(one), create(shared ? one : new Set())]
}

const run = ([first, second]: readonly [Ask, Ask]) =>
  runPairs({ pairs: 40, atOnce: 4, first, second, clients, progress: () => {} })

test('with one store exactly one use of each proof passes', async () => {
  const figures = await run(instances(true))
  expect(figures).toMatchObject({ exactlyOne: 40, none: 0, both: 0, other: 0, repeated: 0 })
  expect(figures.allowedBy).toEqual([20, 20])
})

test('with a store each both pass, and that is counted', async () => {
  expect(await run(instances(false))).toMatchObject({ exactlyOne: 0, both: 40 })
})

test('another pair takes the place of one with a 503', async () => {
  const figures = await run(instances(true, 6))
  expect(figures).toMatchObject({ exactlyOne: 40, none: 0, both: 0, other: 0 })
  expect(figures.repeated).toBeGreaterThan(0)
})

test('a store that never answers is found', async () => {
  expect(await run(instances(true, 1_000_000))).toMatchObject({ exactlyOne: 0, other: 40, repeated: 200 })
})
