// The keys that one instance stores for the next: they save a fetch and change nothing else. No key lives longer for
// it, and a cached set is checked like one that an issuer publishes. On Node with a cache that can be broken; the Cache
// API in workerd is in test/edges/key-cache.test.ts.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createAuthorizer,
  type CachedKeys,
  type KeyCache,
  type PublicKeySource,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../../shared/index.ts'
import { hang, until } from '../../support/time.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../../support/test-issuer.ts'

const AUDIENCE = 'https://api.test.example'
const MINUTE = 60_000

let first: SigningKey
let next: SigningKey
let issuer: TestIssuer
let before: number
let clock: number
let events: ReportEvent[]
let kept: Map<string, CachedKeys>

beforeAll(async () => {
  ;[first, next] = await Promise.all([generateKey('ES256', 'one'), generateKey('ES256', 'two')])
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [first] })
})

afterAll(() => issuer.close())

beforeEach(() => {
  issuer.publish([first.publicJwk])
  before = issuer.fetches()
  clock = Date.now()
  events = []
  kept = new Map()
})

const fetches = () => issuer.fetches() - before

const working: KeyCache = {
  read: async (name) => kept.get(name) ?? null,
  write: async (name, cached) => void kept.set(name, JSON.parse(JSON.stringify(cached)) as CachedKeys),
}

const configWith = (keys: PublicKeySource): LanekeeperConfig => ({
  issuers: {
    main: { issuer: issuer.issuer, audience: AUDIENCE, profile: 'rfc9068', keys, algorithms: ['ES256'] },
  },
  routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
})

const sign = (key: SigningKey) =>
  issuer.token({ key, claims: { exp: Math.floor(clock / 1000) + 600, iat: Math.floor(clock / 1000) } })

/** Sends one token to a new instance and waits for its background work. */
async function askNew(key = first, keyCache = working, keys: PublicKeySource = { jwks_uri: issuer.jwksUri }) {
  const authorizer = createAuthorizer(configWith(keys), {
    fetch,
    now: () => clock,
    report: (event) => void events.push(event),
    keyCache,
  })
  const work: Promise<unknown>[] = []
  const request = {
    method: 'GET',
    path: '/',
    authorization: [`Bearer ${await sign(key)}`],
    accessTokenInQuery: false,
  }
  const decision = await authorizer.authorize(request, (pending) => void work.push(pending))
  await Promise.all(work)
  return decision.allow ? 'allow' : decision.code
}

const change = (cached: Partial<Record<keyof CachedKeys, unknown>>) => {
  for (const [name, value] of kept) kept.set(name, { ...value, ...cached } as CachedKeys)
}

describe('on Node', () => {
  test('the next instance fetches nothing, and its event says so', async () => {
    expect([await askNew(), await askNew(), await askNew()]).toEqual(['allow', 'allow', 'allow'])
    expect(fetches()).toBe(1)
    expect(events.filter(({ event }) => event === 'keys')).toMatchObject([
      { outcome: 'refreshed', keys: 1 },
      { outcome: 'adopted', keys: 1 },
      { outcome: 'adopted', keys: 1 },
    ])
  })

  test('keys are stored in the background, with waitUntil', async () => {
    const full = Promise.withResolvers<void>()
    let isWriting = false
    const slow: KeyCache = {
      ...working,
      write: async (name, cached) => {
        isWriting = true
        await full.promise
        await working.write(name, cached)
      },
    }
    const pending = askNew(first, slow)
    let isOver = false
    void pending.finally(() => (isOver = true))
    await until(() => isWriting && events.some(({ event }) => event === 'decision'))
    await nextTurn()
    expect(isOver).toBe(false)
    full.resolve()
    expect(await pending).toBe('allow')
    expect(kept.size).toBe(1)
  })

  test('keys keep their age: after ten minutes they are refreshed in the background, after twenty not used', async () => {
    expect(await askNew()).toBe('allow')
    clock += 9 * MINUTE
    expect(await askNew()).toBe('allow')
    expect(fetches()).toBe(1)
    clock += 2 * MINUTE
    expect(await askNew()).toBe('allow')
    expect(fetches()).toBe(2)
    clock += 20 * MINUTE
    expect(await askNew()).toBe('allow')
    expect(fetches()).toBe(3)
  })

  test.each([
    [19, 'allow', ['adopted']],
    [20, 'keys_unavailable', ['failed']],
  ])('keys of %d minutes, and the issuer is down', async (minutes, verdict, outcomes) => {
    expect(await askNew()).toBe('allow')
    events = []
    issuer.answerWith((_, response) => void response.destroy())
    clock += minutes * MINUTE
    expect(await askNew()).toBe(verdict)
    issuer.answerWith(null)
    const reported = events.flatMap((event) => (event.event === 'keys' ? [event.outcome] : []))
    expect(reported.slice(0, 1)).toEqual(outcomes)
  })

  test('a key that one instance found withdrawn is withdrawn for later instances', async () => {
    expect(await askNew()).toBe('allow')
    issuer.publish([next.publicJwk])
    clock += MINUTE
    expect(await askNew(next)).toBe('allow')
    expect(await askNew(first)).toBe('key_unknown')
    expect(fetches()).toBe(2)
  })

  test('an unknown kid still causes a fetch from the issuer, once per cool-down', async () => {
    expect(await askNew()).toBe('allow')
    expect(await askNew(next)).toBe('key_unknown')
    expect(fetches()).toBe(1)
    clock += MINUTE
    expect(await askNew(next)).toBe('key_unknown')
    expect(fetches()).toBe(2)
  })

  test.each<[string, () => void]>([
    ['is from the future', () => change({ fetchedAt: clock + 1 })],
    ['has no time', () => change({ fetchedAt: undefined })],
    ['has a time that is none', () => change({ fetchedAt: 'x' })],
    ['has no keys', () => change({ keys: undefined })],
    ['has an empty list of keys', () => change({ keys: [] })],
    ['has a private key alone', () => change({ keys: [{ ...first.publicJwk, d: 'AQAB' }] })],
    ['has more keys than the limit', () => change({ keys: Array(101).fill(first.publicJwk) })],
    ['is no object', () => kept.forEach((_, name) => kept.set(name, 7 as never))],
  ])('an entry that %s is not used', async (_, spoil) => {
    expect(await askNew()).toBe('allow')
    spoil()
    expect(await askNew()).toBe('allow')
    expect(fetches()).toBe(2)
    expect(events.filter((event) => event.event === 'keys' && event.outcome === 'adopted')).toEqual([])
  })

  test.each<[string, KeyCache]>([
    ['reads fail', { ...working, read: () => Promise.reject(new Error('down')) }],
    [
      'reads throw',
      {
        ...working,
        read: () => {
          throw new Error('down')
        },
      },
    ],
    ['reads never end', { ...working, read: () => (hang(), new Promise(() => {})) }],
    ['writes fail', { ...working, write: () => Promise.reject(new Error('full')) }],
  ])('a cache whose %s is like no cache', async (_, broken) => {
    expect(await askNew(first, broken)).toBe('allow')
    expect(await askNew(first, broken)).toBe('allow')
    expect(fetches()).toBe(2)
  })

  test('another URL of keys does not use this entry', async () => {
    expect(await askNew()).toBe('allow')
    expect(await askNew(first, working, { discovery: 'openid-configuration' })).toBe('allow')
    expect(fetches()).toBe(2)
    expect(kept.size).toBe(2)
  })

  test('a refused set is not stored, and inline keys use no cache', async () => {
    issuer.publish([{ ...first.publicJwk, d: 'AQAB' }])
    expect(await askNew()).toBe('keys_unavailable')
    const urls: string[] = []
    const watched = { ...working, read: async (name: string) => (urls.push(name), null) }
    expect(await askNew(first, watched, { jwks: { keys: [first.publicJwk] } })).toBe('allow')
    expect(kept.size).toBe(0)
    expect(urls).toEqual([])
  })
})
