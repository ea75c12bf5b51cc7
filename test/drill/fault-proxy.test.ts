// The proxy and its lies, as a plain client sees them: what it serves, and what it records.

import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts'
import { INSTANCE_HEADER } from './instance-header.ts'
import { elapse, until } from '../support/time.ts'
import { LIES, type LieName } from './lies.ts'

const KEYS = [{ kid: 'a' }, { kid: 'b' }]
const OTHER_KEYS = [{ kid: 'x' }]

let proxy: FaultProxy
let upstream: string

const server = createServer((request, response) => {
  const document =
    request.url === '/jwks' ? { keys: KEYS } : { issuer: proxy.url, jwks_uri: `${proxy.url}/jwks` }
  response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
})

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => void server.close())

beforeEach(async () => {
  proxy = await startFaultProxy()
  proxy.setUpstream(upstream)
  proxy.setOtherKeys(OTHER_KEYS)
  return () => proxy.close()
})

const PATIENCE_MS = 300
/** Lies that never end by themselves. */
const ENDLESS: readonly LieName[] = ['hang', 'slow drip']

const ask = (path: string, instance: string | null = 'one') =>
  fetch(`${proxy.url}${path}`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(instance === null ? {} : { headers: { [INSTANCE_HEADER]: instance } }),
  })

/** As an edge would: it stops at metadata that it refuses. */
async function tryKeys(name?: LieName): Promise<void> {
  await (await ask('/.well-known/openid-configuration')).text()
  if (name !== undefined && LIES[name].of === 'metadata') return
  await (await ask('/jwks')).text()
}

const heldBy = (instance: string) => {
  const outcome = proxy.attempts(instance).at(-1)?.outcome
  return outcome === undefined || outcome === 'failed' ? outcome : Object.fromEntries(outcome)
}

test('an honest attempt is passed on, and recorded for its instance', async () => {
  await tryKeys()
  expect(heldBy('one')).toEqual({ a: 'usable', b: 'usable' })
  expect(proxy.fetches('one')).toBe(2)
  expect(proxy.attempts('two')).toEqual([])
  expect(proxy.fetches('two')).toBe(0)
})

test('a request without an instance is passed on, with and without a lie, and not recorded', async () => {
  proxy.setLie('status 500')
  expect((await ask('/.well-known/openid-configuration', null)).status).toBe(200)
  expect(proxy.fetches('one')).toBe(0)
})

test('a dead server breaks the connection, and the attempt is recorded as failed', async () => {
  await tryKeys()
  proxy.setUpstream(null)
  await expect(ask('/.well-known/openid-configuration')).rejects.toThrow()
  expect(heldBy('one')).toBe('failed')
})

const HELD: Readonly<Partial<Record<LieName, object>>> = {
  'null entry': { a: 'usable', b: 'usable' },
  'duplicate kid': { a: 'unusable', b: 'usable' },
  'private key in the set': { a: 'unusable', b: 'usable' },
  "another server's keys": { x: 'usable' },
}

test.each((Object.keys(LIES) as LieName[]).filter((name) => name !== 'slowed'))('%s', async (name) => {
  proxy.setLie(name)
  const trying = tryKeys(name).catch(() => {})
  if (ENDLESS.includes(name)) {
    await until(() => proxy.fetches('one') === (LIES[name].of === 'metadata' ? 1 : 2))
    elapse(PATIENCE_MS)
  }
  await trying
  expect(heldBy('one')).toEqual(HELD[name] ?? 'failed')
})

test('the lie "slowed" serves the honest document late', async () => {
  proxy.setLie('slowed')
  const slow = fetch(`${proxy.url}/jwks`, { headers: { [INSTANCE_HEADER]: 'one' } })
  expect(await (await slow).json()).toEqual({ keys: KEYS })
})

test("attempts that began before the instance's line are processed, later ones are not", async () => {
  await tryKeys()
  const said = Date.now()
  vi.setSystemTime(said + 5)
  await tryKeys()
  proxy.noteTaken('one', said)
  expect(proxy.attempts('one').map(({ takenBy }) => takenBy === null)).toEqual([false, true])
})

test("a request to the redirect's target is counted", async () => {
  proxy.setLie('302 elsewhere')
  const { headers } = await ask('/jwks')
  expect(proxy.trapped()).toBe(0)
  await fetch(headers.get('location')!)
  expect(proxy.trapped()).toBe(1)
})
