// The key store against a real key server: the log event of each way to fail, waiting times, metadata. The answers to
// the caller, on both runtimes, are in test/edges/key-drill.test.ts. The clock is an argument.

import { KEY_TYPES } from '../../../shared/keys/key-types/all.ts'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createAuthorizer,
  REQUEST_MS,
  webCrypto,
  type Authorizer,
  type PublicKeySource,
  type ReportEvent,
} from '../../../shared/index.ts'
import { isFailure, type FailureCode } from '../../../shared/failures/failure.ts'
import { MAX_ABSENT_KIDS } from '../../../shared/keys/absent-kids.ts'
import { FRESHNESS } from '../../../shared/keys/freshness.ts'
import { keyFetchMs } from '../../../shared/keys/key-endpoint.ts'
import { createKeyStore } from '../../../shared/keys/key-store.ts'
import { FAULTS } from '../../cases/key-drill.ts'
import { elapse, hang, neverEnding, pendingTimeouts, until } from '../../support/time.ts'
import { publicIssuer } from '../../support/public-issuer.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../../support/test-issuer.ts'

const AUDIENCE = 'https://api.test.example'

let key: SigningKey
let next: SigningKey
let issuer: TestIssuer
let clock: number
let events: ReportEvent[]

beforeAll(async () => {
  ;[key, next] = await Promise.all([generateKey('RS256', 'one'), generateKey('RS256', 'two')])
})

beforeEach(async () => {
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [key] })
  clock = Date.now()
  events = []
})

afterEach(() => issuer.close())

const create = (keys: PublicKeySource = { jwks_uri: issuer.jwksUri }): Authorizer =>
  createAuthorizer(
    {
      issuers: {
        main: {
          issuer: issuer.issuer,
          audience: AUDIENCE,
          profile: 'rfc9068',
          keys,
          clockToleranceSeconds: 300,
          maxLifetimeSeconds: 100_000,
        },
      },
      routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
    },
    { fetch, now: () => clock, report: (event) => void events.push(event) },
  )

async function ask(authorizer: Authorizer, signingKey = key, kid = signingKey.kid): Promise<string> {
  const now = Math.floor(clock / 1000)
  const token = await issuer.token({ key: signingKey, header: { kid }, claims: { iat: now, exp: now + 60 } })
  const decision = await authorizer.authorize({
    method: 'GET',
    path: '/',
    authorization: [`Bearer ${token}`],
    accessTokenInQuery: false,
  })
  return decision.allow ? 'allow' : decision.code
}

const MINUTE = 60_000
describe('with stored keys', () => {
  test.each(Object.entries(FAULTS))(
    '%s never replaces them, and causes no immediate retry',
    async (_, fault) => {
      const authorizer = create()
      expect(await ask(authorizer)).toBe('allow')
      issuer.answerWith(fault.answer)
      clock += 25 * MINUTE
      expect(await ask(authorizer)).toBe('allow')
      expect(await ask(authorizer)).toBe('allow')
      expect(issuer.fetches()).toBe(2)
      expect(events.filter((event) => event.event === 'keys')).toMatchObject([
        { outcome: 'refreshed', code: 'ok', keys: 1 },
        { outcome: 'failed', code: fault.problem, keys: 1 },
      ])
      clock += 40 * MINUTE
      expect(await ask(authorizer)).toBe('keys_unavailable')
      issuer.answerWith(null)
      clock += MINUTE
      expect(await ask(authorizer)).toBe('allow')
    },
  )
})

describe('without keys', () => {
  test.each(Object.entries(FAULTS))('%s blames the issuer, not the caller', async (_, fault) => {
    issuer.answerWith(fault.answer)
    const authorizer = create()
    expect(await ask(authorizer)).toBe('keys_unavailable')
    expect(await ask(authorizer, next)).toBe('keys_unavailable')
    expect(issuer.fetches()).toBe(1)
    expect(events.at(-1)).toMatchObject({
      code: 'keys_unavailable',
      blame: 'issuer',
      detail: { problem: fault.problem },
    })
    issuer.answerWith(null)
    clock += 2_000
    expect(await ask(authorizer)).toBe('allow')
  })

  test('a fetch from a server that hangs times out for all waiting requests at once', async () => {
    issuer.answerWith(hang)
    const authorizer = create()
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => ask(authorizer)))
    expect(new Set(verdicts)).toEqual(new Set(['keys_unavailable']))
    expect(issuer.fetches()).toBe(1)
    expect(events[0]).toMatchObject({ event: 'keys', code: 'timeout' })
  })

  test('the wait grows with every failure, and the answer says how long', async () => {
    issuer.answerWith(FAULTS['500']!.answer)
    const authorizer = create()
    const waits: number[] = []
    for (let attempt = 0; attempt < 7; attempt++) {
      const token = await issuer.token()
      const decision = await authorizer.authorize({
        method: 'GET',
        path: '/',
        authorization: [`Bearer ${token}`],
        accessTokenInQuery: false,
      })
      waits.push((decision as { retryAfterSeconds: number }).retryAfterSeconds)
      clock += waits.at(-1)! * 1000
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30])
    expect(issuer.fetches()).toBe(7)
  })
})

describe('what the issuer publishes under a kid', () => {
  test.each<[string, FailureCode, string, () => unknown[]]>([
    ['a private key', 'key_refused', 'private', () => [{ ...next.publicJwk, d: 'AQAB' }]],
    ['a weak key', 'key_refused', 'rsa_exponent', () => [{ ...next.publicJwk, e: 'AQ' }]],
    [
      'two keys',
      'key_ambiguous',
      'duplicate_kid',
      () => [next.publicJwk, { ...key.publicJwk, kid: next.kid }],
    ],
  ])(
    '%s makes tokens that name it invalid, the event about the set says so once, and other keys go on',
    async (_, code, problem, entries) => {
      issuer.publish([key.publicJwk, ...entries()])
      const authorizer = create()
      expect(await ask(authorizer)).toBe('allow')
      for (let count = 0; count < 5; count++) expect(await ask(authorizer, key, next.kid)).toBe(code)
      const blame = code === 'key_ambiguous' ? 'issuer' : 'client'
      expect(events.at(-1)).toMatchObject({ code, blame, detail: { problem } })
      expect(events.filter(({ event }) => event === 'keys')).toMatchObject([
        { outcome: 'refreshed', code: 'ok', refused: [problem] },
      ])
    },
  )

  test('a set of such keys alone is no set: tokens get 503', async () => {
    issuer.publish([{ ...next.publicJwk, e: 'AQ' }])
    expect(await ask(create(), next)).toBe('keys_unavailable')
    expect(events[0]).toMatchObject({ code: 'no_usable_key', refused: ['rsa_exponent'] })
  })

  test('the same key twice is one key', async () => {
    issuer.publish([key.publicJwk, { use: 'sig', ...key.publicJwk }])
    expect(await ask(create())).toBe('allow')
    expect(events[0]).toMatchObject({ code: 'ok', refused: [] })
  })
})

test('a clock that is set back does not keep withdrawn keys alive', async () => {
  const authorizer = create()
  clock += 24 * 60 * MINUTE
  expect(await ask(authorizer)).toBe('allow')
  clock -= 24 * 60 * MINUTE
  issuer.publish([next.publicJwk])
  expect(await ask(authorizer, next)).toBe('allow')
  expect(await ask(authorizer)).toBe('key_unknown')
})

describe('rotation', () => {
  test('the first requests share one fetch', async () => {
    const authorizer = create()
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => ask(authorizer)))
    expect(new Set(verdicts)).toEqual(new Set(['allow']))
    expect(issuer.fetches()).toBe(1)
  })

  test('stale keys are used at once and refreshed in the background, with waitUntil', async () => {
    const authorizer = create()
    expect(await ask(authorizer)).toBe('allow')
    clock += 11 * MINUTE
    const kept: Promise<unknown>[] = []
    const token = await issuer.token({
      claims: { iat: Math.floor(clock / 1000), exp: Math.floor(clock / 1000) + 60 },
    })
    const request = {
      method: 'GET',
      path: '/',
      authorization: [`Bearer ${token}`],
      accessTokenInQuery: false,
    }
    expect(await authorizer.authorize(request, (work) => void kept.push(work))).toMatchObject({ allow: true })
    expect(kept).toHaveLength(1)
    await Promise.all(kept)
    expect(issuer.fetches()).toBe(2)
  })

  test.each([
    ['answers', 'allow', (url: string, init: RequestInit) => fetch(url, init)],
    ['fails', 'keys_unavailable', () => Promise.reject(new Error('down'))],
  ])(
    'a fetch that never ends is replaced once, by one that %s, however many wait',
    async (_, verdict, then) => {
      let calls = 0
      const authorizer = createAuthorizer(
        {
          issuers: {
            main: {
              issuer: issuer.issuer,
              audience: AUDIENCE,
              profile: 'rfc9068',
              keys: { jwks_uri: issuer.jwksUri, timeoutSeconds: 2 },
            },
          },
          routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
        },
        {
          now: () => clock,
          report: () => {},
          fetch: (url, init) => (++calls === 1 ? neverEnding(init) : then(url, init)),
        },
      )
      void ask(authorizer)
      await until(() => calls === 1)
      // The requests come one second apart, and each waits for 4.5 seconds. A request counts its own waiting time as
      // well.
      const waiting: Promise<string>[] = []
      for (let second = 0; second < 3; second++) {
        elapse(1_000)
        const before = pendingTimeouts()
        waiting.push(...Array.from({ length: 10 }, () => ask(authorizer)))
        await until(() => pendingTimeouts() === before + 20)
      }
      elapse(2_500)
      await Promise.all(waiting.slice(0, 10))
      elapse(2_000)
      expect(new Set(await Promise.all(waiting))).toEqual(new Set([verdict]))
      expect(calls).toBe(2)
    },
  )
})

test('the number of cached unknown kids is bounded, and the oldest is dropped first', async () => {
  let fetches = 0
  const store = createKeyStore(publicIssuer(issuer.issuer, issuer.jwksUri, 'RS256'), {
    crypto: webCrypto,
    keyTypes: KEY_TYPES,
    now: () => clock,
    report: () => {},
    fetch: async () => (fetches++, Response.json({ keys: [key.publicJwk] })),
  })
  const find = async (kid: string) => {
    const found = await store.find({ kid, algorithm: 'RS256', owner: null })
    return [isFailure(found) ? found.code : 'found', fetches]
  }
  expect(await find('kept')).toEqual(['key_unknown', 1])
  expect(await find('oldest')).toEqual(['key_unknown', 1])
  clock += MINUTE / 2
  expect(await find('kept')).toEqual(['key_unknown', 2])
  for (let other = 1; other < MAX_ABSENT_KIDS; other++) await find(`other-${other}`)
  clock += MINUTE / 2
  expect(await find('kept')).toEqual(['key_unknown', 2])
  for (let other = 1; other <= MAX_ABSENT_KIDS; other++) await find(`another-${other}`)
  clock += MINUTE / 2
  expect(fetches).toBe(3)
  expect(await find('kept')).toEqual(['key_unknown', 4])
})

test('the bounds of key fetches are the documented ones', () => {
  const { keys } = publicIssuer('https://as.example', 'https://as.example/keys', 'RS256')
  expect(keys.timeoutMs).toBe(3_000)
  expect([100, 3_000, 5_000].map((timeoutMs) => keyFetchMs({ ...keys, timeoutMs }))).toEqual([
    200, 6_000, 6_000,
  ])
  expect(keyFetchMs({ ...keys, timeoutMs: 5_000 }) + 500).toBeLessThan(REQUEST_MS)
  expect(FRESHNESS.missCooldownMs).toBeLessThanOrEqual(FRESHNESS.maxAbsenceMs)
  expect(FRESHNESS.freshMs).toBeLessThan(FRESHNESS.staleWhileRevalidateMs)
  expect(FRESHNESS.staleWhileRevalidateMs).toBeLessThan(FRESHNESS.staleIfErrorMs)
})

describe('metadata', () => {
  const serve = (document: object) => (request: { url?: string | undefined }, response: ServerResponse) =>
    void response.end(JSON.stringify(request.url === '/jwks' ? { keys: [key.publicJwk] } : document))

  test.each([
    [
      'names another issuer',
      'metadata_issuer',
      () => ({ issuer: 'https://evil.example', jwks_uri: issuer.jwksUri }),
    ],
    ['has no jwks_uri', 'metadata_jwks_uri', () => ({ issuer: issuer.issuer })],
    [
      'has a jwks_uri without https',
      'metadata_jwks_uri',
      () => ({ issuer: issuer.issuer, jwks_uri: 'http://as.example/jwks' }),
    ],
    [
      'has a jwks_uri that is a file',
      'metadata_jwks_uri',
      () => ({ issuer: issuer.issuer, jwks_uri: 'file:///etc/passwd' }),
    ],
  ])('that %s is not followed', async (_, problem, document) => {
    issuer.answerWith(serve(document()))
    expect(await ask(create({ discovery: 'openid-configuration' }))).toBe('keys_unavailable')
    expect(events[0]).toMatchObject({ code: problem })
    expect(issuer.fetches()).toBe(0)
  })

  test.each(['openid-configuration', 'oauth-authorization-server'] as const)(
    '%s leads to the keys',
    async (document) => {
      expect(await ask(create({ discovery: document }))).toBe('allow')
      expect(issuer.fetches()).toBe(1)
    },
  )
})

test('metadata that came over https cannot lead to loopback', async () => {
  const urls: string[] = []
  const authorizer = createAuthorizer(
    {
      issuers: {
        main: {
          issuer: 'https://as.example',
          audience: AUDIENCE,
          profile: 'rfc9068',
          keys: { discovery: 'openid-configuration' },
        },
      },
      routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
    },
    {
      now: () => clock,
      report: (event) => void events.push(event),
      fetch: async (url) => (
        urls.push(url),
        Response.json({ issuer: 'https://as.example', jwks_uri: 'http://127.0.0.1:1/jwks' })
      ),
    },
  )
  const token = await issuer.token({ claims: { iss: 'https://as.example' } })
  const request = { method: 'GET', path: '/', authorization: [`Bearer ${token}`], accessTokenInQuery: false }
  expect(await authorizer.authorize(request)).toMatchObject({
    code: 'keys_unavailable',
    detail: { problem: 'metadata_jwks_uri' },
  })
  expect(urls).toEqual(['https://as.example/.well-known/openid-configuration'])
})

test('inline keys cause no fetch, known or not', async () => {
  const authorizer = create({ jwks: { keys: [key.publicJwk] } })
  expect(await ask(authorizer)).toBe('allow')
  expect(await ask(authorizer, next)).toBe('key_unknown')
  clock += 10 * 60 * MINUTE
  expect(await ask(authorizer)).toBe('allow')
  expect(issuer.fetches()).toBe(0)
})

test('an unknown issuer causes no fetch', async () => {
  const authorizer = create()
  const token = await issuer.token({ claims: { iss: 'http://127.0.0.1:9' } })
  const request = { method: 'GET', path: '/', authorization: [`Bearer ${token}`], accessTokenInQuery: false }
  expect(await authorizer.authorize(request)).toMatchObject({ code: 'issuer_unknown' })
  expect(issuer.fetches()).toBe(0)
})
