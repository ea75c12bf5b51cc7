// The alarm of the Durable Object in workerd: a change sets it, it purges, and it is set again while something will
// expire. The Worker of this test is one hour behind when it sets an alarm, so that it rings at once.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FOREVER } from '../../../../shared/edge.ts'
import { createRevocationObject } from '../../../../functions/cloudflare/store/revocation-object.ts'
import { CONFIGS } from '../../../support/artefact/configs.ts'
import { until } from '../../../support/time.ts'
import { startStore } from './node-database.ts'
import { bundleWorker, openStoreWorld } from './store-world.ts'

const ROOT = join(import.meta.dirname, '../../../..')

const WORKER = `
import { DurableObject } from 'cloudflare:workers'
import { createEntryKeys, createWebCrypto } from '${ROOT}/shared/edge.ts'
import { openStore } from '${ROOT}/functions/cloudflare/store/open-store.ts'
import { createRevocationObject } from '${ROOT}/functions/cloudflare/store/revocation-object.ts'
const settings = {
  keys: createEntryKeys(createWebCrypto([])),
  limits: { maxEntries: 100 },
  session: 'test',
  now: () => 2_000_000_000_000,
  report() {},
}
export const RevocationStore = createRevocationObject(
  DurableObject,
  (database) => openStore(database, settings),
  () => Date.now() - 3_600_000,
)
export default { fetch: () => new Response(null, { status: 404 }) }`

const named = (id: string, time: number) =>
  ({ kind: 'sub', issuer: 'https://a', id, notBefore: 1, until: time }) as const

test('what has expired is purged by an alarm, and what has not stays', async () => {
  const world = await openStoreWorld(CONFIGS.plain, {}, await bundleWorker(WORKER))
  try {
    const [one, other] = world.edges
    await one.revoke([named('expired', 1_999_999_699), named('not yet', 1_999_999_700)], { by: 'alice' })
    await until(async () => (await other.changesSince(null)).entries === 1)
    expect(await other.find([named('expired', 0), named('not yet', 0)])).toEqual([
      null,
      { notBefore: 1, until: 1_999_999_700 },
    ])
  } finally {
    await world.close()
  }
})

/** As `DurableObject`, over a database of Node. */
function createObject() {
  const { store, clock } = startStore()
  const alarms: number[] = []
  const storage = {
    sql: { exec: () => [] },
    transactionSync: <Result>(work: () => Result) => work(),
    getAlarm: async () => alarms.at(-1) ?? null,
    setAlarm: async (time: number) => void alarms.push(time),
  }
  const Class = createRevocationObject(
    class {
      constructor(_state: unknown, _env: unknown) {}
    },
    () => store,
    () => clock.seconds * 1_000,
  )
  return { object: new Class({ storage }, {}), alarms, clock }
}

test('the alarm is set once, and again by itself while anything will expire', async () => {
  const { object, alarms, clock } = createObject()
  const start = clock.seconds
  await object.revoke([named('a', start + 60), named('b', FOREVER)], { by: 'alice' })
  await object.revoke([named('c', FOREVER)], { by: 'alice' })
  expect(alarms).toEqual([(start + 3_600) * 1_000])
  clock.seconds += 10
  await object.alarm()
  expect(alarms.slice(1)).toEqual([(start + 3_610) * 1_000])
  clock.seconds += 3_600
  await object.alarm()
  expect(alarms.slice(2)).toEqual([])
})

test('a removal sets it, because it is remembered for a day', async () => {
  const { object, alarms, clock } = createObject()
  await object.unrevoke([named('a', 0)], { by: 'alice' })
  expect(alarms).toEqual([(clock.seconds + 3_600) * 1_000])
})
