import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ResolvedDpop } from '../../../../shared/config/config.ts'
import type { Failure } from '../../../../shared/failures/failure.ts'
import { createDeadline, REQUEST_MS } from '../../../../shared/platform/deadline.ts'
import { STORE_WAIT_MS } from '../../../../shared/revocation/waits.ts'
import { createReplayCheck } from '../../../../shared/sender/dpop/replay.ts'
import { createStoreCheck, FIRST_REPLAY_WAIT_MS } from '../../../../shared/sender/dpop/store-check.ts'
import type { ReplayStore } from '../../../../shared/sender/dpop/replay-store.ts'
import { webCrypto, type Ports, type ReportEvent } from '../../../../shared/index.ts'
import { elapse } from '../../../support/time.ts'

const NOW = 1_900_000_000
const SETTINGS = { replay: { memoryBytes: 65_536 } } as ResolvedDpop

const STRONG = { replay: 'strong' } as const
const PLAIN = {}

const PROOF = { thumbprint: 'k', jti: 'j', until: NOW + 330 }

type Inserted = ReturnType<ReplayStore['insert']>

let events: ReportEvent[]
let asked: [name: string, until: number][]
let answer: (name: string) => Inserted

const ports = (): Ports => ({
  fetch,
  crypto: webCrypto,
  now: () => NOW * 1_000,
  report: (event) => void events.push(event),
  replays: {
    insert(name, until) {
      const text = Buffer.from(name).toString('hex')
      asked.push([text, until])
      return answer(text)
    },
  },
})

/** One instance. */
function openInstance() {
  const check = createReplayCheck(SETTINGS, ports(), createStoreCheck)
  return async (route: typeof STRONG | typeof PLAIN, proof: Partial<typeof PROOF> = {}) => {
    const failed: Failure | null = await check(
      { ...PROOF, ...proof },
      route,
      NOW,
      createDeadline(ports(), undefined),
    )
    return failed === null ? 'passes' : [failed.code, failed.detail]
  }
}

const BY_INSTANCE = ['dpop_proof_replayed', { seen_by: 'instance' }]
const BY_STORE = ['dpop_proof_replayed', { seen_by: 'store' }]
const TIMEOUT = ['replay_unavailable', { why: 'timeout' }]
const FAILED = ['replay_unavailable', { why: 'store_failed' }]

beforeEach(() => {
  events = []
  asked = []
  const used = new Set<string>()
  answer = async (name) => !used.has(name) && used.add(name) !== null
})

describe('a proof', () => {
  test.each([
    ['another jti', { jti: 'j2' }],
    ['another key', { thumbprint: 'k2' }],
    ['a jti that continues the thumbprint', { thumbprint: 'kj', jti: '' }],
  ])('passes once, and one with %s passes, too', async (_, other) => {
    for (const route of [STRONG, PLAIN]) {
      const check = openInstance()
      asked = []
      answer = async () => true
      expect(await check(route)).toBe('passes')
      expect(await check(route)).toEqual(BY_INSTANCE)
      expect(await check(route, other)).toBe('passes')
    }
  })

  test('is named by the hash of its thumbprint, a zero octet and its jti, and never by its text', async () => {
    await openInstance()(STRONG)
    expect(asked).toEqual([[createHash('sha256').update('k\0j').digest('hex'), NOW + 330]])
  })

  test('the store keeps it for whole seconds, and never too few', async () => {
    await openInstance()(STRONG, { until: NOW + 330.2 })
    expect(asked).toMatchObject([[expect.any(String), NOW + 331]])
  })
})

describe('a proof that another instance has seen', () => {
  test('is refused where the route is strong', async () => {
    const [one, other] = [openInstance(), openInstance()]
    expect(await one(STRONG)).toBe('passes')
    expect(await other(STRONG)).toEqual(BY_STORE)
  })

  test('passes where the route is not, and the store is not asked', async () => {
    const [one, other] = [openInstance(), openInstance()]
    expect([await one(PLAIN), await other(PLAIN)]).toEqual(['passes', 'passes'])
    expect(asked).toEqual([])
  })

  test('is not asked about again by the instance that knows it now', async () => {
    const [one, other] = [openInstance(), openInstance()]
    await one(STRONG)
    await other(STRONG)
    expect([await other(STRONG), await other(PLAIN)]).toEqual([BY_INSTANCE, BY_INSTANCE])
    expect(asked).toHaveLength(2)
  })

  test('of two concurrent uses one passes: in one instance, and in two', async () => {
    const [one, other] = [openInstance(), openInstance()]
    for (const [first, second] of [
      [one, one],
      [one, other],
    ] as const) {
      const jti = `both ${first === second}`
      const outcomes = await Promise.all([first(STRONG, { jti }), second(STRONG, { jti })])
      expect(outcomes).toEqual(['passes', BY_STORE])
    }
  })

  test('a proof that the instance accepted for another route meanwhile is refused', async () => {
    const check = openInstance()
    let tell = (_: boolean) => {}
    answer = () => new Promise((resolve) => (tell = resolve))
    const waiting = check(STRONG)
    expect(await check(PLAIN)).toBe('passes')
    tell(true)
    expect(await waiting).toEqual(BY_INSTANCE)
  })
})

describe('a store that does not tell', () => {
  test.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['answers nothing', async () => undefined],
    ['answers null', async () => null],
    ['answers a number', async () => 1],
    ['answers a text', async () => 'true'],
    ['answers an object', async () => ({ code: 'dpop_proof_replayed' })],
    ['returns no promise', () => true],
  ])('and %s: 503, and the same proof passes once the store answers', async (_, broken) => {
    const check = openInstance()
    const working = answer
    answer = broken as typeof answer
    expect(await check(STRONG)).toEqual(FAILED)
    expect(await check(STRONG)).toEqual(FAILED)
    answer = working
    expect([await check(STRONG), await check(STRONG)]).toEqual(['passes', BY_INSTANCE])
  })

  /** Whether a check still waits after some time. */
  async function waits(work: Promise<unknown>, ms: number): Promise<boolean> {
    elapse(ms)
    let isDone = false
    void work.then(() => (isDone = true))
    await new Promise((resolve) => setImmediate(resolve))
    return !isDone
  }

  test('is waited for longer before it has answered once', async () => {
    const check = openInstance()
    const working = answer
    answer = () => new Promise(() => {})
    const first = check(STRONG)
    expect(await waits(first, FIRST_REPLAY_WAIT_MS - 1)).toBe(true)
    expect(await waits(first, 1)).toBe(false)
    expect(await first).toEqual(TIMEOUT)
    answer = working
    expect(await check(STRONG)).toBe('passes')
    answer = () => new Promise(() => {})
    const later = check(STRONG, { jti: 'later' })
    expect(await waits(later, STORE_WAIT_MS - 1)).toBe(true)
    expect(await waits(later, 1)).toBe(false)
    expect(await later).toEqual(TIMEOUT)
    expect(FIRST_REPLAY_WAIT_MS).toBeLessThan(REQUEST_MS)
  })

  test('keeps no edge waiting for longer that answers after its work alone', async () => {
    answer = () => new Promise(() => {})
    const work: Promise<unknown>[] = []
    const deadline = createDeadline(ports(), (pending) => void work.push(pending))
    const waiting = createReplayCheck(SETTINGS, ports(), createStoreCheck)(PROOF, STRONG, NOW, deadline)
    elapse(FIRST_REPLAY_WAIT_MS)
    expect(await waiting).toMatchObject({ code: 'replay_unavailable' })
    expect(await Promise.all(work)).toHaveLength(1)
    expect(deadline.read().fetches).toBe(1)
  })

  test('which has inserted the proof all the same refuses it then', async () => {
    const check = openInstance()
    const working = answer
    answer = async (name) => {
      await working(name)
      throw new Error('the answer was lost')
    }
    expect(await check(STRONG)).toEqual(FAILED)
    answer = working
    expect(await check(STRONG)).toEqual(BY_STORE)
  })

  test('is not asked about routes that do not demand it', async () => {
    answer = () => Promise.reject(new Error('down'))
    const check = openInstance()
    expect([await check(PLAIN), await check(PLAIN)]).toEqual(['passes', BY_INSTANCE])
  })

  test('is reported when it begins to fail, and again after it has answered', async () => {
    const check = openInstance()
    const working = answer
    for (const jti of ['1', '2']) {
      answer = () => Promise.reject(new Error('down'))
      await check(STRONG, { jti })
      await check(STRONG, { jti })
      answer = working
      await check(STRONG, { jti })
    }
    const event = { event: 'replay', outcome: 'failed', code: 'store_failed' }
    expect(events).toEqual([event, event])
  })

  test('which rejects after the time is up disturbs nothing', async () => {
    const check = openInstance()
    let fail = (_: Error) => {}
    answer = () => new Promise((_, reject) => (fail = reject))
    const waiting = check(STRONG)
    elapse(FIRST_REPLAY_WAIT_MS)
    expect(await waiting).toEqual(TIMEOUT)
    fail(new Error('late'))
    await new Promise((resolve) => setImmediate(resolve))
  })

  test('costs no more time than the request has', async () => {
    answer = () => new Promise(() => {})
    const deadline = createDeadline(ports(), undefined)
    deadline.waitUntil(Promise.resolve())
    elapse(REQUEST_MS)
    const check = createReplayCheck(SETTINGS, ports(), createStoreCheck)
    expect(await check(PROOF, STRONG, NOW, deadline)).toMatchObject({ code: 'deadline_exceeded' })
  })
})
