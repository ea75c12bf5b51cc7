// A configuration is either valid or refused with every problem at its path.

import { describe, expect, test } from 'vitest'
import { isRemoved } from '../../../functions/fetch/spoofable-fields.ts'
import shipped from '../../../lanekeeper.config.ts'
import { STAGED_SECTION_NAMES } from '../../../shared/config/edges/index.ts'
import { DEFAULTS, resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import { GOOD, problemsOf, withMember, type Json } from '../../support/config-problems.ts'

/** The example key of RFC 8037 appendix A.2. */
const ED_KEY = { kty: 'OKP', crv: 'Ed25519', kid: 'k', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

/** The example key of RFC 7517 appendix A.1. */
const EC_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
}

test('a good one is completed with the defaults', () => {
  const resolved = resolveConfig(GOOD)
  const issuer = resolved.issuers.get('https://login.example.com')!
  expect([...issuer.keys.algorithms]).toEqual(DEFAULTS.algorithms)
  expect(issuer).toMatchObject({ clockToleranceSeconds: 30, maxLifetimeSeconds: 86_400 })
  expect(resolved).toMatchObject({
    limits: DEFAULTS.limits,
    realm: 'api',
    origin: null,
    aws: { httpApiResponse: 'simple' },
  })
})

const EVERY_METHOD = 'list every method by name: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]'
const BRACE = 'has a brace other than {name} or, at the end, {name+}, named with A-Z, a-z, 0-9 and "_"'

test.each<[string, unknown, string]>([
  ['routes.0.methods', ['*'], `has "*"; ${EVERY_METHOD}`],
  ['routes.0.methods', '*', `has "*"; ${EVERY_METHOD}`],
  ['routes.0.methods', 'any', `has "any"; ${EVERY_METHOD}`],
  ['routes.0.methods', ['ALL'], `has "ALL"; ${EVERY_METHOD}`],
  ['routes.0.methods', ['GET,POST'], 'has "GET,POST"; write each method by itself: ["GET", "POST"]'],
  ['routes.0.methods', ['GET POST'], 'has "GET POST"; write each method by itself: ["GET", "POST"]'],
  ['routes.0.methods', ['get'], 'has "get"; write "GET"'],
  ['routes.0.methods', ['M_X'], 'has "M_X"; a method is written with A-Z and "-" here'],
  ['routes.0.methods', ['G3T'], 'has "G3T"; a method is written with A-Z and "-" here'],
  ['routes.0.methods', 'GET', 'must be a list of at least one non-empty string'],
  ['routes.0.scope.allOf', ['a b'], 'has "a b", which has a space; write two'],
  ['routes.0.scope.allOf', ['a\tb'], 'has "a\\tb", which has a space; write two'],
  ['routes.0.scope.allOf', [' a'], 'has " a", which begins or ends with a space'],
  ['routes.0.scope.allOf', ['a\n'], 'has "a\\n", which begins or ends with a space'],
  ['routes.0.scope.allOf', ['a"b'], 'has "a\\"b", which is no scope-token (RFC 6749 section 3.3)'],
  ['routes.0.path', '/orders/{item-id}', BRACE],
  ['routes.0.path', '/orders/{id:[0-9]+}', BRACE],
  ['routes.0.path', '/orders/{id}.json', BRACE],
  ['origin.url', 'https://orders.example:99111/x', 'has the port 99111; it is a number up to 65535'],
  ['origin.url', 'https://orders.example:65536', 'has the port 65536; it is a number up to 65535'],
  ['origin.url', 'https://[::1]:99111?', 'has the port 99111; it is a number up to 65535'],
  ['origin.url', 'https://orders.example:80a/b:99111', 'has the port 80a; it is a number up to 65535'],
  ['origin.url', 'https://orders.example:-1', 'has the port -1; it is a number up to 65535'],
  ['origin.url', 'http://127.0.0.2:3000', 'must use https (http is for localhost, 127.0.0.1 and [::1] only)'],
])('%s = %j: the problem says what to write', (path, value, message) => {
  expect(problemsOf(withMember(path, value))).toEqual([`${path.replace('.0', '[0]')}: ${message}`])
})

test('good methods, scopes, templates and ports have no problem', () => {
  const methods = ['GET', 'M-SEARCH', 'PURGE', 'QUERY', 'GETT']
  const route = { path: '/orders/{item_id}', methods, scope: { allOf: ['a', 'b,c'] } }
  for (const port of [1, 65_535]) {
    const origin = { url: `https://orders.example:${port}` }
    expect(problemsOf({ ...GOOD, routes: [route], origin })).toEqual([])
  }
})

test('a function with a name, and a configuration without aws.authorizers', () => {
  for (const given of [GOOD, { ...GOOD, aws: { authorizers: {} } }])
    expect(problemsOf(given, { authorizer: 'byToken' })).toEqual([
      'aws.authorizers: is missing, and LANEKEEPER_AUTHORIZER names "byToken"; add that entry',
    ])
  const aws = { authorizers: { other: {} } }
  expect(problemsOf({ ...GOOD, aws }, { authorizer: 'byToken' })).toEqual([
    'aws.authorizers: has no authorizer "byToken" (LANEKEEPER_AUTHORIZER); it has: other',
  ])
  expect(problemsOf({ ...GOOD, aws }, { authorizer: 'other' })).toEqual([])
})

test.each([
  ['https://*.example.com', 'names no host: *.example.com; there are no patterns, write each host'],
  ['https://*', 'names no host: *; there are no patterns, write each host'],
  ['https://.example.com', 'names no host: .example.com; there are no patterns, write each host'],
  [
    'https://a.example,b.example',
    'names no host: a.example,b.example; there are no patterns, write each host',
  ],
  ['https://(www|app).example', 'is not an absolute URL'],
  ['https://app.example/', 'has "https://app.example/"; browsers send "https://app.example"'],
  ['https://app.example/path', 'has "https://app.example/path"; browsers send "https://app.example"'],
  ['https://app.example?', 'has "https://app.example?"; browsers send "https://app.example"'],
  ['https://App.example', 'has "https://App.example"; browsers send "https://app.example"'],
  ['HTTPS://app.example', 'has "HTTPS://app.example"; browsers send "https://app.example"'],
  ['https://app.example:443', 'has "https://app.example:443"; browsers send "https://app.example"'],
  ['http://localhost:80', 'has "http://localhost:80"; browsers send "http://localhost"'],
  ['app.example', 'is not an absolute URL'],
  ['null', 'is not an absolute URL'],
  ['*', `is "*" in a list; write origins: '*'`],
])('no browser sends the origin %s', (origin, message) => {
  const good = ['https://app.example', 'https://app.example:8443', 'http://localhost', 'http://[::1]:3000']
  const cors = { origins: [...good, origin], preflight: 'pass' }
  expect(problemsOf({ ...GOOD, cors })).toEqual([`cors.origins[${good.length}]: ${message}`])
  expect(problemsOf({ ...GOOD, cors: { ...cors, origins: good } })).toEqual([])
})

test('a pattern is no host of anything else, either', () => {
  const message = 'names no host: *.example.com; there are no patterns, write each host'
  const url = 'https://*.example.com'
  expect(problemsOf({ ...GOOD, publicUrls: [url] })).toEqual([`publicUrls[0]: ${message}`])
  expect(problemsOf({ ...GOOD, origin: { url } })).toEqual([`origin.url: ${message}`])
  expect(problemsOf(withMember('issuers.main.issuer', url))).toEqual([`issuers.main.issuer: ${message}`])
})

test.each([
  [{ jwks_uri: 'https://login.example.com/jwks' }, 3_000],
  [{ jwks_uri: 'https://login.example.com/jwks', timeoutSeconds: 0.1 }, 100],
  [{ discovery: 'openid-configuration', timeoutSeconds: 5 }, 5_000],
] as const)('keys %j have a timeout of %d ms', (keys, timeoutMs) => {
  const { issuers } = resolveConfig({
    ...GOOD,
    issuers: { main: { ...GOOD.issuers['main'], keys } as never },
  })
  expect([...issuers.values()].map((issuer) => issuer.keys)).toMatchObject([{ timeoutMs }])
})

test.each([
  [{ jwks_uri: 'https://login.example.com/jwks' }, undefined],
  [{ jwks_uri: 'https://login.example.com/jwks', bundled: { maxAgeSeconds: 60 } }, 60_000],
  [{ discovery: 'openid-configuration', bundled: { maxAgeSeconds: 2_678_400 } }, 2_678_400_000],
] as const)('keys %j may be bundled for %d ms', (keys, bundledMaxAgeMs) => {
  const { issuers } = resolveConfig({
    ...GOOD,
    issuers: { main: { ...GOOD.issuers['main'], keys } as never },
  })
  for (const issuer of issuers.values())
    expect((issuer.keys as { bundledMaxAgeMs?: number }).bundledMaxAgeMs).toBe(bundledMaxAgeMs)
})

test('publicUrls and headers to keep are read, and cannot contradict each other', () => {
  const publicUrls = ['https://api.example', 'https://api.example:8443', 'http://localhost:8787']
  const origin = { sameZone: true, keepHeaders: ['Forwarded', 'X-Forwarded-User'] } as const
  const resolved = resolveConfig({ ...GOOD, publicUrls, origin })
  expect([...resolved.publicUrls]).toEqual([
    ['api.example', 'https://api.example'],
    ['api.example:8443', 'https://api.example:8443'],
    ['localhost:8787', 'http://localhost:8787'],
  ])
  expect(resolved.origin?.keepHeaders).toEqual(new Set(['forwarded', 'x-forwarded-user']))
  const keepHeaders = ['forwarded', 'x-forwarded-host']
  expect(problemsOf({ ...GOOD, origin: { sameZone: true, keepHeaders } })).toEqual([])
  expect(problemsOf({ ...GOOD, publicUrls, origin: { sameZone: true, keepHeaders } })).toEqual([
    'origin.keepHeaders[1]: cannot be kept with publicUrls, which set it',
  ])
  const typo = { sameZone: true, keepHeaders: ['forwarded', 'X-Forwarded-For'] } as const
  expect(problemsOf({ ...GOOD, origin: typo }, { isRemoved })).toEqual([
    'origin.keepHeaders[1]: is "x-forwarded-for", which is never removed (docs/cloudflare.md lists what is)',
  ])
  const identity = { headerPrefix: 'x-auth-request-' }
  const named = { sameZone: true, keepHeaders: ['x-auth-request-user'] } as const
  expect(problemsOf({ ...GOOD, origin: named })).toEqual([])
  expect(problemsOf({ ...GOOD, identity, origin: named })).toEqual([
    'origin.keepHeaders[0]: is a name of the identity, which no client may set',
  ])
  const stages = { staging: { publicUrls: ['https://staging.example'] } }
  const staging = resolveConfig({ ...GOOD, publicUrls, stages }, { stage: 'staging' })
  expect([...staging.publicUrls.keys()]).toEqual(['staging.example'])
})

test('an inline key that lies on its curve is good', () => {
  const issuer = {
    ...GOOD.issuers['main']!,
    algorithms: ['ES256'] as const,
    keys: { jwks: { keys: [EC_KEY] } },
  }
  expect(problemsOf({ ...GOOD, issuers: { main: issuer } })).toEqual([])
})

test.each(['production', 'staging'])('the shipped configuration is good in the stage %s', (stage) => {
  expect(problemsOf(shipped, { stage })).toEqual([])
})

describe('each problem is reported at its path', () => {
  test.each<[string, unknown, string]>([
    ['issuers', undefined, 'issuers: is missing'],
    ['issuers', {}, 'issuers: must have at least one issuer'],
    ['issuers', [], 'issuers: must be an object'],
    ['issuers.Main Issuer', GOOD.issuers['main'], 'issuers.Main Issuer: must be named with'],
    ['issuers.second', GOOD.issuers['main'], 'issuers.second.issuer: is the same as issuers.main.issuer'],
    ['issuers.main.issuer', undefined, 'issuers.main.issuer: is missing'],
    ['issuers.main.issuer', 'login.example.com', 'issuers.main.issuer: is not an absolute URL'],
    ['issuers.main.issuer', 'http://login.example.com', 'issuers.main.issuer: must use https'],
    ['issuers.main.issuer', 'urn:example:as', 'issuers.main.issuer: must use https'],
    ['issuers.main.issuer', 'http://127.0.0.1.evil.example', 'issuers.main.issuer: must use https'],
    [
      'issuers.main.issuer',
      'https://user:pass@login.example.com',
      'issuers.main.issuer: must not carry a user name',
    ],
    [
      'issuers.main.issuer',
      'https://:pass@login.example.com',
      'issuers.main.issuer: must not carry a user name',
    ],
    [
      'issuers.main.clockToleranceSeconds',
      301,
      'issuers.main.clockToleranceSeconds: must be a number of seconds from 0 to 300',
    ],
    ['issuers.main.issuer', 'https://login.example.com?x', 'issuers.main.issuer: must not have a query'],
    ['issuers.main.issuer', 'https://login.example.com#', 'issuers.main.issuer: must not have a fragment'],
    ['issuers.main.audience', undefined, 'issuers.main.audience: is missing'],
    ['issuers.main.audience', '', 'issuers.main.audience: must be a list'],
    ['issuers.main.audience', [], 'issuers.main.audience: must be a list'],
    ['issuers.main.audience', ['a', 1], 'issuers.main.audience: must be a list'],
    ['issuers.main.audience', ['a', 'a'], 'issuers.main.audience: lists "a" twice'],
    ['issuers.main.audience', 'https://login.example.com', 'issuers.main.audience: is the issuer itself'],
    ['issuers.main.audence', 'x', 'issuers.main.audence: is not a setting; known here: issuer, audience'],
    ['issuers.main.profile', undefined, 'issuers.main.profile: is missing; one of: rfc9068'],
    ['issuers.main.profile', 'toString', 'issuers.main.profile: is not known; one of: rfc9068'],
    ['issuers.main.keys', undefined, 'issuers.main.keys: is missing'],
    ['issuers.main.keys', {}, 'issuers.main.keys: must have exactly one of'],
    [
      'issuers.main.keys',
      { discovery: 'openid-configuration', jwks_uri: 'https://x.example' },
      'issuers.main.keys: must have exactly one of',
    ],
    [
      'issuers.main.keys',
      { discovery: 'yes' },
      'issuers.main.keys.discovery: is not known; one of: openid-configuration',
    ],
    ['issuers.main.keys', { jwks_uri: 'http://keys.example' }, 'issuers.main.keys.jwks_uri: must use https'],
    ['issuers.main.keys', { jwks: { keys: [] } }, 'issuers.main.keys.jwks.keys: must be a list of 1 to 100'],
    [
      'issuers.main.keys',
      { jwks: { keys: [{ kty: 'oct', k: '' }] } },
      'issuers.main.keys.jwks.keys[0]: cannot be used: symmetric',
    ],
    [
      'issuers.main',
      {
        ...GOOD.issuers['main'],
        algorithms: ['ES256'],
        keys: { jwks: { keys: [{ ...EC_KEY, y: EC_KEY.x }] } },
      },
      'issuers.main.keys.jwks.keys[0]: cannot be used: off_curve',
    ],
    ['issuers.main.algorithms', [], 'issuers.main.algorithms: must be a list'],
    ['issuers.main.algorithms', ['RS256', 'HS256'], 'issuers.main.algorithms: has "HS256"; known: RS256'],
    [
      'issuers.main.keys',
      { discovery: 'https://x.example/.well-known/openid-configuration' },
      'issuers.main.keys.url: is the setting for the address of the metadata',
    ],
    ['issuers.main.algorithms', ['none'], 'issuers.main.algorithms: has "none"'],
    [
      'issuers.main.clockToleranceSeconds',
      -1,
      'issuers.main.clockToleranceSeconds: must be a number of seconds from 0 to 300',
    ],
    [
      'issuers.main.clockToleranceSeconds',
      Number.NaN,
      'issuers.main.clockToleranceSeconds: must be a number',
    ],
    [
      'issuers.main.clockToleranceSeconds',
      Number.POSITIVE_INFINITY,
      'issuers.main.clockToleranceSeconds: must be a number',
    ],
    ['issuers.main.clockToleranceSeconds', '30', 'issuers.main.clockToleranceSeconds: must be a number'],
    [
      'issuers.main.maxLifetimeSeconds',
      Number.POSITIVE_INFINITY,
      'issuers.main.maxLifetimeSeconds: must be a number',
    ],
    ['routes', undefined, 'routes: is missing'],
    ['routes', {}, 'routes: must be a list'],
    ['routes', [], 'routes: has no rule'],
    ['routes', [null], 'routes[0]: must be an object'],
    ['routes', [{ path: '/a', methods: ['GET'] }], 'routes[0].scope: is missing; say'],
    ['routes', [{ path: '/a', methods: ['GET'], scope: {} }], "routes[0].scope: demands nothing; say 'none'"],
    [
      'routes',
      [{ path: '/a', methods: ['GET'], scope: { allOf: [] } }],
      'routes[0].scope.allOf: must be a list',
    ],
    [
      'routes',
      [{ path: '/a', methods: ['GET'], scope: { allOf: ['a b'] } }],
      'routes[0].scope.allOf: has "a b", which has a space; write two',
    ],
    [
      'routes',
      [{ path: '/a', methods: ['GET'], scope: { oneOf: ['a'] } }],
      'routes[0].scope.oneOf: is not a setting',
    ],
    [
      'routes',
      [{ path: '/a', methods: ['GET'], scope: 'read' }],
      'routes[0].scope: must be { allOf: [...] }, { anyOf',
    ],
    ['routes', [{ path: '/a', methods: ['GET'], public: false }], 'routes[0].public: can only be true'],
    [
      'routes',
      [{ path: '/a', methods: ['GET'], public: true, scope: 'none' }],
      'routes[0].scope: cannot stand on a public route',
    ],
    [
      'routes',
      [{ path: '/a', methods: ['get'], scope: 'none' }],
      'routes[0].methods: has "get"; write "GET"',
    ],
    ['routes', [{ path: '/a', methods: ['*'], scope: 'none' }], 'routes[0].methods: has "*"'],
    ['routes', [{ path: '/a', scope: 'none' }], 'routes[0].methods: is missing'],
    ['routes', [{ path: 'a', methods: ['GET'], scope: 'none' }], 'routes[0].path: must begin with "/"'],
    [
      'routes',
      [{ path: '/a//b', methods: ['GET'], scope: 'none' }],
      'routes[0].path: can never match a request: empty_segment',
    ],
    [
      'routes',
      [{ path: '/a/*', methods: ['GET'], scope: 'none' }],
      'routes[0].path: can never match a request: wildcard',
    ],
    ['routes', [{ path: '/a/{b', methods: ['GET'], scope: 'none' }], 'routes[0].path: has a brace'],
    ['routes', [{ path: '/a/x{b}', methods: ['GET'], scope: 'none' }], 'routes[0].path: has a brace'],
    [
      'routes',
      [{ path: '/{a+}/b', methods: ['GET'], scope: 'none' }],
      'routes[0].path: has a greedy {name+} before its end',
    ],
    [
      'routes',
      [{ path: '$connect', methods: ['POST'], scope: 'none' }],
      'routes[0].methods: must be ["GET"] for $connect',
    ],
    [
      'routes',
      [
        { path: '/a/{x}', methods: ['GET', 'PUT'], scope: 'none' },
        { path: '/a/{y}', methods: ['PUT'], public: true },
      ],
      'routes[1]: covers PUT /a/{y}, which routes[0] covers already',
    ],
    [
      'routes',
      [{ path: '/a/:id', methods: ['GET'], scope: 'none' }],
      'routes[0].path: has a segment that begins with ":"; a parameter is written {name}',
    ],
    [
      'routes',
      [{ path: '/a/%40me', methods: ['GET'], scope: 'none' }],
      'routes[0].path: escapes what needs no escape; write /a/@me',
    ],
    [
      'routes',
      [{ path: '/a', methods: ['ANY'], scope: 'none' }],
      'routes[0].methods: has "ANY"; list every method by name',
    ],
    ['issuers.main.issuer', 'https://login.example.com\n', 'issuers.main.issuer: must be printable ASCII'],
    ['identity', { headerPrefix: 'lane-' }, 'identity.headerPrefix: must look like "x-name-"'],
    [
      'identity',
      { claims: { subject: 'email' } },
      'identity.claims.subject: is a name that every identity carries',
    ],
    ['identity', { claims: { 'Org Id': 'org' } }, 'identity.claims.Org Id: must be named with'],
    ['identity', { claims: { org: 1 } }, 'identity.claims.org: must be the name of a claim'],
    ['origin', {}, 'origin: must have exactly one of url, binding and sameZone'],
    [
      'origin',
      { url: 'https://o.example', binding: 'O' },
      'origin: must have exactly one of url, binding and sameZone',
    ],
    ['origin', { url: 'https://o.example/base' }, 'origin.url: must be an origin without path'],
    ['origin', { url: 'http://o.example' }, 'origin.url: must use https'],
    [
      'origin',
      { url: 'https://o.example', token: 'yes' },
      'origin.token: is not known; one of: strip, forward, replace',
    ],
    ['publicUrls', [], 'publicUrls: must be a list of at least one'],
    ['publicUrls', 'https://a.example', 'publicUrls: must be a list of at least one'],
    ['publicUrls', ['https://a.example', 'http://b.example'], 'publicUrls[1]: must use https'],
    ['publicUrls', ['a.example'], 'publicUrls[0]: is not an absolute URL'],
    ['publicUrls', ['https://a.example/'], 'publicUrls[0]: has "https://a.example/"; write the origin alone'],
    ['publicUrls', ['https://A.example'], 'publicUrls[0]: has "https://A.example"; write the origin alone'],
    ['publicUrls', ['https://a.example:443'], 'publicUrls[0]: has "https://a.example:443"; write the origin'],
    ['publicUrls', ['https://a.example', 'https://a.example'], 'publicUrls: lists "https://a.example" twice'],
    [
      'publicUrls',
      ['https://localhost:1', 'http://localhost:1'],
      'publicUrls[1]: has the host of an earlier entry',
    ],
    ['publicUrls', ['https://${env:HOST}'], 'publicUrls[0]: needs the environment variable HOST'],
    ['origin', { sameZone: true, keepHeaders: 'forwarded' }, 'origin.keepHeaders: must be a list'],
    [
      'origin',
      { sameZone: true, keepHeaders: ['a b'] },
      'origin.keepHeaders[0]: is "a b", which is no header',
    ],
    [
      'origin',
      { sameZone: true, keepHeaders: ['X-Lanekeeper-Subject'] },
      'origin.keepHeaders[0]: is a name of the identity, which no client may set',
    ],
    ['aws', { httpApiResponse: 'iam' }, 'aws.httpApiResponse: is not known; one of: simple, policy'],
    [
      'routes',
      [{ path: '/a', methods: ['GET'], scope: { allOf: undefined, anyOf: ['a'] } }],
      'routes[0].scope.allOf: is undefined; give it a value or leave it out',
    ],
    ['origin', { url: 'https://${env:HOST' }, 'origin.url: has a "${env:HOST" that does not end with "}"'],
    [
      'issuers.main.keys',
      { jwks: { keys: [ED_KEY, ED_KEY] } },
      'issuers.main.keys.jwks.keys[1].kid: is the kid of an earlier key',
    ],
    ['realm', 'a"b', 'realm: must be 1 to 64 printable'],
    ['limits', { maxTokenBytes: 0 }, 'limits.maxTokenBytes: must be a whole number from 256'],
    ['limits', { maxTokens: 1 }, 'limits.maxTokens: is not a setting'],
    ...(
      [
        [{ clients: [] }, 'clients: must be a list'],
        [{ clients: 'a' }, 'clients: must be a list'],
        [{ clients: undefined }, 'clients: is undefined; give it a value or leave it out'],
        [{ claims: {} }, 'claims: demands nothing'],
        [{ claims: { a: 'x' } }, 'claims.a: must be an object'],
        [{ claims: { a: {} } }, 'claims.a: must have exactly one of equals and oneOf'],
        [{ claims: { a: { equals: 1, oneOf: [1] } } }, 'claims.a: must have exactly one of equals and oneOf'],
        [{ claims: { a: { equals: ['x'] } } }, 'claims.a.equals: must be a non-empty string'],
        [{ claims: { a: { equals: 0.5 } } }, 'claims.a.equals: must be a non-empty string'],
        [{ claims: { a: { oneOf: [] } } }, 'claims.a.oneOf: must be a list'],
        [{ claims: { a: { oneOf: [{}] } } }, 'claims.a.oneOf: must be a list'],
        [{ claims: { a: { matches: /x/ } } }, 'claims.a.matches: is not a setting'],
        [{ authorizationDetails: [''] }, 'authorizationDetails: must be a list'],
        [{ acr: ['a b'] }, 'acr: has "a b", which cannot stand in acr_values'],
        [{ acr: ['a"'] }, 'acr: has "a\\"", which cannot stand'],
        [{ maxAgeSeconds: -1 }, 'maxAgeSeconds: must be a whole number from 0'],
        [{ maxAgeSeconds: '300' }, 'maxAgeSeconds: must be a whole number from 0'],
      ] as const
    ).map(
      ([members, problem]) =>
        ['routes', [{ path: '/a', methods: ['GET'], scope: 'none', ...members }], `routes[0].${problem}`] as [
          string,
          unknown,
          string,
        ],
    ),
    [
      'routes',
      [{ path: '/a', methods: ['GET'], public: true, clients: ['a'] }],
      'routes[0].clients: cannot stand on a public route',
    ],
    ['resources', [], 'resources: must be a list of at least one'],
    ['resources', [{}], 'resources[0].identifier: is missing'],
    [
      'resources',
      [{ identifier: 'https://other.example' }],
      'resources[0].identifier: is in the audience of no issuer',
    ],
    ['resources', [{ identifier: 'http://api.example.com' }], 'resources[0].identifier: must use https'],
    [
      'resources',
      [{ identifier: 'https://api.example.com?a' }],
      'resources[0].identifier: must not have a query',
    ],
    [
      'resources',
      [{ identifier: 'https://api.example.com/a/../b' }],
      'resources[0].identifier: has a path that URL parsers write in another way',
    ],
    [
      'resources',
      [{ identifier: 'https://api.example.com' }, { identifier: 'https://api.example.com/' }],
      'resources[1].identifier: has the path of an earlier resource',
    ],
    [
      'resources',
      [{ identifier: 'https://api.example.com/a' }, { identifier: 'https://api.example.com/a/' }],
      'resources[1].identifier: has the path of an earlier resource',
    ],
    [
      'resources',
      [{ identifier: 'https://api.example.com/a%2Fb' }],
      'resources[0].identifier: has a path that no request has: encoded_delimiter',
    ],
    [
      'resources',
      [{ identifier: 'https://api.example.com/%40me' }],
      'resources[0].identifier: has a path that no request has: needless escape',
    ],
    [
      'resources',
      [{ identifier: 'https://api.example.com', documentation: 'here' }],
      'resources[0].documentation: is not an absolute URL',
    ],
    ['reportOnly', 'yes', 'reportOnly: must be true or false'],
    [
      'routes',
      [{ path: '/a', methods: ['GET'], scope: 'none', reportOnly: 1 }],
      'routes[0].reportOnly: must be true or false',
    ],
    [
      'routes',
      [{ path: '/a', methods: ['GET'], public: true, reportOnly: true }],
      'routes[0].reportOnly: cannot stand on a public route',
    ],
    ['rotues', [], 'config.rotues: is not a setting'],
    [
      'stages',
      { staging: { routes: [] } },
      `stages.staging.routes: is not a setting; known here: issuers, resources, ${STAGED_SECTION_NAMES.join(', ')}, revocation, dpop, mtls, reportOnly`,
    ],
  ])('%s = %j', (path, value, problem) => {
    const problems = problemsOf(withMember(path, value))
    expect(problems.filter((text) => text.startsWith(problem))).toHaveLength(1)
  })

  test('a value that is no configuration', () => {
    for (const nothing of [undefined, null, 'config', [], 7])
      expect(problemsOf(nothing)[0]).toMatch(/^config: (is missing|must be an object)/)
  })
})

describe('a rule for a path that the Worker serves itself', () => {
  const api = 'https://api.example.com'
  const problemsFor = (path: string, resource: string, assertion: boolean) =>
    problemsOf({
      ...GOOD,
      issuers: { main: { ...GOOD.issuers['main']!, audience: resource } },
      resources: [{ identifier: resource }],
      origin: {
        url: 'https://origin.example',
        ...(assertion ? { assertion: { key: { env: 'KEY' }, issuer: api } } : {}),
      },
      routes: [{ path, methods: ['GET'], scope: 'none' }],
    })
  const JWKS = '/.well-known/lanekeeper/jwks.json'
  const METADATA = '/.well-known/oauth-protected-resource'

  test.each<[string, string, boolean, string]>([
    [
      METADATA,
      api,
      false,
      `covers ${METADATA}, where the Worker serves the metadata of the resource ${api};`,
    ],
    [`${METADATA}/mcp`, `${api}/mcp`, false, `covers ${METADATA}/mcp, where the Worker serves the metadata`],
    [
      '/.well-known/{a+}',
      `${api}/mcp`,
      false,
      `covers ${METADATA}/mcp, where the Worker serves the metadata`,
    ],
    ['/.well-known/{a}', api, false, `covers ${METADATA}, where the Worker serves the metadata`],
    [JWKS, api, true, `covers ${JWKS}, where the Worker serves the public keys of the assertions;`],
    ['/.well-known/{a}/jwks.json', api, true, `covers ${JWKS}, where the Worker serves the public keys`],
  ])('is refused: %s beside %s', (path, resource, assertion, problem) => {
    expect(problemsFor(path, resource, assertion)).toEqual([
      expect.stringContaining(`routes[0].path: ${problem}`),
    ])
  })

  test.each<[string, string, boolean]>([
    [METADATA, `${api}/mcp`, false],
    [`${METADATA}/mcp/a`, `${api}/mcp`, false],
    ['/.well-known/{a}', `${api}/mcp`, true],
    [JWKS, api, false],
    ['/.well-known/security.txt', api, true],
    ['/{path+}', api, true],
    ['/{a}/lanekeeper/{b}', api, true],
  ])('is accepted otherwise: %s beside %s', (path, resource, assertion) => {
    expect(problemsFor(path, resource, assertion)).toEqual([])
  })
})

test('all problems are reported together, in the message too', () => {
  const config = {
    issuers: { main: { issuer: 'http://a.example', audience: '', profile: 'x', keys: {} } },
    routes: [{ path: 'a', methods: [] }],
    realm: '',
  }
  const problems = problemsOf(config)
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'realm',
    'issuers.main.profile',
    'issuers.main.keys',
    'issuers.main.issuer',
    'issuers.main.audience',
    'routes[0].path',
    'routes[0].methods',
    'routes[0].scope',
  ])
  expect(() => resolveConfig(config as unknown as LanekeeperConfig)).toThrow(
    /^The Lanekeeper configuration has 8 problems:\n {2}realm: /,
  )
})

describe('diagnostics', () => {
  const secret = { env: 'DIAGNOSTICS' }
  const header = 'x-diagnostics-secret'
  const given = (name: unknown, more: object = {}) => ({
    ...GOOD,
    diagnostics: { header: name, secret },
    ...more,
  })
  const worker = {
    needsOrigin: true,
    isRemoved,
    secretKinds: ['env', 'secretsStore'],
    env: { DIAGNOSTICS: 'k'.repeat(32) },
  }
  const origin = { url: 'https://origin.example' }

  test.each([header, 'Acme-Who-Answered', 'x_diagnostics', 'x-content', 'authority', 'hosts'])(
    'the header may be %s',
    (name) => {
      expect(problemsOf(given(name, { origin }), worker)).toEqual([])
      expect(resolveConfig(given(name) as never).diagnostics).toEqual({ header: name.toLowerCase(), secret })
    },
  )

  test.each([
    'Authorization', 'authorization', 'Proxy-Authorization', 'Cookie', 'Host', 'Connection', 'Content-Type',
    'Content-Length', 'content_length', 'Transfer-Encoding', 'Upgrade', 'Sec-WebSocket-Key', 'Origin', 'Accept',
    'Accept-Encoding', 'Access-Control-Request-Method', 'Cache-Control', 'If-None-Match', 'Range', 'User-Agent',
    'DPoP', 'Forwarded', 'X-Forwarded-For', 'X-Real-IP', 'CF-Connecting-IP', 'True-Client-IP', 'traceparent',
  ])('the header cannot be %s', (name) => {
    const problem = `diagnostics.header: is "${name}", which has another meaning; take a name of your own`
    expect(problemsOf(given(name))).toContain(problem)
  }) // prettier-ignore

  test.each([
    [undefined, {}, 'must be the name of a header field'],
    ['', {}, 'must be the name of a header field'],
    [7, {}, 'must be the name of a header field'],
    ['x a', {}, 'is "x a", which is no header name'],
    ['x:', {}, 'is "x:", which is no header name'],
    ['X-Lanekeeper-Plan', {}, 'is a name of the identity, which no client may set'],
    ['x_lanekeeper_plan', {}, 'is a name of the identity, which no client may set'],
    [
      'X-Acme-Plan',
      { identity: { headerPrefix: 'x-acme-' } },
      'is a name of the identity, which no client may set',
    ],
    [
      'X-Custom',
      { origin: { ...origin, keepHeaders: ['x-custom'] } },
      'is in origin.keepHeaders, and this field never reaches the origin',
    ],
    [
      header,
      { cors: { origins: '*', preflight: 'answer', headers: ['X-Diagnostics-Secret'] } },
      'is in cors.headers; no script should have the secret',
    ],
  ])('the header %j cannot go with %j', (name, more, problem) => {
    const { header: _, ...others } = given(name).diagnostics
    const config = { ...given(name, more), ...(name === undefined ? { diagnostics: others } : {}) }
    expect(problemsOf(config)).toEqual([`diagnostics.header: ${problem}`])
  })

  test('a name that is removed from requests is one of proxies, where the edge removes such names', () => {
    const named = given('X-Auth-Request-User', { origin })
    expect(problemsOf(named)).toEqual([])
    expect(problemsOf(named, worker)).toEqual([
      'diagnostics.header: is a name that proxies and frameworks write (docs/cloudflare.md); take a name of your own',
    ])
  })

  test('the secret is looked for at the edge that loads it, and no other', () => {
    const missing = 'diagnostics.secret.env: needs the environment variable DIAGNOSTICS, which is not set'
    expect(problemsOf(given(header, { origin }), { ...worker, env: {} })).toEqual([missing])
    const lambda = { env: {}, secretKinds: ['env', 'secretsManager'] }
    expect(problemsOf(given(header, { origin }), lambda)).toEqual([])
    const stored = { header, secret: { secretsStore: 'DIAGNOSTICS' } }
    expect(problemsOf({ ...GOOD, diagnostics: stored }, lambda)).toEqual([])
    const elsewhere = { header, secret: { secretsManager: 'x' } }
    expect(problemsOf({ ...GOOD, origin, diagnostics: elsewhere }, worker)).toEqual([
      'diagnostics.secret.secretsManager: cannot be read here; this edge reads: env, secretsStore',
    ])
    for (const DIAGNOSTICS of ['k'.repeat(31), `${'k'.repeat(32)} k`, 'é'.repeat(32)])
      expect(problemsOf(given(header, { origin }), { ...worker, env: { DIAGNOSTICS } })).toEqual([
        'diagnostics.secret.env: names DIAGNOSTICS, which is malformed',
      ])
    expect(problemsOf({ ...GOOD, diagnostics: { header, secret: 'k'.repeat(32) } })).toEqual([
      'diagnostics.secret: must say where the secret is, never what it is: { env }, { secretsStore } or { secretsManager }',
    ])
    expect(problemsOf({ ...GOOD, diagnostics: { header } })).toEqual([
      'diagnostics.secret: is missing; say where it is: { env }, { secretsStore } or { secretsManager }',
    ])
  })

  test('a stage replaces it', () => {
    const stages = { staging: { diagnostics: { header: 'x-staging', secret } } }
    const staging = resolveConfig(given(header, { stages }) as never, { stage: 'staging' })
    expect(staging.diagnostics).toEqual({ header: 'x-staging', secret })
    expect(resolveConfig(GOOD).diagnostics).toBe(null)
  })
})

describe('a member that is undefined is a problem, unlike an absent one', () => {
  const { main } = GOOD.issuers
  const introspection = {
    endpoint: 'https://login.example.com/introspect',
    authentication: 'client_secret_basic',
    clientId: 'gateway',
    secret: { env: 'SECRET' },
    clients: ['a'],
  }
  const resources = [{ identifier: 'https://api.example.com', name: 'API' }]
  const aws = { strategy: 'off', authorizers: { second: { strategy: 'exact' } } }
  const cors = { origins: ['https://app.example.com'], preflight: 'answer', headers: ['authorization'] }
  const origin = { url: 'https://origin.example.com', token: 'strip' }
  const claims = { org_id: { oneOf: ['a', 'b'] } }
  const full = {
    issuers: { main: { ...main, clients: ['a'], introspection, prefix: ['x_'] } },
    routes: [{ ...GOOD.routes[0], issuer: 'main', clients: ['a'], claims }],
    resources,
    cors,
    origin,
    aws,
    identity: { claims: { tenant: 'org_id' } },
    limits: { maxTokenBytes: 4_096 },
    log: { fingerprintKey: { env: 'KEY' } },
    realm: 'api',
    reportOnly: false,
    stages: {
      chosen: { issuers: { main: { clients: ['b'] } }, resources, origin, aws, cors, reportOnly: false },
      other: { issuers: { main: { clients: ['c'] } }, resources, origin, aws, cors, reportOnly: false },
    },
  }
  const environment = { stage: 'chosen', env: { SECRET: 's3cret', KEY: 'k'.repeat(43) } }

  /** Every member and item below a value: its path, and a function that sets it in a copy. */
  function placesIn(value: object, path: string): string[] {
    return Object.entries(value).flatMap(([name, item]) => {
      const at = Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`
      return [at, ...(typeof item === 'object' && item !== null ? placesIn(item as object, at) : [])]
    })
  }

  function emptied(path: string): object {
    const copy = structuredClone(full) as unknown as Json
    const names = path.split(/\.|\[(\d+)\]/).filter((name) => name !== undefined && name !== '')
    const parent = names.slice(0, -1).reduce<Json>((at, name) => at[name] as Json, copy)
    parent[names.at(-1)!] = undefined
    return copy
  }

  test('the whole one is good', () => {
    expect(problemsOf(full, environment)).toEqual([])
  })

  test.each(placesIn(full, ''))('%s', (path) => {
    const problem = `${path}: is undefined; give it a value or leave it out`
    expect(problemsOf(emptied(path), environment)).toContain(problem)
  })

  test.each([
    'issuers.main.clients',
    'issuers.main.introspection.clients',
    'routes[0].issuer',
    'routes[0].clients',
    'resources',
    'stages.chosen.resources',
    'stages.chosen.aws',
    'stages.chosen.cors',
    'stages.other.reportOnly',
  ])('%s, which is optional', (path) => {
    const problem = `${path}: is undefined; give it a value or leave it out`
    expect(problemsOf(emptied(path), environment)).toEqual([problem])
  })

  test('a hole in a list is one, too', () => {
    const scope = { anyOf: ['a', , 'b'] }
    const config = { ...GOOD, routes: [{ ...GOOD.routes[0], scope }] }
    expect(problemsOf(config)).toContain(
      'routes[0].scope.anyOf[1]: is undefined; give it a value or leave it out',
    )
  })
})

test('routes and issuers share equal parts, and nothing else', () => {
  const { issuers, ...rest } = GOOD
  const { main } = issuers
  const route = (path: string, scope: string) => ({ path, methods: ['GET'], scope: { allOf: [scope] } })
  const resolved = resolveConfig({
    ...rest,
    issuers: {
      main: main!,
      alike: { ...main!, issuer: 'https://alike.example.com' },
      other: { ...main!, issuer: 'https://other.example.com', audience: 'https://other-api.example.com' },
    } as LanekeeperConfig['issuers'],
    routes: [route('/a', 'read'), route('/b', 'read'), route('/c', 'write')],
  })
  const demands = resolved.routes.map(({ demand }) => demand)
  expect(demands[1]).toBe(demands[0])
  expect(demands[2]).toEqual({ allOf: ['write'], anyOf: [] })
  const audiences = [...resolved.issuers.values()].map((issuer) => issuer.audiences)
  expect(audiences[1]).toBe(audiences[0])
  expect(audiences[2]).toEqual(new Set(['https://other-api.example.com']))
})

test.each(['toString', 'valueOf'])('a member with the name %s is a problem', (name) => {
  const config = { ...GOOD, realm: { [name]: 1 } } as unknown as LanekeeperConfig
  expect(problemsOf(config)).toContain(`realm.${name}: is a name that no member can have`)
})

test('a member with the name __proto__ is a problem, wherever it stands', () => {
  const key = JSON.parse('{ "kty": "EC", "__proto__": { "a": 1 } }') as object
  const keys = { jwks: { keys: [key] } }
  const config = { ...GOOD, issuers: { main: { ...GOOD.issuers['main']!, keys } } } as LanekeeperConfig
  expect(problemsOf(config)).toContain(
    'issuers.main.keys.jwks.keys[0].__proto__: is a name that no member can have',
  )
})
