// The rows about nonces through the core and the Worker, compiled and compiled at start: API Gateway cannot send a
// nonce.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NONCE_ROWS, type NonceKeys } from '../cases/dpop-nonces.ts'
import { allow, refused, USER } from '../cases/row.ts'
import { now } from '../cases/time.ts'
import { NONCE_STEPS } from '../../shared/sender/dpop/stateless-nonces.ts'
import { STEPS } from '../../shared/steps.ts'
import { nonceBy } from '../support/dpop-nonces.ts'
import { startDpopWorld, toCaseRequest, type BoundRequest, type DpopWorld } from '../support/dpop-world.ts'
import { expectOutcome } from './check-edge.ts'
import { openCoreEdge, openCoreEdgeFromSteps } from './core-edge.ts'
import type { Edge } from './edge.ts'
import { openCreatedWorkerEdge, openWorkerEdge } from './worker-edge.ts'

const NONCE = { key: { env: 'NONCE_KEY' }, previousKey: { env: 'PREVIOUS_KEY' } }

const newKey = () => randomBytes(32).toString('base64url')

const newKeys = (): NonceKeys => ({
  key: newKey(),
  previous: newKey(),
  yesterday: newKey(),
  foreign: newKey(),
})

describe.each([
  ['core', openCoreEdge],
  ['worker', openWorkerEdge],
  ['worker', openCreatedWorkerEdge],
] as const)('%s', (name, open) => {
  const keys = newKeys()
  let world: DpopWorld
  let edge: Edge

  beforeAll(async () => {
    world = await startDpopWorld()
    const env = { NONCE_KEY: keys.key, PREVIOUS_KEY: keys.previous }
    edge = await open({ ...world.config, dpop: { nonce: NONCE } }, env)
  }, 60_000)

  afterAll(async () => {
    await edge.close()
    await world.close()
  })

  const send = async (request: BoundRequest) =>
    edge.send(toCaseRequest('/orders', await world.boundFields('/orders', request)))

  test.each(NONCE_ROWS)('A113 $id', async ({ request, expect: expected, detail }) => {
    const outcome = await send(request(keys, now()))
    expectOutcome(name, expected, outcome)
    expect(outcome.detail).toEqual(detail)
  })

  test('A113 a nonce serves for many proofs, and each proof only once', async () => {
    const nonce = nonceBy(keys.key, now())
    const passes = allow({ ...USER, sender: 'dpop' })
    const fields = await world.boundFields('/orders', { nonce })
    expectOutcome(name, passes, await edge.send(toCaseRequest('/orders', fields)))
    expectOutcome(name, passes, await send({ nonce }))
    expectOutcome(name, refused('dpop_proof_replayed'), await edge.send(toCaseRequest('/orders', fields)))
  })

  test('A113 an unbound token needs no nonce', async () => {
    const authorization = ['Authorization', `Bearer ${await world.issuer.token()}`] as const
    expectOutcome(name, allow(USER), await edge.send(toCaseRequest('/orders', [authorization])))
  })

  // The last one, because it moves the clock.
  test('A113 a nonce is refused six minutes after its bucket began, whatever the time in the proof', async () => {
    const nonce = nonceBy(keys.key, now())
    await edge.advance(360_000)
    for (const ahead of [0, 360])
      expectOutcome(
        name,
        refused('dpop_nonce_required'),
        await send({ nonce, change: { claims: { iat: now() + ahead } } }),
      )
  })
})

const ALWAYS: typeof NONCE_STEPS = { isAcceptedBucket: () => true, isMadeWith: () => true }

test.each(Object.keys(ALWAYS) as (keyof typeof ALWAYS)[])('without %s some row is wrong', async (step) => {
  const [keys, world] = [newKeys(), await startDpopWorld()]
  const env = { NONCE_KEY: keys.key, PREVIOUS_KEY: keys.previous }
  const config = { ...world.config, dpop: { nonce: NONCE } }
  const edge = await openCoreEdgeFromSteps(config, env, { ...STEPS, [step]: ALWAYS[step] })
  try {
    const wrong: string[] = []
    for (const { id, request, expect: expected } of NONCE_ROWS) {
      const fields = await world.boundFields('/orders', request(keys, now()))
      if ((await edge.send(toCaseRequest('/orders', fields))).allow !== expected.allow) wrong.push(id)
    }
    expect(wrong).not.toEqual([])
  } finally {
    await Promise.all([edge.close(), world.close()])
  }
})
