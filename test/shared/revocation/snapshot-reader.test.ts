import { beforeEach, describe, expect, test } from 'vitest'
import type { ResolvedRevocation } from '../../../shared/config/config.ts'
import { FOREVER, type EntryName } from '../../../shared/revocation/entry.ts'
import { createEntryKeys } from '../../../shared/revocation/entry-keys.ts'
import { toRevocable, type Strictest } from '../../../shared/revocation/revocable.ts'
import type { RevocationReader } from '../../../shared/revocation/revocation-part.ts'
import { createSnapshotReader } from '../../../shared/revocation/snapshot-reader.ts'
import { STORE_RETRY_MS, STORE_WAIT_MS } from '../../../shared/revocation/waits.ts'
import { createDeadline } from '../../../shared/platform/deadline.ts'
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
const revocableOf = (sub: string) =>
  toRevocable('opaque', { sub, iat: 1_000 }, issuer, createEntryKeys(webCrypto))

let clock: number
let store: MemoryRevocations
let events: ReportEvent[]
let reader: RevocationReader
const user = () => revocableOf('user-1')

function openReader(settings: Partial<ResolvedRevocation> = {}): RevocationReader {
  return createSnapshotReader({ ...SETTINGS, ...settings }, ports())
}

const ports = (): Ports => ({
  fetch,
  crypto: webCrypto,
  now: () => clock,
  report: (event) => void events.push(event),
  revocations: store,
})

/** The answer, and whether it came without waiting. */
async function find(revocable = user(), isStrong = false, from = reader) {
  const found = from.find(revocable, isStrong, createDeadline(ports(), undefined))
  const isAtOnce = !(found instanceof Promise)
  return { ...((await found) as Strictest & { code?: string }), isAtOnce }
}

/** Lets work that no answer waits for end. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  clock = 1_800_000_000_000
  store = createMemoryRevocations()
  events = []
  reader = openReader()
})

describe('news', () => {
  test('the first request waits for it, later ones do not', async () => {
    await store.revoke([entry(USER)], { by: 'test' })
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: false })
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: true })
    expect(await find(revocableOf('user-2'))).toMatchObject({ notBefore: 0, isAtOnce: true })
    expect(store.calls).toEqual({ find: 0, changes: 1 })
    expect(events).toEqual([{ event: 'revocation', outcome: 'loaded', code: 'ok', entries: 1 }])
  })

  test('older than half of refreshSeconds, it is renewed behind the answer', async () => {
    await find()
    await store.revoke([entry(USER)], { by: 'test' })
    clock += 2_499
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: true })
    expect(store.calls.changes).toBe(1)
    clock += 1
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: true })
    await settle()
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: true })
    expect(store.calls.changes).toBe(2)
  })

  test('older than refreshSeconds, it is renewed before the answer', async () => {
    await find()
    await store.revoke([entry(USER)], { by: 'test' })
    clock += 5_000
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: false })
  })

  test('what was found about a token holds until the next news', async () => {
    const token = user()
    await find(token)
    await store.revoke([entry(USER)], { by: 'test' })
    clock += 5_000
    expect(await find(token)).toMatchObject({ notBefore: FOREVER })
  })

  test('an entry that was removed is gone', async () => {
    await store.revoke([entry(USER)], { by: 'test' })
    await find()
    await store.unrevoke([USER], { by: 'test' })
    clock += 5_000
    expect(await find()).toMatchObject({ notBefore: 0 })
  })

  test('of several entries the strictest counts, and one that has ended counts for nothing', async () => {
    const seconds = clock / 1000
    await store.revoke(
      [
        { ...USER, notBefore: 900, until: seconds - 1 },
        { kind: 'issuer', issuer: ISSUER, id: '', notBefore: 500, until: seconds },
      ],
      { by: 'test' },
    )
    expect(await find()).toMatchObject({ notBefore: 500 })
  })

  test('it comes in pages, all of which count', async () => {
    store.pageSize = 2
    const names = Array.from({ length: 7 }, (_, id): EntryName => ({ ...USER, id: `user-${id}` }))
    await store.revoke(
      names.map((name) => entry(name)),
      { by: 'test' },
    )
    for (const { id } of names) expect(await find(revocableOf(id))).toMatchObject({ notBefore: FOREVER })
    expect(store.calls.changes).toBe(4)
  })

  test('after a reset of the store, what was known before is void', async () => {
    await store.revoke([entry(USER)], { by: 'test' })
    await find()
    store.reset()
    await store.revoke([entry({ ...USER, id: 'user-2' })], { by: 'test' })
    clock += 5_000
    expect(await find()).toMatchObject({ notBefore: 0 })
    expect(await find(revocableOf('user-2'))).toMatchObject({ notBefore: FOREVER })
  })

  test('a page that arrives after a later load does not undo it', async () => {
    await find()
    const slow = Promise.withResolvers<void>()
    await store.revoke([entry(USER, 100)], { by: 'test' })
    clock += 5_000
    const stuck = store.changesSince!
    store.changesSince = async (version) => {
      const page = await stuck.call(store, version)
      store.changesSince = stuck
      await slow.promise
      return page
    }
    const first = find()
    elapse(STORE_WAIT_MS)
    expect(await first).toMatchObject({ notBefore: 0 })
    await store.revoke([entry(USER, 200)], { by: 'test' })
    clock += STORE_WAIT_MS
    expect(await find()).toMatchObject({ notBefore: 200 })
    slow.resolve()
    await settle()
    expect(await find()).toMatchObject({ notBefore: 200, isAtOnce: true })
  })

  test('an earlier load that a later one has overtaken goes on from there', async () => {
    await find()
    const loads: PromiseWithResolvers<void>[] = []
    const answer = store.changesSince!
    store.changesSince = async (version) => {
      const page = await answer.call(store, version)
      loads.push(Promise.withResolvers())
      await loads.at(-1)!.promise
      return page
    }
    async function beginLoad(notBefore: number) {
      await store.revoke([entry(USER, notBefore)], { by: 'test' })
      clock += 5_000
      const found = find()
      await settle()
      elapse(STORE_WAIT_MS)
      await found
    }
    await beginLoad(100)
    await beginLoad(200)
    await store.revoke([entry({ ...USER, id: 'user-2' }, 300)], { by: 'test' })
    loads[1]!.resolve()
    await settle()
    expect(loads).toHaveLength(2)
    loads[0]!.resolve()
    await settle()
    expect(loads).toHaveLength(3)
    loads[2]!.resolve()
    await settle()
    expect(await find()).toMatchObject({ notBefore: 200, isAtOnce: true })
    expect(await find(revocableOf('user-2'))).toMatchObject({ notBefore: 300, isAtOnce: true })
  })

  test('what a clock that was ahead took for expired is loaded again', async () => {
    const seconds = clock / 1000
    await store.revoke([{ ...USER, notBefore: 900, until: seconds + 3_600 }], { by: 'test' })
    const token = user()
    expect(await find(token)).toMatchObject({ notBefore: 900 })
    const more = Array.from({ length: 200 }, (_, id) => entry({ ...USER, id: `user-${id + 2}` }))
    await store.revoke(more, { by: 'test' })
    clock += 86_400_000
    expect(await find(token)).toMatchObject({ notBefore: 0 })
    clock -= 86_400_000
    expect(await find(token)).toMatchObject({ notBefore: 900 })
  })
})

describe('a store that is out of reach', () => {
  test('news answers until it is staleSeconds old, then nothing does', async () => {
    await find()
    store.isDown = true
    clock += 59_999
    expect(await find()).toMatchObject({ notBefore: 0 })
    clock += 1
    expect(await find()).toMatchObject({ code: 'revocation_unavailable' })
    expect(await find(user(), true)).toMatchObject({ code: 'revocation_unavailable' })
    store.isDown = false
    clock += STORE_RETRY_MS
    expect(await find()).toMatchObject({ notBefore: 0 })
    expect(events.map((event) => (event as { outcome: string }).outcome)).toEqual([
      'loaded',
      'failed',
      'loaded',
    ])
  })

  test('without any news nothing answers, and the store is asked about the token', async () => {
    store.isDown = true
    expect(await find()).toMatchObject({ code: 'revocation_unavailable' })
    expect(store.calls).toEqual({ find: 1, changes: 1 })
  })

  test('after a failure requests do not wait for it for a while', async () => {
    await find()
    store.isDown = true
    clock += 5_000
    await find()
    await find()
    expect(store.calls.changes).toBe(2)
    clock += STORE_RETRY_MS
    await find()
    expect(store.calls.changes).toBe(3)
  })

  test('a store that does not answer holds a request no longer than STORE_WAIT_MS', async () => {
    await find()
    store.hold = new Promise(() => {})
    clock += 5_000
    const found = find()
    elapse(STORE_WAIT_MS)
    expect(await found).toMatchObject({ notBefore: 0, isAtOnce: false })
    clock += 55_000
    const later = find()
    elapse(2 * STORE_WAIT_MS)
    expect(await later).toMatchObject({ code: 'revocation_unavailable' })
    const strong = find(user(), true)
    elapse(STORE_WAIT_MS)
    expect(await strong).toMatchObject({ code: 'revocation_unavailable' })
  })

  test('a load that never ends keeps no later one from beginning, nor do many requests begin many', async () => {
    await find()
    store.hold = new Promise(() => {})
    clock += 5_000
    const waiting = Array.from({ length: 20 }, () => find())
    elapse(STORE_WAIT_MS)
    await Promise.all(waiting)
    expect(store.calls.changes).toBe(2)
    store.hold = null
    await store.revoke([entry(USER)], { by: 'test' })
    clock += STORE_WAIT_MS
    expect(await find()).toMatchObject({ notBefore: FOREVER })
    expect(store.calls.changes).toBe(3)
  })

  test('a store that always answers late is news as old as the question', async () => {
    await find()
    const late = store.changesSince!
    const pending: (() => void)[] = []
    store.changesSince = async (version) => {
      await new Promise<void>((resolve) => void pending.push(resolve))
      return late.call(store, version)
    }
    await store.revoke([entry(USER)], { by: 'test' })
    for (let second = 0; second < 20; second++) {
      clock += 1_000
      // An answer takes two and a half seconds.
      if (pending.length > 2) pending.shift()!()
      await settle()
      const found = find()
      await settle()
      elapse(STORE_WAIT_MS)
      expect(await found).not.toHaveProperty('code')
    }
    expect(await find()).toMatchObject({ notBefore: FOREVER })
  })

  test('a clock that was set back makes every news too old', async () => {
    await find()
    await store.revoke([entry(USER)], { by: 'test' })
    clock -= 3_600_000
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: false })
    store.isDown = true
    clock -= 3_600_000
    expect(await find()).toMatchObject({ code: 'revocation_unavailable' })
  })

  test('a clock that was set back by less than the age of the news does not make the news younger', async () => {
    await find()
    store.isDown = true
    clock += 40_000
    expect(await find()).toMatchObject({ notBefore: 0 })
    clock -= 30_000
    expect(await find()).toMatchObject({ code: 'revocation_unavailable' })
    store.isDown = false
    clock += STORE_RETRY_MS
    expect(await find()).toMatchObject({ notBefore: 0 })
    clock += 1_000
    expect(await find()).toMatchObject({ notBefore: 0, isAtOnce: true })
  })

  test('two readings of the clock that are a second apart leave the news as it is', async () => {
    await find()
    clock += 2_000
    expect(await find()).toMatchObject({ isAtOnce: true })
    clock -= 1_000
    expect(await find()).toMatchObject({ isAtOnce: true })
    clock -= 1
    expect(await find()).toMatchObject({ isAtOnce: false })
  })

  test('a clock that was set forward makes it ask', async () => {
    await find()
    await store.revoke([entry(USER)], { by: 'test' })
    clock += 86_400_000
    expect(await find()).toMatchObject({ notBefore: FOREVER })
  })
})

describe('strong', () => {
  test('every request asks the store', async () => {
    expect(await find(user(), true)).toMatchObject({ notBefore: 0 })
    await store.revoke([entry(USER)], { by: 'test' })
    expect(await find(user(), true)).toMatchObject({ notBefore: FOREVER, isAtOnce: false })
    expect(store.calls).toEqual({ find: 2, changes: 0 })
  })
})

describe('more entries than there is memory for', () => {
  const MANY = Array.from({ length: 3_000 }, (_, id) => entry({ ...USER, id: `user-${id}` }))

  test('the store is asked for every request, and an event says so once', async () => {
    await store.revoke(MANY, { by: 'test' })
    reader = openReader({ memoryBytes: 65_536 })
    expect(await find(revocableOf('user-2999'))).toMatchObject({ notBefore: FOREVER })
    expect(await find(revocableOf('nobody'))).toMatchObject({ notBefore: 0 })
    expect(store.calls.find).toBe(2)
    expect(events).toEqual([{ event: 'revocation', outcome: 'full', code: 'memory', entries: 3_000 }])
    store.isDown = true
    expect(await find(revocableOf('nobody'))).toMatchObject({ code: 'revocation_unavailable' })
  })

  test('once there is room, the snapshot answers again', async () => {
    await store.revoke(MANY, { by: 'test' })
    reader = openReader({ memoryBytes: 65_536 })
    await find()
    store.reset()
    await store.revoke([entry(USER)], { by: 'test' })
    clock += 60_000
    await find()
    await settle()
    expect(await find()).toMatchObject({ notBefore: FOREVER, isAtOnce: true })
  })
})
