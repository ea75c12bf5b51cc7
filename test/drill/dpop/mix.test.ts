import { expect, test } from 'vitest'
import { createRandom } from '../mix.ts'
import { NO_ANSWER, type Answer } from './answer.ts'
import { createTokens } from './clients.ts'
import { runMix } from './mix.ts'
import { EXPECTED, type Finding, type Kind } from './oracle.ts'

const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
const issue = createTokens('https://issuer.example', await crypto.subtle.exportKey('jwk', privateKey))

async function findings(answer: Answer): Promise<Partial<Record<Kind, Finding[]>>> {
  const { of } = await runMix({
    instances: [{ name: 'Worker 1', ask: async () => answer, atOnce: 4 }],
    ...{ issue, requests: 1_000, random: createRandom(1), progress: () => {} },
  })
  const found = Object.entries(of.get('Worker 1')!).map(([kind, counts]) => [
    kind,
    Object.entries(counts).flatMap(([finding, count]) => (count > 0 ? [finding] : [])),
  ])
  return Object.fromEntries(found)
}

/** Where no proof passes, none is sent again. */
const each = (ifGood: Finding, ifBad: Finding) =>
  Object.fromEntries(
    Object.entries(EXPECTED).map(([kind, expected]) => {
      if (kind.startsWith('a proof again') && ifGood !== 'right') return [kind, []]
      return [kind, [expected === null ? ifGood : ifBad]]
    }),
  )

test('an instance that lets everything pass is wrong about each bad kind', async () => {
  expect(await findings({ ...NO_ANSWER, verdict: 'allow' })).toEqual(each('right', 'wrong verdict'))
})

test('an instance without answers is wrong about each kind', async () => {
  expect(await findings(NO_ANSWER)).toEqual(each('no answer', 'no answer'))
})

test('an instance that refuses everything for one reason is right about one kind alone', async () => {
  const answer: Answer = { ...NO_ANSWER, verdict: 'refused', code: 'dpop_proof_missing' }
  expect(await findings(answer)).toEqual({ ...each('false denial', 'another reason'), 'no proof': ['right'] })
})
