import { beforeEach, describe, expect, test } from 'vitest'
import type { ResolvedRevocation } from '../../../shared/config/config.ts'
import { FOREVER, type EntryName } from '../../../shared/revocation/entry.ts'
import { createEntryKeys } from '../../../shared/revocation/entry-keys.ts'
import { createLookupReader, FIRST_WAIT_MS, TRY_AGAIN_MS } from '../../../shared/revocation/lookup-reader.ts'
import { toRevocable, type Revocable, type Strictest } from '../../../shared/revocation/revocable.ts'
import type { RevocationReader } from '../../../shared/revocation/revocation-part.ts'
import { STORE_RETRY_MS, STORE_WAIT_MS } from '../../../shared/revocation/waits.ts'
import { createDeadline, REQUEST_MS } from '../../../shared/platform/deadline.ts'
import { resolveConfig, webCrypto, type Ports, type ReportEvent } from '../../../shared/index.ts'
import { createMemoryRevocations, entry, type MemoryRevocations } from '../../support/memory-revocations.ts'
import { elapse } from '../../support/time.ts'

const ISSUER = 'https://issuer.example'
const issuer = resolveConfig({
  issuers: {
    main: {
      issuer: ISSUER,
      audience: 'api',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
}).issuers.get(ISSUER)!

const SETTINGS = { refreshSeconds: 5, staleSeconds: 60, memoryBytes: 1_048_576 } as ResolvedRevocation
const USER: EntryName = { kind: 'sub', issuer: ISSUER, id: 'user-1' }
const JTI: EntryName = { kind: 'jti', issuer: ISSUER, id: 'jti-1' }
const keys = createEntryKeys(webCrypto)
const revocableOf = (sub: string, more = {}, token = `token of ${sub}`): Revocable =>
  toRevocable(token, { sub, iat: 1_000, ...more }, issuer, keys)

const START = 1_800_000_000_000
const AUTHOR = { by: 'test' }

let clock: number
let store: MemoryRevocations
let events: ReportEvent[]
let kept: Promise<unknown>[]
let reader: RevocationReader
let user: Revocable

const ports = (): Ports => ({
  fetch,
  crypto: webCrypto,
  now: () => clock,
  report: (event) => void events.push(event),
  revocations: store,
})

const openReader = (settings: Partial<ResolvedRevocation> = {}): RevocationReader =>
  createLookupReader({ ...SETTINGS, ...settings }, ports())

/** The answer, and whether it came without waiting. */
async function find(revocable = user, isStrong = false, from = reader) {
  const deadline = createDeadline(ports(), (work) => void kept.push(work))
  const found = from.find(revocable, isStrong, deadline)
  const isAtOnce = !(found instanceof Promise)
  return { ...((await found) as Strictest & { code?: string; detail?: object }), isAtOnce }
}

/** Lets work that no answer waits for end. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

const UNAVAILABLE = (problem: string) => ({ code: 'revocation_unavailable', detail: { problem } })
const codes = () => events.map((event) => ('outcome' in event ? `${event.outcome} ${event.code}` : ''))

function holdStore(): () => void {
  let release = () => {}
  store.hold = new Promise<void>((resolve) => (release = resolve))
  return () => {
    store.hold = null
    release()
  }
}

beforeEach(() => {
  clock = START
  store = createMemoryRevocations()
  events = []
  kept = []
  reader = openReader()
  user = revocableOf('user-1')
})

describe('an answer that arrives late', () => {
  test('is asked for again where it was asked for before the function was frozen', async () => {
    const release = holdStore()
    const first = find()
    await settle()
    elapse(FIRST_WAIT_MS)
    expect(await first).toMatchObject(UNAVAILABLE('timeout'))
    clock += 600_000
    const second = find()
    await settle()
    await Promise.all([release(), store.revoke([entry(USER, 900)], AUTHOR)])
    expect(await second).toMatchObject({ notBefore: 900 })
    expect(store.calls.find).toBe(2)
  })

  test('hides no later answer where it was asked for by a clock that was ahead', async () => {
    const release = holdStore()
    const first = find()
    await settle()
    clock -= 600_000
    release()
    await first
    await store.revoke([entry(USER, 900)], AUTHOR)
    clock += 5_000
    expect(await find()).toMatchObject({ notBefore: 900 })
    clock += 595_100
    expect(await find()).toMatchObject({ notBefore: 900 })
  })
})

describe('memory', () => {
  test('the first request with a token asks, later ones do not', async () => {
    expect(await find()).toEqual({ notBefore: 0, index: 0, isAtOnce: false })
    expect(await find()).toEqual({ notBefore: 0, index: 0, isAtOnce: true })
    expect(store.calls).toEqual({ find: 1, changes: 0 })
    expect(await find(revocableOf('user-2'))).toMatchObject({ isAtOnce: false })
    expect(store.calls.find).toBe(2)
  })

  test('a revocation is seen when the answer in memory is refreshSeconds old, and not before', async () => {
    await find()
    await store.revoke([entry(USER, 900)], AUTHOR)
    clock += 4_999
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: true })
    clock += 1
    expect(await find()).toMatchObject({ notBefore: 900, isAtOnce: false })
    expect(await find()).toMatchObject({ notBefore: 900, isAtOnce: true })
    expect(user.kinds[(await find()).index]).toBe('sub')
  })

  test('an entry that was removed is forgotten in the same time', async () => {
    await store.revoke([entry(USER)], AUTHOR)
    expect(await find()).toMatchObject({ notBefore: FOREVER })
    await store.unrevoke([USER], AUTHOR)
    expect(await find()).toMatchObject({ notBefore: FOREVER })
    clock += 5_000
    expect(await find()).toMatchObject({ notBefore: 0 })
  })

  test('an answer is as old as the request for it', async () => {
    const release = holdStore()
    const first = find()
    clock += 3_000
    release()
    await first
    await store.revoke([entry(USER)], AUTHOR)
    clock += 1_999
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: true })
    clock += 1
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: false })
  })

  test('of several entries the strictest counts, until it ends', async () => {
    const token = revocableOf('user-1', { jti: 'jti-1' })
    const seconds = START / 1000
    await store.revoke([{ ...JTI, notBefore: FOREVER, until: seconds + 2 }, entry(USER, 900)], AUTHOR)
    expect(token.kinds[(await find(token)).index]).toBe('jti')
    clock += 2_000
    expect(await find(token)).toMatchObject({ notBefore: FOREVER, isAtOnce: true })
    clock += 1_000
    expect(await find(token)).toMatchObject({ notBefore: 900, isAtOnce: true })
    expect(token.kinds[(await find(token)).index]).toBe('sub')
  })

  test('it is bounded by memoryBytes; what is forgotten is asked for again', async () => {
    const small = openReader({ memoryBytes: 65_536 })
    const tokens = Array.from({ length: 200 }, (_, index) => revocableOf(`user-${index}`))
    for (const token of tokens) await find(token, false, small)
    expect(store.calls.find).toBe(200)
    const isAtOnce = async (token: Revocable) => (await find(token, false, small)).isAtOnce
    expect(await isAtOnce(tokens.at(-1)!)).toBe(true)
    expect(await isAtOnce(tokens[0]!)).toBe(false)
    expect(store.calls.find).toBe(201)
    for (const token of tokens) await find(token)
    expect((await find(tokens[0])).isAtOnce).toBe(true)
  })

  test('two instances share nothing', async () => {
    const other = openReader()
    await find()
    await find(user, false, other)
    await store.revoke([entry(USER)], AUTHOR)
    clock += 5_000
    expect(await find()).toMatchObject({ notBefore: FOREVER })
    expect(await find(user, false, other)).toMatchObject({ notBefore: FOREVER })
    expect(store.calls.find).toBe(4)
  })
})

describe('concurrent requests', () => {
  test('share one look-up of a token', async () => {
    const answers = await Promise.all([find(), find(), find(revocableOf('user-1'))])
    expect(answers.map(({ notBefore }) => notBefore)).toEqual([0, 0, 0])
    expect(store.calls.find).toBe(1)
  })

  test('do not share it where the claims of an opaque token have changed', async () => {
    await store.revoke([entry(JTI)], AUTHOR)
    const changed = revocableOf('user-1', { jti: 'jti-1' })
    const [before, after] = await Promise.all([find(), find(changed)])
    expect(before).toMatchObject({ notBefore: 0 })
    expect(after).toMatchObject({ notBefore: FOREVER })
    expect(changed.kinds[after.index]).toBe('jti')
  })
})

describe('strong', () => {
  test('asks for every request, and what it finds is remembered', async () => {
    await find()
    await store.revoke([entry(USER)], AUTHOR)
    expect(await find()).toMatchObject({ notBefore: 0 })
    expect(await find(user, true)).toMatchObject({ notBefore: FOREVER })
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: true })
    expect(store.calls.find).toBe(2)
  })

  test('joins no look-up that began before it', async () => {
    const release = holdStore()
    const [one, two] = [find(user, true), find(user, true)]
    release()
    await Promise.all([one, two])
    expect(store.calls.find).toBe(2)
  })

  test('is refused at once without an answer, whatever is in memory', async () => {
    await find()
    store.isDown = true
    expect(await find(user, true)).toMatchObject(UNAVAILABLE('store_unreachable'))
    expect(await find(user, true)).toMatchObject(UNAVAILABLE('store_unreachable'))
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: true })
  })

  test('does not wait for ever', async () => {
    const release = holdStore()
    const waiting = find(user, true)
    await settle()
    elapse(FIRST_WAIT_MS)
    expect(await waiting).toMatchObject(UNAVAILABLE('timeout'))
    release()
  })
})

describe('a store out of reach', () => {
  test('for less than staleSeconds: answers from memory; for longer: 503', async () => {
    await store.revoke([entry(USER, 900)], AUTHOR)
    await find()
    store.isDown = true
    for (const age of [5_000, 30_000, 59_999]) {
      clock = START + age
      expect(await find()).toMatchObject({ notBefore: 900 })
    }
    clock = START + 60_000
    expect(await find()).toMatchObject(UNAVAILABLE('store_unreachable'))
    store.isDown = false
    expect(await find()).toMatchObject({ notBefore: 900 })
  })

  test('a token that was never asked for is refused with 503, and never allowed', async () => {
    store.isDown = true
    expect(await find()).toMatchObject(UNAVAILABLE('store_unreachable'))
    expect(await find()).toMatchObject(UNAVAILABLE('store_unreachable'))
    store.isDown = false
    expect(await find()).toMatchObject({ notBefore: 0 })
  })

  test('after a failure no request is kept waiting for a second', async () => {
    await find()
    store.isDown = true
    clock += 5_000
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: false })
    clock += STORE_RETRY_MS - 1
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: true })
    expect(store.calls.find).toBe(2)
    clock += 1
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: false })
    expect(store.calls.find).toBe(3)
  })

  test('a store that hangs holds up one request for a second, and then one each second for a quarter', async () => {
    await find()
    const release = holdStore()
    clock += 5_000
    const first = find()
    await settle()
    elapse(STORE_WAIT_MS)
    expect(await first).toMatchObject({ notBefore: 0, isAtOnce: false })
    clock += STORE_RETRY_MS
    const [second, third] = [find(), find()]
    expect(await third).toMatchObject({ notBefore: 0, isAtOnce: true })
    elapse(TRY_AGAIN_MS)
    expect(await second).toMatchObject({ notBefore: 0, isAtOnce: false })
    // What is under way behind the answers counts when it ends.
    release()
    await Promise.all(kept)
    expect(codes()).toEqual(['loaded ok', 'failed timeout', 'loaded ok'])
  })

  test('a token that is new waits longer for a store that hangs, and is refused then', async () => {
    const release = holdStore()
    const waiting = find()
    await settle()
    elapse(FIRST_WAIT_MS)
    expect(await waiting).toMatchObject(UNAVAILABLE('timeout'))
    release()
  })

  test('the time limit of the request is kept', async () => {
    const release = holdStore()
    const deadline = createDeadline(ports(), undefined)
    deadline.waitUntil(Promise.resolve())
    await settle()
    elapse(REQUEST_MS)
    expect(await reader.find(user, false, deadline)).toEqual({ code: 'deadline_exceeded' })
    release()
  })

  test('is reported once, and once when it is back', async () => {
    await find()
    await find(revocableOf('user-2'))
    store.isDown = true
    clock += 5_000
    for (let request = 0; request < 5; request++) {
      await find()
      clock += 1_000
    }
    store.isDown = false
    await find()
    await find()
    expect(events).toEqual([
      { event: 'revocation', outcome: 'loaded', code: 'ok' },
      { event: 'revocation', outcome: 'failed', code: 'store_unreachable' },
      { event: 'revocation', outcome: 'loaded', code: 'ok', seconds: 5 },
    ])
  })

  test('at the start: reported as failed, and then as loaded', async () => {
    store.isDown = true
    await find()
    store.isDown = false
    await find()
    expect(codes()).toEqual(['failed store_unreachable', 'loaded ok'])
  })

  test('an instance that was frozen takes a broken look-up for no failure of the store', async () => {
    await find()
    clock += 5_000
    const release = holdStore()
    const waiting = find()
    await settle()
    elapse(STORE_WAIT_MS)
    await waiting
    clock += 40_000
    store.isDown = true
    release()
    await Promise.all(kept)
    store.isDown = false
    await store.revoke([entry(USER)], AUTHOR)
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: false })
  })
})

describe('the clock', () => {
  test.each([
    ['back by a second', -1_000],
    ['back by a day', -86_400_000],
    ['forward by a day', 86_400_000],
  ])('set %s: the store is asked anew', async (_, step) => {
    await find()
    clock += 2_000
    await find()
    await store.revoke([entry(USER)], AUTHOR)
    clock += step
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: false })
  })

  test.each([
    ['back by a second', -1_000],
    ['forward by a day', 86_400_000],
  ])(
    'set %s while the store is out of reach: 503, because nothing tells how old the memory is',
    async (_, step) => {
      await find()
      clock += 2_000
      await find()
      store.isDown = true
      clock += step
      expect(await find()).toMatchObject(UNAVAILABLE('store_unreachable'))
    },
  )

  test('set forth and back again: what was read in between is not trusted', async () => {
    clock += 86_400_000
    await find()
    clock -= 86_400_000
    await store.revoke([entry(USER)], AUTHOR)
    expect(await find()).toMatchObject({ notBefore: FOREVER })
  })

  test('set back while the store is asked: it is asked again', async () => {
    clock += 10_000
    const release = holdStore()
    const waiting = find()
    clock -= 10_000
    release()
    expect(await waiting).toMatchObject({ notBefore: 0 })
    expect(store.calls.find).toBe(2)
    await store.revoke([entry(USER)], AUTHOR)
    clock += 5_000
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: false })
  })
})
