// Used proofs in two instances of each edge over one store: what one instance has seen the other one refuses, and of
// two concurrent uses of a proof exactly one passes. A store that is down or slow is 503, never 401 and never a pass.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DecisionReport, ReportEvent } from '../../shared/index.ts'
import { STORE_WAIT_MS } from '../../shared/revocation/waits.ts'
import { FIRST_REPLAY_WAIT_MS } from '../../shared/sender/dpop/store-check.ts'
import {
  openReplayPair,
  usePairs,
  type ReplayInstance,
  type ReplayPair,
  type ReplayPath,
} from '../support/replay-pair.ts'
import { until } from '../support/time.ts'

const codesIn = (events: readonly ReportEvent[]) =>
  events
    .filter((event): event is DecisionReport => event.event === 'decision')
    .map(({ code, detail }) => [code, detail])

const BY_INSTANCE = ['dpop_proof_replayed', { seen_by: 'instance' }]
const BY_STORE = ['dpop_proof_replayed', { seen_by: 'store' }]
const PASSES = ['access_token', undefined]

describe.each(['core', 'cloudflare', 'aws'] as const)('%s', (edge) => {
  let pair: ReplayPair
  let one: ReplayInstance
  let other: ReplayInstance

  beforeAll(async () => {
    pair = await openReplayPair(edge)
    ;[one, other] = pair.instances as [ReplayInstance, ReplayInstance]
  })
  afterAll(() => pair.close())
  beforeEach(async () => {
    await pair.setStore('answer')
    for (const instance of pair.instances) await instance.takeEvents()
  })

  /** Sends a proof to instances in turn, and returns their outcomes and codes. */
  async function use(path: ReplayPath, proof: string, ...instances: readonly ReplayInstance[]) {
    const uses: unknown[] = []
    for (const instance of instances) {
      const outcome = await instance.send(path, proof)
      uses.push([outcome, ...codesIn(await instance.takeEvents())])
    }
    return uses
  }

  test('a proof that another instance has seen is refused where the route is strong', async () => {
    expect(await use('/strong', pair.prove('/strong'), one, other, one)).toEqual([
      ['passes', PASSES],
      ['refused', BY_STORE],
      ['refused', BY_INSTANCE],
    ])
  })

  test('on a route that is not, each instance refuses what it has seen itself', async () => {
    const before = await pair.storeCalls()
    expect(await use('/plain', pair.prove('/plain'), one, one, other, other)).toEqual([
      ['passes', PASSES],
      ['refused', BY_INSTANCE],
      ['passes', PASSES],
      ['refused', BY_INSTANCE],
    ])
    expect(await pair.storeCalls()).toBe(before)
  })

  test('another proof of the same client passes', async () => {
    for (const path of ['/strong', '/plain'] as const)
      for (const instance of pair.instances)
        expect(await instance.send(path, pair.prove(path))).toBe('passes')
  })

  test('the second spelling of a signature, and another signature, are the same proof', async () => {
    const claims = { jti: `spelled on ${edge}` }
    const proof = pair.prove('/strong', { claims })
    const [header, payload, signature] = proof.split('.')
    const bytes = Buffer.from(signature!, 'base64url')
    // n of P-256 (SEC 2, section 2.4.2), minus s.
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    const flipped = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')
    const spelledAgain = [
      header,
      payload,
      Buffer.concat([bytes.subarray(0, 32), flipped]).toString('base64url'),
    ].join('.')
    expect(await use('/strong', proof, one)).toEqual([['passes', PASSES]])
    expect(await use('/strong', spelledAgain, other, one)).toEqual([
      ['refused', BY_STORE],
      ['refused', BY_INSTANCE],
    ])
    expect(await use('/strong', pair.prove('/strong', { claims }), other)).toEqual([['refused', BY_INSTANCE]])
    const twin = { claims: { jti: `another on ${edge}` } }
    expect(await use('/strong', pair.prove('/strong', twin), other)).toEqual([['passes', PASSES]])
  })

  test('of two concurrent uses of a proof exactly one passes, 200 times', async () => {
    const passed = await usePairs(pair, 200)
    expect(passed.filter((count) => count !== 1)).toEqual([])
    expect(passed).toHaveLength(200)
  })

  test('without strong both of them pass: the pairs are concurrent uses of one proof', async () => {
    expect(new Set(await usePairs(pair, 20, '/plain'))).toEqual(new Set([2]))
  })

  test('a store that is down: 503 each time, and the same proof passes once it answers', async () => {
    await pair.setStore('fail')
    const proof = pair.prove('/strong')
    const failed = ['unavailable', ['replay_unavailable', { why: 'store_failed' }]]
    expect(await use('/strong', proof, one, one, other)).toEqual([failed, failed, failed])
    expect(await use('/plain', pair.prove('/plain'), one)).toEqual([['passes', PASSES]])
    await pair.setStore('answer')
    expect(await use('/strong', proof, one, other, one)).toEqual([
      ['passes', PASSES],
      ['refused', BY_STORE],
      ['refused', BY_INSTANCE],
    ])
  })

  test('a store that is slow: 503 after the bound', async () => {
    // It has answered each instance before.
    for (const instance of pair.instances)
      expect(await instance.send('/strong', pair.prove('/strong'))).toBe('passes')
    await one.takeEvents()
    await pair.setStore('hold')
    const before = await pair.storeCalls()
    let outcome: string | undefined
    void one.send('/strong', pair.prove('/strong')).then((ended) => (outcome = ended))
    await until(async () => (await pair.storeCalls()) > before)
    await pair.elapse(STORE_WAIT_MS - 1)
    await until(async () => (await other.send('/plain', pair.prove('/plain'))) === 'passes')
    expect(outcome).toBeUndefined()
    await pair.elapse(1)
    await until(() => outcome !== undefined)
    expect(outcome).toBe('unavailable')
    expect(codesIn(await one.takeEvents())).toEqual([['replay_unavailable', { why: 'timeout' }]])
    expect(FIRST_REPLAY_WAIT_MS).toBeGreaterThan(STORE_WAIT_MS)
  })
})
