// The built store Worker in workerd, and two Workers that are bound to it: what one revokes the other one finds.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FOREVER, type NewEntry } from '../../../../shared/edge.ts'
import type { LanekeeperConfig } from '../../../../shared/index.ts'
import { CONFIGS } from '../../../support/artefact/configs.ts'
import { openStoreWorld, type StoreWorld } from './store-world.ts'

const CONFIG: LanekeeperConfig = { ...CONFIGS.plain, revocation: { durableObject: 'REVOCATIONS' } }
const ISSUER = CONFIGS.plain.issuers.main.issuer
const AUTHOR = { by: 'alice' }

const entry = (id: string, more: Partial<NewEntry> = {}): NewEntry => ({
  ...{ kind: 'sub', issuer: ISSUER, id, notBefore: 1_900_000_000, until: FOREVER },
  ...more,
})

let world: StoreWorld
beforeAll(async () => {
  world = await openStoreWorld(CONFIG)
})
afterAll(() => world.close())

test('what one Worker revokes the other one finds, and what it removes the other one finds no more', async () => {
  const [one, other] = world.edges
  expect(await one.revoke([entry('a'), entry('b')], AUTHOR)).toEqual(['stored', 'stored'])
  const times = { notBefore: 1_900_000_000, until: FOREVER }
  expect(await other.find([entry('a'), entry('z'), entry('b')])).toEqual([times, null, times])
  const { version } = await other.changesSince(null)
  expect(await other.unrevoke([entry('a')], AUTHOR)).toEqual([true])
  expect(await one.find([entry('a'), entry('b')])).toEqual([null, times])
  expect(await one.changesSince(version)).toMatchObject({
    isReset: false,
    hasMore: false,
    changes: expect.stringMatching(/^[0-9a-f]{24}00000000[0-9a-f]{8}$/),
  })
})

test('an object that was ended goes on where it was', async () => {
  const [one, other] = world.edges
  await one.revoke([entry('before')], AUTHOR)
  const { version } = await one.changesSince(null)
  await world.evict()
  await other.revoke([entry('after')], AUTHOR)
  expect(await other.find([entry('before')])).not.toEqual([null])
  const answer = await one.changesSince(version)
  expect([answer.isReset, answer.changes.length]).toEqual([false, 40])
})

test('1,000 calls at once, out of order, repeated and through both Workers, come to the latest times', async () => {
  const ids = Array.from({ length: 250 }, (_, index) => `user ${index}`)
  const calls = ids
    .flatMap((id, index) =>
      [1, 3, 2, 3].map((step) => entry(id, { notBefore: 1_000 * step + index, until: 9_000 - 1_000 * step })),
    )
    .toSorted((given, than) => ((given.notBefore * 7_919) % 1_009) - ((than.notBefore * 7_919) % 1_009))
  const before = (await world.edges[0].changesSince(null)).entries
  // A request for every hundred calls: a few sockets do.
  const batches = Array.from({ length: 10 }, (_, index) => calls.slice(index * 100, index * 100 + 100))
  const outcomes = await Promise.all(
    batches.map((batch, index) => world.edges[index % 2 === 0 ? 0 : 1].revokeEach(batch, AUTHOR)),
  )
  expect(new Set(outcomes.flat(2))).toEqual(new Set(['stored', 'known']))
  const found = await world.edges[1].find(ids.map((id) => entry(id)))
  expect(found).toEqual(ids.map((_, index) => ({ notBefore: 3_000 + index, until: 8_000 })))
  expect((await world.edges[0].changesSince(null)).entries).toBe(before + 250)
})

test('the database that was emptied under a running object answers no reader that there is no entry', async () => {
  const own = await openStoreWorld(CONFIG)
  try {
    const [one] = own.edges
    await one.revoke([entry('a')], AUTHOR)
    const { version } = await one.changesSince(null)
    for (const table of ['entries', 'records', 'sessions', 'state']) await own.sql(`DROP TABLE ${table}`)
    await expect(one.find([entry('a')])).rejects.toThrow('no such table')
    await own.evict()
    expect(await one.changesSince(version)).toMatchObject({ isReset: true, entries: 0 })
    expect(await one.find([entry('a')])).toEqual([null])
  } finally {
    await own.close()
  }
})

describe('without revocation.admin', () => {
  test.each([
    ['POST', '/revoke'],
    ['POST', '/unrevoke'],
    ['GET', '/revocations'],
    ['GET', '/records'],
    ['GET', '/'],
    ['OPTIONS', '/revoke'],
  ])('%s %s is answered with 404', async (method, path) => {
    const response = await world.ask(path, { method })
    expect(response.status).toBe(404)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})
