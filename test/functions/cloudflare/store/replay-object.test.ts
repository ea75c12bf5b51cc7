// The store of used proofs in workerd, as `lanekeeper build --edge store` writes it, and Workers that are bound to it:
// of all uses of a proof one is new, whichever Worker makes it and whenever the object is ended. The alarm forgets what
// has expired.

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createReplayObject, PURGE_MS } from '../../../../functions/cloudflare/store/replay-object.ts'
import { KEPT_AFTER_SECONDS } from '../../../../functions/cloudflare/store/used-proofs.ts'
import type { LanekeeperConfig } from '../../../../shared/index.ts'
import { artefactOf } from '../../../support/artefact/build.ts'
import { CONFIGS } from '../../../support/artefact/configs.ts'
import { until } from '../../../support/time.ts'
import { createNodeDatabase, NOW } from './node-database.ts'
import { bundleWorker, COMPATIBILITY_DATE, type Fetcher } from './store-world.ts'

const ROOT = join(import.meta.dirname, '../../../..')

const { main } = CONFIGS.plain.issuers
const CONFIG: LanekeeperConfig = {
  ...CONFIGS.plain,
  issuers: { main: { ...main, senderConstraint: 'any' } },
  publicUrls: ['https://api.example.com'],
  dpop: { replay: { durableObject: 'PROOFS' } },
}

/** Makes the inserts of a request all at once, and answers with what it got. */
const PROXY = `
import { env } from 'cloudflare:workers'
import { createDurableObjectReplays } from '${ROOT}/functions/cloudflare/replays.ts'
const store = createDurableObjectReplays(env.PROOFS)
const toBytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => Number.parseInt(byte, 16))
export default {
  async fetch(request) {
    const inserts = await request.json()
    return Response.json(
      await Promise.all(inserts.map(([name, until]) => store.insert(toBytes(name), until).catch(String))),
    )
  },
}`

/** The time of workerd, which does not stand still. */
const UNTIL = Math.floor(performance.timeOrigin / 1000) + 3_600

const nameOf = (id: string): string => createHash('sha256').update(id).digest('hex')

/** A Worker with the object, or with a binding to that of the Worker `scriptName`. */
const workerWith = (name: string, contents: string, scriptName?: string) => ({
  name,
  compatibilityDate: COMPATIBILITY_DATE,
  modules: [{ type: 'ESModule' as const, path: 'index.js', contents }],
  durableObjects: {
    PROOFS: { className: 'ReplayStore', useSQLite: true, ...(scriptName && { scriptName }) },
  },
})

/** The script of the store, and Workers with the code of `PROXY` by their names. */
async function openWorkers(store: string, ...edges: readonly string[]): Promise<Miniflare> {
  const proxy = await bundleWorker(PROXY)
  const opened = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      unsafeInspectDurableObjects: true,
      log: new Log(LogLevel.NONE),
      workers: [workerWith('store', store), ...edges.map((name) => workerWith(name, proxy, 'store'))],
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await opened.ready
  return opened
}

type Insert = (ids: readonly string[], until?: number) => Promise<unknown[]>

const insertOf =
  ({ fetch }: Fetcher): Insert =>
  async (ids, until = UNTIL) => {
    const body = JSON.stringify(ids.map((id) => [nameOf(id), until]))
    const response = await fetch('http://edge.example/', { method: 'POST', body })
    return (await response.json()) as unknown[]
  }

let miniflare: Miniflare
let store: Fetcher
let edges: readonly Insert[]

beforeAll(async () => {
  miniflare = await openWorkers((await artefactOf('store', CONFIG)).files[0]!.text, 'one', 'other')
  const getWorker = async (name: string) => (await miniflare.getWorker(name)) as unknown as Fetcher
  store = await getWorker('store')
  edges = (await Promise.all(['one', 'other'].map(getWorker))).map(insertOf)
})
afterAll(() => miniflare.dispose())

const objectOf = (id: string) =>
  ({ name: `replays-${Number.parseInt(nameOf(id).slice(0, 2), 16)}` }) as Parameters<
    typeof miniflare.unsafeEvictDurableObject
  >[2]

test('a proof is new for one Worker alone, also after its object was ended', async () => {
  const [one, other] = edges
  expect(await one!(['a', 'b'])).toEqual([true, true])
  expect(await other!(['a', 'c'])).toEqual([false, true])
  await miniflare.unsafeEvictDurableObject('store', 'ReplayStore', objectOf('a'))
  expect(await one!(['a'])).toEqual([false])
  expect(await other!(['a'])).toEqual([false])
})

test('of concurrent uses of a proof through two Workers exactly one is new', async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `pair ${index}`)
  const [of, others] = await Promise.all([edges[0]!(ids), edges[1]!(ids.toReversed())])
  const together = ids.map((_, index) => [of![index], others!.at(-1 - index)])
  expect(together.filter((pair) => pair.filter((isNew) => isNew === true).length !== 1)).toEqual([])
  expect(together.flat().every((isNew) => typeof isNew === 'boolean')).toBe(true)
})

test('a time until which no name is kept is an exception, and never a new proof', async () => {
  expect(await edges[0]!(['never'], UNTIL + 10 * 365 * 86_400)).toEqual([
    expect.stringContaining('RangeError'),
  ])
  expect(await edges[0]!(['never'])).toEqual([true])
})

test('the store Worker itself has nothing at any path', async () => {
  for (const path of ['/', '/revoke', '/records']) {
    const response = await store.fetch(`https://store.example${path}`)
    expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store'])
  }
})

/** Its clock is far behind, so that every alarm rings at once, and goes on by 200 seconds whenever it is read. */
const RACING = `
import { DurableObject } from 'cloudflare:workers'
import { createReplayObject } from '${ROOT}/functions/cloudflare/store/replay-object.ts'
let time = 1_600_000_000_000
export const ReplayStore = createReplayObject(DurableObject, () => (time += 200_000))
export default { fetch: () => new Response(null, { status: 404 }) }`

test('in workerd the alarm rings by itself, until no name is left', async () => {
  const own = await openWorkers(await bundleWorker(RACING), 'one')
  try {
    const insert = insertOf((await own.getWorker('one')) as unknown as Fetcher)
    expect(await insert(['a'], 1_600_001_000)).toEqual([true])
    const storage = await own.unsafeGetDurableObjectStorage('store', 'ReplayStore', objectOf('a') as never)
    await until(async () => [...(await storage.exec('SELECT 1 FROM proofs'))].length === 0)
  } finally {
    await own.dispose()
  }
})

describe('the alarm', () => {
  function createObject() {
    const { sql } = createNodeDatabase()
    const clock = { seconds: NOW }
    const alarms: number[] = []
    let alarm: number | null = null
    const storage = {
      sql,
      transactionSync: <Result>(work: () => Result) => work(),
      getAlarm: async () => alarm,
      setAlarm: async (time: number) => void alarms.push((alarm = time)),
    }
    const Class = createReplayObject(
      class {
        constructor(_state: unknown, _env: unknown) {}
      },
      () => clock.seconds * 1_000,
    )
    const object = new Class({ storage }, {})
    let claims = 0
    return {
      alarms,
      clock,
      insert: (id: number, until: number) =>
        object.insert(new Uint8Array(32).fill(id), until, new Uint8Array(16).fill(++claims)),
      async ring() {
        alarm = null
        await object.alarm()
      },
    }
  }

  test('is set by the first name, and again by itself while there is any', async () => {
    const { insert, alarms, clock, ring } = createObject()
    expect(await insert(1, NOW + 330)).toBe(true)
    expect(await insert(2, NOW + 3_600)).toBe(true)
    expect(await insert(1, NOW + 330)).toBe(false)
    expect(alarms).toEqual([NOW * 1_000 + PURGE_MS])
    clock.seconds += 330 + KEPT_AFTER_SECONDS + 1
    await ring()
    expect(alarms.slice(1)).toEqual([clock.seconds * 1_000 + PURGE_MS])
    expect([await insert(1, clock.seconds), await insert(2, clock.seconds)]).toEqual([true, false])
    clock.seconds = NOW + 3_600 + KEPT_AFTER_SECONDS + 1
    await ring()
    expect(alarms.slice(2)).toEqual([])
    expect(await insert(2, clock.seconds)).toBe(true)
    expect(alarms.slice(2)).toEqual([clock.seconds * 1_000 + PURGE_MS])
  })
})
