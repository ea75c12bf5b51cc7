// A secret is changed while two instances of an edge run: one that has loaded the old value, and one that begins after
// the change. The orders of docs/operating.md refuse nobody, or nobody for longer than the page says; the other orders
// are their twins. One instance over time: the tests of each secret.

import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthorizer, webCrypto, type KeyedIssuerConfig, type Ports } from '../../../shared/index.ts'
import { createLoadedKey } from '../../../shared/audit/fingerprint-key.ts'
import { requestWithSecret } from '../../../shared/introspection/request-with-secret.ts'
import { createDeadline } from '../../../shared/platform/deadline.ts'
import { createGuardCheck } from '../../../shared/secrets/guard-check.ts'
import { createCredentialCheck, createSecretCheck } from '../../../shared/secrets/secret-check.ts'
import { SECRET_TIMES } from '../../../shared/secrets/secret-times.ts'
import { createSecret } from '../../../shared/secrets/secret.ts'
import { createStatelessNonces } from '../../../shared/sender/dpop/stateless-nonces.ts'
import { nonceBy } from '../../support/dpop-nonces.ts'
import { macCompact } from '../../support/secret-issuers.ts'
import { generateKey, signCompact, type SigningKey } from '../../support/test-issuer.ts'

const [OLD, NEW] = ['old-'.repeat(8), 'new-'.repeat(8)]
const ISSUER = 'https://login.example.com'
const AUDIENCE = 'https://api.example.com'
const START_SECONDS = 1_800_000_000

/** Secrets by name, a clock, and the ports of any number of instances. */
function openStore(values: Record<string, string | undefined>) {
  const store = { values, now: START_SECONDS * 1000 }
  const ports: Ports = {
    fetch: () => Promise.reject(new Error('nothing is fetched')),
    now: () => store.now,
    report: () => {},
    secrets: async ({ env: name, secretsManager }) => store.values[name ?? secretsManager!],
    crypto: webCrypto,
  }
  return { store, ports }
}

/** What an instance says of the old value and of the new one. */
const both = async <Answer>(ask: (value: string) => Promise<Answer>) => [await ask(OLD), await ask(NEW)]

describe('the secret of a proxy (mtls.header.guard.secret)', () => {
  function start() {
    const { store, ports } = openStore({ S: OLD })
    const begin = () => createGuardCheck('mtls.header.guard.secret', { env: 'S' }, 'fingerprint_key', ports)
    return { store, begin }
  }

  test('given to the proxy as soon as it is stored, it counts at once on every instance', async () => {
    const { store, begin } = start()
    const running = begin()
    expect(await running(OLD)).toBe(true)
    store.values = { S: NEW }
    store.now += SECRET_TIMES.missMs
    expect([await running(NEW), await begin()(NEW)]).toEqual([true, true])
  })

  test('an instance that begins after the change refuses a proxy that still sends the old one', async () => {
    const { store, begin } = start()
    const running = begin()
    await running(OLD)
    store.values = { S: NEW }
    expect([await running(OLD), await begin()(OLD)]).toEqual([true, false])
  })
})

test('the secret of diagnostics: an instance that has the old one learns the new one within five minutes', async () => {
  const { store, ports } = openStore({ S: OLD })
  const begin = () => createSecretCheck('diagnostics.secret', { env: 'S' }, 'fingerprint_key', ports)
  const running = begin()
  await running(OLD)
  store.values = { S: NEW }
  store.now += SECRET_TIMES.freshMs - 1
  expect([await both(running), await both(begin())]).toEqual([
    [true, false],
    [false, true],
  ])
  store.now += 1
  expect(await both(running)).toEqual([true, true])
})

describe('a credential of the admin endpoint (revocation.admin)', () => {
  /** As admin.ts: a credential counts if it is one of the secrets. */
  const begin = (ports: Ports, names: readonly string[]) => {
    const checks = names.map((env) => createCredentialCheck('x', { env }, 'fingerprint_key', ports))
    return async (given: string) => (await Promise.all(checks.map((check) => check(given)))).includes(true)
  }

  test('in a list of two, both count on every instance', async () => {
    const { ports } = openStore({ A: OLD, B: NEW })
    expect(await both(begin(ports, ['A', 'B']))).toEqual([true, true])
  })

  test('under one reference, no instance takes both', async () => {
    const { store, ports } = openStore({ A: OLD })
    const running = begin(ports, ['A'])
    await running(OLD)
    store.values = { A: NEW }
    expect([await both(running), await both(begin(ports, ['A']))]).toEqual([
      [true, false],
      [false, true],
    ])
  })
})

describe('credentials for the issuer (introspection.secret, check.secret)', () => {
  /** One introspection by an instance, at an issuer that accepts these values. */
  const begin = (ports: Ports) => {
    const secret = createSecret('issuers.main.introspection.secret', { env: 'S' }, 'client_secret', ports)
    return async (...accepted: string[]) => {
      const result = await requestWithSecret(
        secret,
        async (value) => (accepted.includes(value) ? { claims: {} } : { problem: 'credentials_refused' }),
        undefined,
      )
      return 'claims' in result ? 'answered' : 'problem' in result ? result.problem : 'failure'
    }
  }

  test('the issuer accepts the new one first, then it is stored, then the issuer refuses the old one', async () => {
    const { store, ports } = openStore({ S: OLD })
    const running = begin(ports)
    expect([await running(OLD), await running(OLD, NEW), await begin(ports)(OLD, NEW)]).toEqual(
      Array.from({ length: 3 }, () => 'answered'),
    )
    store.values = { S: NEW }
    for (const accepted of [[OLD, NEW], [NEW]])
      expect([await running(...accepted), await begin(ports)(...accepted)]).toEqual(['answered', 'answered'])
  })

  test('stored before the issuer accepts it, it fails on an instance that begins then, and on no other', async () => {
    const { store, ports } = openStore({ S: OLD })
    const running = begin(ports)
    await running(OLD)
    store.values = { S: NEW }
    store.now += SECRET_TIMES.freshMs
    expect([await running(OLD), await begin(ports)(OLD)]).toEqual(['answered', 'credentials_refused'])
  })
})

describe('what verifies tokens', () => {
  let keys: { OLD: SigningKey; NEW: SigningKey }

  beforeAll(async () => {
    keys = { OLD: await generateKey('ES256', 'old'), NEW: await generateKey('ES256', 'new') }
  })

  const begin = (ports: Ports, given: Pick<KeyedIssuerConfig, 'keys' | 'algorithms'>) => {
    const issuer = { issuer: ISSUER, audience: AUDIENCE, profile: 'rfc9068', ...given } as KeyedIssuerConfig
    const routes = [{ path: '/', methods: ['GET'], scope: 'none' }] as const
    const authorizer = createAuthorizer({ issuers: { main: issuer }, routes }, ports)
    return async (token: string) => {
      const authorization = [`Bearer ${token}`]
      const request = { method: 'GET', path: '/', authorization, accessTokenInQuery: false }
      const decision = await authorizer.authorize(request)
      return decision.allow ? 'allow' : decision.code
    }
  }

  const claims = () => ({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-1',
    client_id: 'client-1',
    jti: 'j',
    iat: START_SECONDS,
    exp: START_SECONDS + 3_600,
  })

  test('a shared secret: the new one counts at once; the old one not on an instance that begins after the change', async () => {
    const [first, second] = [new Uint8Array(32), new Uint8Array(32)].map((bytes) =>
      crypto.getRandomValues(bytes),
    )
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
    const mac = (bytes: Uint8Array) => macCompact(bytes, 'HS256', { typ: 'at+jwt' }, claims())
    const { store, ports } = openStore({ S: text(first!) })
    const start = () => begin(ports, { keys: { secret: { secretsManager: 'S' } }, algorithms: ['HS256'] })
    const running = start()
    expect(await running(mac(first!))).toBe('allow')
    store.values = { S: text(second!) }
    store.now += SECRET_TIMES.missMs
    const ask = async (instance: typeof running) => [
      await instance(mac(second!)),
      await instance(mac(first!)),
    ]
    expect([await ask(running), await ask(start())]).toEqual([
      ['allow', 'allow'],
      ['allow', 'signature_invalid'],
    ])
  })

  test('a key set (keys.jwksSecret): with both keys in it both count everywhere, with the new one alone the new one', async () => {
    const set = (...names: ('OLD' | 'NEW')[]) =>
      JSON.stringify({ keys: names.map((name) => keys[name].publicJwk) })
    const tokens = await Promise.all(
      [keys.OLD, keys.NEW].map((key) =>
        signCompact(key, { alg: 'ES256', typ: 'at+jwt', kid: key.kid }, claims()),
      ),
    )
    const { store, ports } = openStore({ S: set('OLD') })
    const start = () => begin(ports, { keys: { jwksSecret: { secretsManager: 'S' } }, algorithms: ['ES256'] })
    const running = start()
    const ask = async (instance: typeof running) => [await instance(tokens[0]!), await instance(tokens[1]!)]
    expect(await ask(running)).toEqual(['allow', 'key_unknown'])
    store.values = { S: set('OLD', 'NEW') }
    store.now += SECRET_TIMES.missMs
    expect([await ask(running), await ask(start())]).toEqual([
      ['allow', 'allow'],
      ['allow', 'allow'],
    ])
    store.values = { S: set('NEW') }
    store.now += SECRET_TIMES.freshMs
    expect([await ask(running), await ask(start())]).toEqual([
      ['key_unknown', 'allow'],
      ['key_unknown', 'allow'],
    ])
  })
})

test('the key of fingerprints: an instance that has the old one names tokens by it for up to five minutes', async () => {
  const { store, ports } = openStore({ S: OLD })
  const begin = () => createLoadedKey({ env: 'S' }, ports)
  /** The name of a token, once the key that this request has loaded in the background is there. */
  const nameOf = async ({ prepare, hmac }: ReturnType<typeof begin>) => {
    let work: Promise<unknown> = Promise.resolve()
    prepare((loading) => void (work = loading))
    await work
    return Buffer.from(hmac()!(new TextEncoder().encode('token'))).toString('hex')
  }
  const running = begin()
  const before = await nameOf(running)
  store.values = { S: NEW }
  store.now += SECRET_TIMES.freshMs - 1
  const after = await nameOf(begin())
  expect([await nameOf(running), after === before]).toEqual([before, false])
  store.now += 1
  expect(await nameOf(running)).toBe(after)
})

describe('the secret of nonces (dpop.nonce.key)', () => {
  const [old, next] = [new Uint8Array(32), new Uint8Array(32)].map((bytes) =>
    Buffer.from(crypto.getRandomValues(bytes)).toString('base64url'),
  ) as [string, string]

  /** Whether an instance accepts a nonce. */
  const begin = (ports: Ports, hasPrevious: boolean) => {
    const refs = { key: { env: 'KEY' }, ...(hasPrevious ? { previousKey: { env: 'PREVIOUS' } } : {}) }
    const nonces = createStatelessNonces(refs, ports)
    return async (nonce: string) => {
      const checked = await nonces.check(nonce, ports.now() / 1000, createDeadline(ports, undefined))
      return 'until' in checked && checked.until !== null
    }
  }

  test.each([
    ['with the old one as previousKey, every new instance accepts nonces of both', true],
    ['without it, a client with a nonce of the old one is asked once more', false],
  ])('%s', async (_, hasPrevious) => {
    const { ports } = openStore({ KEY: next, PREVIOUS: old })
    const accepts = begin(ports, hasPrevious)
    expect([await accepts(nonceBy(next, START_SECONDS)), await accepts(nonceBy(old, START_SECONDS))]).toEqual(
      [true, hasPrevious],
    )
  })
})
