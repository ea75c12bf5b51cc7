// The settings of introspection, and the problem that each mistake gives. Every row is the good configuration with one
// thing changed.

import { describe, expect, test } from 'vitest'
import { ConfigError, resolveConfig, type SecretKind } from '../../../../shared/index.ts'

type JsonObject = Record<string, unknown>

const ENV = { OUR_SECRET: 's3cret', OUR_KEY: '{"kty":"EC","d":"x"}', EMPTY: '', BROKEN: 's3cret\n' }

/** The object with some members changed; a change to `undefined` removes the member. */
const changed = (members: JsonObject, change: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries({ ...members, ...change }).filter(([, value]) => value !== undefined))

const introspection = (change: JsonObject = {}): JsonObject =>
  changed(
    {
      endpoint: 'https://login.example/introspect',
      authentication: 'client_secret_basic',
      clientId: 'gateway',
      secret: { env: 'OUR_SECRET' },
    },
    change,
  )

const issuer = (change: JsonObject = {}): JsonObject =>
  changed(
    {
      issuer: 'https://login.example',
      audience: 'https://api.example',
      introspection: introspection(),
    },
    change,
  )

const github = (change: JsonObject = {}): JsonObject => ({
  check: changed({ provider: 'github', clientId: 'app', secret: { env: 'OUR_SECRET' } }, change),
})

const KEYED = { profile: 'rfc9068', keys: { discovery: 'openid-configuration' } }

const ROUTES = [
  { path: '/health', methods: ['GET'], public: true },
  { path: '/orders', methods: ['GET'], scope: 'none' },
]

function problemsOf(
  issuers: JsonObject,
  routes: readonly JsonObject[] = ROUTES,
  secretKinds?: readonly SecretKind[],
): string[] {
  try {
    resolveConfig({ issuers, routes } as never, { env: ENV, secretKinds })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
}

const P = 'issuers.main.introspection'

describe('good ones', () => {
  test.each<[string, JsonObject]>([
    ['introspection alone', { main: issuer() }],
    ['introspection and keys', { main: issuer(KEYED) }],
    ['introspection and a longest life', { main: issuer({ maxLifetimeSeconds: 864_000 }) }],
    [
      'a bearer token needs no client_id',
      { main: issuer({ introspection: introspection({ authentication: 'bearer', clientId: undefined }) }) },
    ],
    [
      'a private key',
      {
        main: issuer({
          introspection: introspection({ authentication: 'private_key_jwt', secret: { env: 'OUR_KEY' } }),
        }),
      },
    ],
    [
      'a discovered endpoint',
      {
        main: issuer({
          introspection: introspection({ endpoint: undefined, discovery: 'oauth-authorization-server' }),
        }),
      },
    ],
    [
      'signed answers and keys',
      { main: issuer({ ...KEYED, introspection: introspection({ response: 'jwt' }) }) },
    ],
    [
      'a required member that decides',
      { main: issuer({ introspection: introspection({ requiredMembers: ['sub', 'client_id'] }) }) },
    ],
    ['little patience', { main: issuer({ introspection: introspection({ timeoutSeconds: 0.1 }) }) }],
    [
      'tokens without sub that are those of clients',
      { main: issuer({ introspection: introspection({ withoutSub: 'client' }) }) },
    ],
    ['a prefix that begins with e', { main: issuer({ prefix: 'ex_' }) }],
    ['a provider', { main: github() }],
    ['two with prefixes', { main: issuer({ prefix: 'a_' }), hub: { ...github(), prefix: ['gho_', 'ghu_'] } }],
    ['one with a prefix and one without', { main: issuer(), hub: { ...github(), prefix: 'gho_' } }],
    ['userinfo', { main: issuer({ userinfo: { discovery: 'openid-configuration', claim: 'email' } }) }],
    ['two apps of Google', { main: { check: { provider: 'google', clientId: ['a', 'b'] } } }],
  ])('%s', (_, issuers) => {
    expect(problemsOf(issuers)).toEqual([])
  })

  test('the app is the audience of a provider, and its API the issuer unless it is called otherwise', () => {
    const { issuers } = resolveConfig({ issuers: { main: github() }, routes: ROUTES } as never, { env: ENV })
    expect([...issuers.values()]).toMatchObject([
      { issuer: 'https://api.github.com', audiences: new Set(['app']) },
    ])
  })
})

describe('mistakes', () => {
  const rows: [string, JsonObject, string][] = [
    [
      'neither keys nor introspection nor check',
      issuer({ introspection: undefined }),
      'issuers.main.keys: is missing, and so are introspection and check; an issuer needs one of the three',
    ],
    [
      'required members that ID tokens have',
      issuer({ introspection: introspection({ requiredMembers: ['sub', 'iss'] }) }),
      `${P}.requiredMembers: could match an answer about an ID token; add a member that only access tokens have`,
    ],
    [
      'check and audience',
      { ...github(), audience: 'https://api.example' },
      'issuers.main.audience: does not go with check',
    ],
    [
      'check and introspection',
      { ...github(), introspection: introspection() },
      'issuers.main.introspection: does not go with check',
    ],
    ['check and keys', { ...github(), ...KEYED }, 'issuers.main.keys: does not go with check'],
    [
      'algorithms without keys',
      issuer({ algorithms: ['RS256'] }),
      'issuers.main.algorithms: is about JWTs, and needs keys',
    ],
    [
      'a longest life that is no number',
      issuer({ maxLifetimeSeconds: 'a day' }),
      'issuers.main.maxLifetimeSeconds: must be a number of seconds from 0 to 31622400',
    ],
    [
      'a longest life with check',
      { ...github(), maxLifetimeSeconds: 600 },
      'issuers.main.maxLifetimeSeconds: needs keys or introspection',
    ],
    [
      'endpoint and discovery',
      issuer({ introspection: introspection({ discovery: 'openid-configuration' }) }),
      `${P}: must have exactly one of endpoint and discovery`,
    ],
    [
      'no endpoint',
      issuer({ introspection: introspection({ endpoint: undefined }) }),
      `${P}: must have exactly one of endpoint and discovery`,
    ],
    [
      'http',
      issuer({ introspection: introspection({ endpoint: 'http://login.example/introspect' }) }),
      `${P}.endpoint: must use https (http is for localhost, 127.0.0.1 and [::1] only)`,
    ],
    [
      'no clientId',
      issuer({ introspection: introspection({ clientId: undefined }) }),
      `${P}.clientId: must be the client_id of Lanekeeper at the issuer`,
    ],
    [
      'bearer and signed answers, no clientId',
      issuer({
        ...KEYED,
        introspection: introspection({ authentication: 'bearer', clientId: undefined, response: 'jwt' }),
      }),
      `${P}.clientId: must be the client_id of Lanekeeper at the issuer`,
    ],
    [
      'an unknown authentication',
      issuer({ introspection: introspection({ authentication: 'none' }) }),
      `${P}.authentication: is not known; one of: client_secret_basic, client_secret_post, private_key_jwt, bearer`,
    ],
    [
      'signed answers without keys',
      issuer({ introspection: introspection({ response: 'jwt' }) }),
      `${P}.response: needs keys, which verify the signed answers`,
    ],
    [
      'jwt verify without keys',
      issuer({ introspection: introspection({ jwt: 'verify' }) }),
      `${P}.jwt: needs keys to verify with`,
    ],
    [
      'no required members',
      issuer({ introspection: introspection({ requiredMembers: [] }) }),
      `${P}.requiredMembers: must be a list of at least one non-empty string`,
    ],
    [
      'no clients',
      issuer({ introspection: introspection({ clients: [] }) }),
      `${P}.clients: must be a list of at least one non-empty string`,
    ],
    [
      'a day of memory',
      issuer({ introspection: introspection({ cacheSeconds: 86_400 }) }),
      `${P}.cacheSeconds: must be a number of seconds from 0 to 3600`,
    ],
    [
      'a minute of patience',
      issuer({ introspection: introspection({ timeoutSeconds: 60 }) }),
      `${P}.timeoutSeconds: must be a number of seconds from 0.1 to 5`,
    ],
    [
      'no patience at all',
      issuer({ introspection: introspection({ timeoutSeconds: 0 }) }),
      `${P}.timeoutSeconds: must be a number of seconds from 0.1 to 5`,
    ],
    [
      'no patience with a provider',
      github({ timeoutSeconds: 0 }),
      'issuers.main.check.timeoutSeconds: must be a number of seconds from 0.1 to 5',
    ],
    [
      'a token without sub that is a guess',
      issuer({ introspection: introspection({ withoutSub: 'user' }) }),
      `${P}.withoutSub: is not known; one of: refuse, client`,
    ],
    [
      'an unknown setting',
      issuer({ introspection: introspection({ cache: 60 }) }),
      `${P}.cache: is not a setting; known here: endpoint, discovery, authentication, clientId, secret, response, jwt, requiredMembers, withoutSub, clients, cacheSeconds, timeoutSeconds`,
    ],
    [
      'a prefix of JWTs',
      issuer({ prefix: 'eyJ' }),
      'issuers.main.prefix: must be 1 to 64 characters of a token, and not what a JWT begins with ("ey", "ew")',
    ],
    [
      'a prefix of JWTs that are spaced otherwise',
      issuer({ prefix: 'ewo' }),
      'issuers.main.prefix: must be 1 to 64 characters of a token, and not what a JWT begins with ("ey", "ew")',
    ],
    [
      'an empty prefix',
      issuer({ prefix: '' }),
      'issuers.main.prefix: must be a list of at least one non-empty string',
    ],
    [
      'a prefix and nobody to ask',
      issuer({ ...KEYED, introspection: undefined, prefix: 'a_' }),
      'issuers.main.prefix: is for opaque tokens, and this issuer has neither introspection nor check',
    ],
    [
      'userinfo without a claim',
      issuer({ userinfo: { endpoint: 'https://login.example/me' } }),
      'issuers.main.userinfo.claim: must be the name of a claim',
    ],
    [
      'an unknown provider',
      github({ provider: 'gitea' }),
      'issuers.main.check.provider: is not known; one of: github, google, facebook, gitlab',
    ],
    ['a provider without an app', github({ clientId: undefined }), 'issuers.main.check.clientId: is missing'],
    [
      'two apps and one secret',
      github({ clientId: ['a', 'b'] }),
      'issuers.main.check.clientId: must be one app, because the secret is that of one',
    ],
    [
      'a secret nobody wants',
      github({ provider: 'google' }),
      'issuers.main.check.secret: is not needed: google checks the token without one',
    ],
    [
      'a base URL with a slash at its end',
      github({ baseUrl: 'https://git.example/api/v3/' }),
      'issuers.main.check.baseUrl: must not have a query or end with "/"',
    ],
  ]
  test.each(rows)('%s', (_, main, problem) => {
    expect(problemsOf({ main })).toContain(problem)
  })
})

describe('secrets', () => {
  const both: readonly SecretKind[] = ['env', 'secretsManager']
  type Kinds = readonly SecretKind[]
  const rows: [string, unknown, string, Kinds?][] = [
    [
      'the secret itself',
      's3cret',
      `${P}.secret: must say where the secret is, never what it is: { env }, { secretsStore } or { secretsManager }`,
    ],
    [
      'nothing',
      undefined,
      `${P}.secret: is missing; say where it is: { env }, { secretsStore } or { secretsManager }`,
    ],
    ['nowhere', {}, `${P}.secret: must have exactly one of env, secretsStore, secretsManager`],
    [
      'two places',
      { env: 'OUR_SECRET', secretsStore: 'OURS' },
      `${P}.secret: must have exactly one of env, secretsStore, secretsManager`,
    ],
    [
      'a variable that is not set',
      { env: 'NOWHERE' },
      `${P}.secret.env: needs the environment variable NOWHERE, which is not set`,
    ],
    ['a variable that is empty', { env: 'EMPTY' }, `${P}.secret.env: names EMPTY, which is empty`],
    ['a variable with a line break', { env: 'BROKEN' }, `${P}.secret.env: names BROKEN, which is malformed`],
    [
      'a field of a variable',
      { env: 'OUR_SECRET', field: 'x' },
      `${P}.secret.field: goes with secretsManager only`,
    ],
    ['an empty name', { secretsManager: '' }, `${P}.secret.secretsManager: must be a non-empty string`],
    [
      'a place that this edge cannot read',
      { secretsStore: 'OURS' },
      `${P}.secret.secretsStore: cannot be read here; this edge reads: env, secretsManager`,
      both,
    ],
    [
      'a binding that is not there',
      { secretsStore: 'OURS' },
      `${P}.secret.secretsStore: names OURS, which is not bound to this Worker`,
      ['env', 'secretsStore'],
    ],
    [
      'a place, where none can be read',
      { env: 'OUR_SECRET' },
      `${P}.secret.env: cannot be read here; this edge reads: no secrets`,
      [],
    ],
  ]
  test.each(rows)('%s', (_, secret, problem, kinds) => {
    expect(problemsOf({ main: issuer({ introspection: introspection({ secret }) }) }, ROUTES, kinds)).toEqual(
      [problem],
    )
  })

  test('no problem repeats a value', () => {
    const main = issuer({ introspection: introspection({ secret: 'a-secret-in-the-wrong-place' }) })
    expect(problemsOf({ main }).join()).not.toContain('a-secret-in-the-wrong-place')
  })
})

describe('the issuer of an opaque token', () => {
  const two = { main: issuer(), hub: github() }

  test('two issuers without a prefix: every protected route has to name one', () => {
    expect(problemsOf(two)).toEqual([
      'routes[1].issuer: is needed: an opaque token could be of main and hub; name one here, or give all but one a prefix',
    ])
    const routes = [ROUTES[0]!, { ...ROUTES[1]!, issuer: 'hub' }]
    expect(problemsOf(two, routes)).toEqual([])
  })

  test('a prefix that begins with another one is claimed twice', () => {
    expect(problemsOf({ main: issuer({ prefix: 'gh' }), hub: { ...github(), prefix: ['gho_'] } })).toEqual([
      'issuers.hub.prefix: has gho_, which overlaps issuers.main.prefix',
    ])
  })

  test.each<[string, JsonObject, string]>([
    ['nobody', { issuer: 'nobody' }, 'routes[1].issuer: names nobody, which is not among the issuers'],
    ['a number', { issuer: 1 }, 'routes[1].issuer: must be the name of an issuer'],
  ])('a route that names %s', (_, change, problem) => {
    expect(problemsOf({ main: issuer() }, [ROUTES[0]!, { ...ROUTES[1]!, ...change }])).toContain(problem)
  })

  test('a public route names none', () => {
    expect(problemsOf({ main: issuer() }, [{ ...ROUTES[0]!, issuer: 'main' }])).toEqual([
      'routes[0].issuer: cannot stand on a public route',
    ])
  })
})
