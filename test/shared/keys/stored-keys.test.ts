// Keys and secrets behind a reference, over time: rotation, withdrawal, failures, and how often they are loaded.

import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthorizer, type KeyedIssuerConfig, type ReportEvent } from '../../../shared/index.ts'
import { macCompact } from '../../support/secret-issuers.ts'
import { generateKey, signCompact, type SigningKey } from '../../support/test-issuer.ts'

const ISSUER = 'https://login.example.com'
const AUDIENCE = 'https://api.example.com'
const SECOND = 1_000
const MINUTE = 60 * SECOND

let clock: number
let loads: number
let stored: string | Error | undefined
let events: ReportEvent[]

beforeEach(() => {
  clock = 1_800_000_000_000
  loads = 0
  events = []
})

function start(keys: Pick<KeyedIssuerConfig, 'keys' | 'algorithms'>) {
  const issuer = { issuer: ISSUER, audience: AUDIENCE, profile: 'rfc9068', ...keys } as KeyedIssuerConfig
  const authorizer = createAuthorizer(
    { issuers: { main: issuer }, routes: [{ path: '/', methods: ['GET'], scope: 'none' }] },
    {
      fetch: () => Promise.reject(new Error('nothing is fetched')),
      now: () => clock,
      report: (event) => void events.push(event),
      async secrets() {
        loads++
        if (stored instanceof Error) throw stored
        return stored
      },
    },
  )
  return async (token: string) => {
    const decision = await authorizer.authorize({
      method: 'GET',
      path: '/',
      authorization: [`Bearer ${token}`],
      accessTokenInQuery: false,
    })
    return decision.allow ? 'allow' : decision.code
  }
}

const claims = () => {
  const now = Math.floor(clock / 1000)
  const times = { iat: now, exp: now + 600 }
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-1',
    client_id: 'client-1',
    jti: crypto.randomUUID(),
    ...times,
  }
}

const bytes = () => crypto.getRandomValues(new Uint8Array(32))
const text = (secret: Uint8Array) => Buffer.from(secret).toString('base64url')

describe('a shared secret', () => {
  const KEYS = { keys: { secret: { secretsManager: 'x' } }, algorithms: ['HS256'] } as const
  const [first, second, third] = [bytes(), bytes(), bytes()]
  const mac = (secret: Uint8Array) => macCompact(secret, 'HS256', { typ: 'at+jwt' }, claims())

  test('verifies, is loaded once in five minutes, and is in no event', async () => {
    stored = text(first)
    const ask = start(KEYS)
    expect([await ask(mac(first)), await ask(mac(first)), loads]).toEqual(['allow', 'allow', 1])
    clock += 5 * MINUTE
    expect([await ask(mac(first)), loads]).toEqual(['allow', 2])
    expect(JSON.stringify(events)).not.toContain(text(first))
  })

  test('is loaded again for a MAC it did not make, at most once in 30 seconds', async () => {
    stored = text(first)
    const ask = start(KEYS)
    await ask(mac(first))
    for (let count = 0; count < 50; count++) expect(await ask(mac(second))).toBe('signature_invalid')
    expect(loads).toBe(1)
    clock += 30 * SECOND
    for (let count = 0; count < 50; count++) expect(await ask(mac(second))).toBe('signature_invalid')
    expect(loads).toBe(2)
    expect(await ask(mac(first))).toBe('allow')
  })

  test('that was replaced verifies for an hour more, and the new one as soon as a token needs it', async () => {
    stored = text(first)
    const ask = start(KEYS)
    await ask(mac(first))
    stored = text(second)
    clock += MINUTE
    expect([await ask(mac(second)), await ask(mac(first)), loads]).toEqual(['allow', 'allow', 2])
    clock += 58 * MINUTE
    expect([await ask(mac(second)), await ask(mac(first))]).toEqual(['allow', 'allow'])
    clock += MINUTE
    expect([await ask(mac(second)), await ask(mac(first))]).toEqual(['allow', 'signature_invalid'])
  })

  test('that was replaced twice is gone', async () => {
    const ask = start(KEYS)
    for (const secret of [first, second, third]) {
      stored = text(secret)
      clock += MINUTE
      expect(await ask(mac(secret))).toBe('allow')
    }
    expect([await ask(mac(second)), await ask(mac(first))]).toEqual(['allow', 'signature_invalid'])
  })

  test.each<[string, string | Error | undefined]>([
    ['is not there', undefined],
    ['is empty', ''],
    ['is too short', 'GawgguFyGrWKav7AX4VKUg'],
    ['is a passphrase', 'correct horse battery staple, and again correct horse'],
    ['cannot be loaded', new Error('AccessDenied')],
  ])('that %s gives 503', async (_, value) => {
    stored = value
    const ask = start(KEYS)
    expect([await ask(mac(first)), await ask(mac(second)), loads]).toEqual([
      'secret_unavailable',
      'secret_unavailable',
      1,
    ])
    expect(events.find((event) => event.event === 'decision')).toMatchObject({ blame: 'operator' })
    stored = text(first)
    clock += 5 * SECOND
    expect(await ask(mac(first))).toBe('allow')
  })

  test('that cannot be loaded again: its tokens pass, others get 503', async () => {
    stored = text(first)
    const ask = start(KEYS)
    await ask(mac(first))
    stored = new Error('down')
    clock += MINUTE
    expect([await ask(mac(second)), await ask(mac(second)), loads]).toEqual([
      'secret_unavailable',
      'secret_unavailable',
      2,
    ])
    expect(await ask(mac(first))).toBe('allow')
    clock += 60 * MINUTE
    expect(await ask(mac(first))).toBe('secret_unavailable')
  })
})

describe('a key set behind a reference', () => {
  const KEYS = { keys: { jwksSecret: { secretsManager: 'x' } }, algorithms: ['ES256'] } as const
  let first: SigningKey
  let second: SigningKey
  const set = (...keys: unknown[]) => JSON.stringify({ keys })
  const sign = (key: SigningKey, header: object = { kid: key.kid }) =>
    signCompact(key, { alg: 'ES256', typ: 'at+jwt', ...header }, claims())

  beforeAll(async () => {
    ;[first, second] = await Promise.all([generateKey('ES256', 'first'), generateKey('ES256', 'second')])
  })

  test('is loaded again for an unknown kid, at most once in 30 seconds', async () => {
    stored = set(first.publicJwk)
    const ask = start(KEYS)
    expect(await ask(await sign(first))).toBe('allow')
    for (let count = 0; count < 20; count++) expect(await ask(await sign(second))).toBe('key_unknown')
    expect(loads).toBe(1)
    stored = set(first.publicJwk, second.publicJwk)
    clock += 30 * SECOND
    expect([await ask(await sign(second)), await ask(await sign(first)), loads]).toEqual([
      'allow',
      'allow',
      2,
    ])
  })

  test('a key that it no longer has is gone at once', async () => {
    stored = set(first.publicJwk)
    const ask = start(KEYS)
    expect(await ask(await sign(first))).toBe('allow')
    stored = set(second.publicJwk)
    clock += 30 * SECOND
    expect([await ask(await sign(second)), await ask(await sign(first))]).toEqual(['allow', 'key_unknown'])
  })

  test('a new key without a kid is found when a signature fails', async () => {
    stored = set(first.publicJwk)
    const ask = start(KEYS)
    expect([await ask(await sign(first, {})), await ask(await sign(second, {}))]).toEqual([
      'allow',
      'signature_invalid',
    ])
    stored = set(second.publicJwk)
    clock += 30 * SECOND
    expect([await ask(await sign(second, {})), await ask(await sign(first, {}))]).toEqual([
      'allow',
      'signature_invalid',
    ])
  })

  test.each<[string, () => string | Error | undefined]>([
    ['is not there', () => undefined],
    ['cannot be loaded', () => new Error('AccessDenied')],
    ['is a single key', () => JSON.stringify(first.publicJwk)],
    ['is empty', () => set()],
    ['has private keys alone', () => set({ ...first.publicJwk, d: 'AQAB' })],
    ['has shared keys alone', () => set({ kty: 'oct', k: text(bytes()), kid: 'first' })],
    ['has too many keys', () => set(...Array(101).fill({ kid: 'x' }), first.publicJwk)],
  ])('a set that %s gives 503', async (_, value) => {
    stored = value()
    const ask = start(KEYS)
    expect(await ask(await sign(first))).toBe('secret_unavailable')
    expect(events.find((event) => event.event === 'decision')).toMatchObject({ blame: 'operator' })
  })

  test('a key in it that is refused makes tokens that name it invalid, also while nothing can be loaded', async () => {
    const broken = { ...second.publicJwk, y: second.publicJwk['x'] }
    stored = set(first.publicJwk, broken)
    const ask = start(KEYS)
    expect(await ask(await sign(second))).toBe('key_refused')
    stored = new Error('down')
    clock += 30 * SECOND
    expect([await ask(await sign(second)), await ask(await sign(first))]).toEqual(['key_refused', 'allow'])
    clock += 30 * SECOND
    stored = set(broken)
    expect(await ask(await sign(second))).toBe('secret_unavailable')
  })

  test('reports the entries that it left out', async () => {
    stored = set(first.publicJwk, { ...second.publicJwk, d: 'AQAB' }, null)
    expect(await start(KEYS)(await sign(first))).toBe('allow')
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'keys',
        outcome: 'refreshed',
        keys: 1,
        refused: ['private', 'not_a_key'],
      }),
    )
  })
})
