// Keys behind a secret reference: a shared secret, or a stored key set. Never both, and never with the wrong
// algorithms.

import { describe, expect, test } from 'vitest'
import type { KeyedIssuerConfig } from '../../../../shared/index.ts'
import { GOOD, problemsOf } from '../../../support/config-problems.ts'

/** What `openssl rand 32 | basenc --base64url -w0 | tr -d =` might print; and 64 bytes of it. */
const SECRET_256 = 'GawgguFyGrWKav7AX4VKUg6ZmN2sVhJrPqLxTc0E3dI'
const SECRET_512 = 'GawgguFyGrWKav7AX4VKUg6ZmN2sVhJrPqLxTc0E3dIGawgguFyGrWKav7AX4VKUg6ZmN2sVhJrPqLxTc0E3dA'

describe('an issuer with its keys behind a secret reference', () => {
  const { keys: _, ...issuer } = GOOD.issuers['main']!
  const problemsOfIssuer = (members: object, env: object = {}, environment: object = {}) =>
    problemsOf({ ...GOOD, issuers: { main: { ...issuer, ...members } } }, { env, ...environment })
  const keys = { secret: { env: 'SHARED' } }
  const K = 'issuers.main.keys'
  const A = 'issuers.main.algorithms'
  const ALL = ['HS256', 'HS384', 'HS512']

  test.each<[string, string[], string]>([
    ['256 bits', ['HS256'], SECRET_256],
    ['512 bits', ALL, SECRET_512],
    ['512 bits for HS256', ['HS256'], SECRET_512],
  ])('a secret of %s is good', (_, algorithms, SHARED) => {
    expect(problemsOfIssuer({ keys, algorithms }, { SHARED })).toEqual([])
  })

  test.each<[string, string[], string | undefined, string]>([
    [
      'is not there',
      ['HS256'],
      undefined,
      `${K}.secret.env: needs the environment variable SHARED, which is not set`,
    ],
    ['is empty', ['HS256'], '', `${K}.secret.env: names SHARED, which is empty`],
    [
      'has 248 bits',
      ['HS256'],
      SECRET_256.slice(0, 41) + 'A',
      `${K}.secret.env: names SHARED, which is too_short`,
    ],
    [
      'has 256 bits for HS384',
      ['HS256', 'HS384'],
      SECRET_256,
      `${K}.secret.env: names SHARED, which is too_short`,
    ],
    [
      'has 256 bits for HS512',
      ['HS512', 'HS256'],
      SECRET_256,
      `${K}.secret.env: names SHARED, which is too_short`,
    ],
    ['is padded', ['HS256'], `${SECRET_256}=`, `${K}.secret.env: names SHARED, which is malformed`],
    [
      'is base64',
      ['HS256'],
      `${SECRET_256.slice(0, 40)}+/A`,
      `${K}.secret.env: names SHARED, which is malformed`,
    ],
    [
      'has spare bits',
      ['HS256'],
      `${SECRET_256.slice(0, -1)}J`,
      `${K}.secret.env: names SHARED, which is malformed`,
    ],
    [
      'ends with a line break',
      ['HS256'],
      `${SECRET_256}\n`,
      `${K}.secret.env: names SHARED, which is malformed`,
    ],
    [
      'is a passphrase',
      ['HS256'],
      'correct horse battery staple, and again correct horse',
      `${K}.secret.env: names SHARED, which is malformed`,
    ],
    [
      'is a passphrase of the alphabet',
      ['HS256'],
      'correct-horse-battery-staple-correct-horse-battery-staple-00',
      `${K}.secret.env: names SHARED, which is not_random`,
    ],
    [
      'is hexadecimal',
      ['HS256'],
      '0123456789abcdef'.repeat(4),
      `${K}.secret.env: names SHARED, which is not_random`,
    ],
    ['is zeros', ['HS256'], 'A'.repeat(43), `${K}.secret.env: names SHARED, which is not_random`],
  ])('a secret that %s is refused', (_, algorithms, SHARED, problem) => {
    expect(problemsOfIssuer({ keys, algorithms }, { SHARED })).toEqual([problem])
  })

  const TEXT_256 = 'kS9!vQ2#xW7$zL4%bN8&cM1*dJ6(fH3)'
  const text = { ...keys, encoding: 'text' }

  test.each<[string, string[], string]>([
    ['256 bits', ['HS256'], TEXT_256],
    ['512 bits', ALL, TEXT_256 + TEXT_256],
    ['512 bits that would be bytes, too', ALL, SECRET_512],
  ])('a text of %s is good', (_, algorithms, SHARED) => {
    expect(problemsOfIssuer({ keys: text, algorithms }, { SHARED })).toEqual([])
  })

  test.each([
    ['is one character short', ['HS256'], TEXT_256.slice(1), 'too_short'],
    ['is long enough for HS256', ['HS384'], TEXT_256, 'too_short'],
    ['is long enough for HS384', ALL, (TEXT_256 + TEXT_256).slice(1), 'too_short'],
    ['has a line break at its end', ['HS256'], `${TEXT_256}\n`, 'malformed'],
    ['begins with a space', ['HS256'], ` ${TEXT_256}`, 'malformed'],
    ['is not ASCII', ['HS256'], `${TEXT_256}é`, 'malformed'],
    ['is one word again and again', ['HS256'], 'password'.repeat(9), 'not_random'],
    ['is hexadecimal', ['HS256'], '0123456789abcdef'.repeat(4), 'not_random'],
    ['is empty', ['HS256'], '', 'empty'],
  ])('a text that %s is refused', (_, algorithms, SHARED, problem) => {
    expect(problemsOfIssuer({ keys: text, algorithms }, { SHARED })).toEqual([
      `${K}.secret.env: names SHARED, which is ${problem}`,
    ])
  })

  test.each<[string, object, string]>([
    [
      'an encoding that is none',
      { keys: { ...keys, encoding: 'hex' }, algorithms: ['HS256'] },
      `${K}.encoding: is not known; one of: base64url, text`,
    ],
    [
      'an encoding of public keys',
      { keys: { jwks_uri: 'https://login.example.com/jwks', encoding: 'text' } },
      `${K}.encoding: belongs to secret`,
    ],
    ...[0, 0.09, 5.1, -1, Number.NaN, '3', null].map((timeoutSeconds): [string, object, string] => [
      `a timeout of ${JSON.stringify(timeoutSeconds)}`,
      { keys: { jwks_uri: 'https://login.example.com/jwks', timeoutSeconds } },
      `${K}.timeoutSeconds: must be a number of seconds from 0.1 to 5`,
    ]),
    [
      'a timeout of keys that nobody fetches',
      { keys: { jwksSecret: { env: 'JWKS' }, timeoutSeconds: 3 }, algorithms: ['ES256'] },
      `${K}.timeoutSeconds: belongs to discovery and jwks_uri`,
    ],
    [
      'a timeout of a secret',
      { keys: { ...keys, timeoutSeconds: 3 }, algorithms: ['HS256'] },
      `${K}.timeoutSeconds: belongs to discovery and jwks_uri`,
    ],
    ...[0, 59, 60.5, 2_678_401, Number.NaN, '60', null].map((maxAgeSeconds): [string, object, string] => [
      `bundled keys that may be as old as ${JSON.stringify(maxAgeSeconds)}`,
      { keys: { jwks_uri: 'https://login.example.com/jwks', bundled: { maxAgeSeconds } } },
      `${K}.bundled.maxAgeSeconds: must be a whole number from 60 to 2678400`,
    ]),
    [
      'bundled keys of any age',
      { keys: { discovery: 'openid-configuration', bundled: {} } },
      `${K}.bundled.maxAgeSeconds: is missing`,
    ],
    [
      'bundled keys, switched on',
      { keys: { discovery: 'openid-configuration', bundled: true } },
      `${K}.bundled: must be an object`,
    ],
    [
      'bundled keys with another setting',
      { keys: { discovery: 'openid-configuration', bundled: { maxAgeSeconds: 60, url: 'x' } } },
      `${K}.bundled.url: is not a setting; known here: maxAgeSeconds`,
    ],
    [
      'bundled keys that nobody fetches',
      { keys: { jwksSecret: { env: 'JWKS' }, bundled: { maxAgeSeconds: 60 } }, algorithms: ['ES256'] },
      `${K}.bundled: belongs to discovery and jwks_uri`,
    ],
    [
      'a bundled secret',
      { keys: { ...keys, bundled: { maxAgeSeconds: 60 } }, algorithms: ['HS256'] },
      `${K}.bundled: belongs to discovery and jwks_uri`,
    ],
    [
      'with a secret, none',
      { keys },
      `${A}: is missing; with a shared secret it must list HS256, HS384 or HS512`,
    ],
    [
      'with a secret, RS256',
      { keys, algorithms: ['RS256'] },
      `${A}: has "RS256"; known: HS256, HS384, HS512`,
    ],
    [
      'with a secret, RS256 besides',
      { keys, algorithms: ['HS256', 'RS256'] },
      `${A}: has "RS256"; known: HS256, HS384, HS512`,
    ],
    ...[
      { jwks_uri: 'https://login.example.com/jwks' },
      { discovery: 'openid-configuration' },
      { jwksSecret: { env: 'JWKS' } },
    ].map((source): [string, object, string] => [
      `with ${Object.keys(source)[0]}, HS256`,
      { keys: source, algorithms: ['RS256', 'HS256'] },
      `${A}: has "HS256"; known: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519; HMAC is for a shared secret: keys.secret`,
    ]),
    ...['jwks_uri', 'jwksSecret'].map((name): [string, object, string] => [
      `with a secret and ${name}`,
      {
        keys: { ...keys, [name]: name === 'jwks_uri' ? 'https://x.example' : { env: 'JWKS' } },
        algorithms: ['HS256'],
      },
      `${K}: must have exactly one of discovery, jwks_uri, jwks, jwksSecret, secret`,
    ]),
    [
      'a secret where it should only be pointed at',
      { keys: { secret: SECRET_256 }, algorithms: ['HS256'] },
      `${K}.secret: must say where the secret is, never what it is: { env }, { secretsStore } or { secretsManager }`,
    ],
    [
      'a secret for signed answers',
      {
        keys,
        algorithms: ['HS256'],
        introspection: {
          endpoint: 'https://login.example.com/introspect',
          authentication: 'bearer',
          clientId: 'c',
          secret: { env: 'SHARED' },
          response: 'jwt',
        },
      },
      'issuers.main.introspection.response: needs public keys, which verify the signed answers',
    ],
    [
      'a key set that is none',
      { keys: { jwksSecret: { env: 'SHARED' } } },
      `${K}.jwksSecret.env: names SHARED, which is malformed`,
    ],
  ])('%s', (_, members, problem) => {
    expect(problemsOfIssuer(members, { SHARED: SECRET_256, JWKS: '{"keys":[]}' })).toEqual([problem])
  })

  test('the types enforce it, too', () => {
    const base = { issuer: 'https://login.example.com', audience: 'https://api.example.com' } as const
    const known = { ...base, profile: 'rfc9068' } as const
    const good: KeyedIssuerConfig = { ...known, keys, algorithms: ['HS256'] }
    // @ts-expect-error HMAC does not exist for public keys.
    const macs: KeyedIssuerConfig = {
      ...known,
      keys: { jwks_uri: 'https://x.example' },
      algorithms: ['HS256'],
    }
    // @ts-expect-error Nothing but HMAC exists for a shared secret.
    const signatures: KeyedIssuerConfig = { ...known, keys, algorithms: ['RS256'] }
    // @ts-expect-error A shared secret has no default algorithm.
    const none: KeyedIssuerConfig = { ...known, keys }
    const wrong = [macs, signatures, none].map((main) =>
      problemsOf({ ...GOOD, issuers: { main } }, { env: { SHARED: SECRET_256 } }),
    )
    expect(wrong.map((problems) => problems.length)).toEqual([1, 1, 1])
    expect(problemsOf({ ...GOOD, issuers: { main: good } }, { env: { SHARED: SECRET_256 } })).toEqual([])
  })

  test('tenants have no secret in common', () => {
    const entra = {
      issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      audience: '11111111-1111-1111-1111-111111111111',
      profile: 'entra-v2',
      tenants: ['22222222-2222-2222-2222-222222222222'],
      keys,
      algorithms: ['HS256'],
    }
    expect(problemsOf({ ...GOOD, issuers: { main: entra } }, { env: { SHARED: SECRET_256 } })).toContain(
      'issuers.main.tenants: does not go with a shared secret',
    )
  })
})
