// The issuer of an opaque token, by configuration alone: that of the route, that of the prefix, or the only issuer.

import { expect, test } from 'vitest'
import { resolveConfig } from '../../../shared/index.ts'
import { createIssuerSelection } from '../../../shared/introspection/select-issuer.ts'

const opaque = (name: string, more: object = {}) => ({
  issuer: `https://${name}.example`,
  audience: 'https://api.example',
  introspection: {
    endpoint: `https://${name}.example/introspect`,
    authentication: 'bearer',
    secret: { secretsManager: name },
  },
  ...more,
})

/** Its JWTs are verified with keys, and its opaque tokens introspected. */
const both = opaque('both', { profile: 'rfc9068', keys: { discovery: 'openid-configuration' } })

/** Its JWTs are introspected, too; its keys are for signed answers. */
const introspected = {
  ...both,
  introspection: { ...both.introspection, jwt: 'introspect' },
}

const checked = {
  check: { provider: 'gitlab', clientId: 'app', baseUrl: 'https://gitlab.example' },
}

const HEADERS = {
  'as it should': '{"alg":"RS256"}',
  'on a new line': '{\n"alg":"RS256"}',
  'with a space': ' {"alg":"RS256"}',
  'with white space of every kind': '\r\n\t {"alg":"RS256"}',
  'with a byte order mark': '\ufeff{"alg":"RS256"}',
  'and ends at once': '{}',
}

const encode = (text: string) => Buffer.from(text).toString('base64url')

const jwt = (claims: object | string, header = HEADERS['as it should']) =>
  `${encode(header)}.${encode(typeof claims === 'string' ? claims : JSON.stringify(claims))}.c2ln`

const EVIL = { iss: 'https://evil.example' }

const keyed = {
  issuer: 'https://keyed.example',
  audience: 'https://api.example',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
}

type Row = [string, object, string, string | undefined, string | null]

const rows: Row[] = [
  ['no issuer introspects', { keyed }, 'abc', undefined, null],
  ['the only one that can', { keyed, one: opaque('one') }, 'abc', undefined, 'one'],
  ['the only one, whatever is in the token', { one: opaque('one') }, 'ya29.a0.AfB-c_d', undefined, 'one'],
  [
    'a prefix',
    { one: opaque('one', { prefix: 'a' }), two: opaque('two', { prefix: 'b' }) },
    'bc',
    undefined,
    'two',
  ],
  [
    'a prefix of nobody',
    { one: opaque('one', { prefix: 'a' }), two: opaque('two', { prefix: 'b' }) },
    'c',
    undefined,
    null,
  ],
  [
    'a prefix before the one without',
    { one: opaque('one'), two: opaque('two', { prefix: 'b' }) },
    'bc',
    undefined,
    'two',
  ],
  [
    'the one without, for the rest',
    { one: opaque('one'), two: opaque('two', { prefix: 'b' }) },
    'c',
    undefined,
    'one',
  ],
  [
    'a prefix further in',
    { one: opaque('one'), two: opaque('two', { prefix: 'b' }) },
    'cb',
    undefined,
    'one',
  ],
  ['the route', { one: opaque('one'), two: opaque('two') }, 'abc', 'two', 'two'],
  ['the route, and no issuer that introspects', { keyed, one: opaque('one') }, 'abc', 'keyed', null],
  [
    'the route, and another prefix',
    { one: opaque('one'), two: opaque('two', { prefix: 'b' }) },
    'abc',
    'two',
    null,
  ],
  ...Object.entries(HEADERS).flatMap(([how, header]): Row[] => [
    [
      `a JWT without iss that begins ${how}`,
      { one: opaque('one') },
      jwt({ gnt: 1 }, header),
      undefined,
      'one',
    ],
    [
      `a JWT of another issuer that begins ${how}`,
      { one: opaque('one') },
      jwt(EVIL, header),
      undefined,
      null,
    ],
    [`a JWT to verify that begins ${how}`, { both }, jwt({ gnt: 1 }, header), undefined, null],
    [`what is no JWT and begins ${how}`, { one: opaque('one') }, jwt('opaque', header), undefined, 'one'],
    [
      `nor, to be verified, what is no JWT and begins ${how}`,
      { both },
      jwt('opaque', header),
      undefined,
      null,
    ],
  ]),
  [
    'a JWT with an iss in a list',
    { one: opaque('one') },
    jwt({ iss: ['https://one.example'] }),
    undefined,
    null,
  ],
  ['a JWT with an iss of null', { one: opaque('one') }, jwt({ iss: null }), undefined, null],
  ['a JWT of its own', { one: opaque('one') }, jwt({ iss: 'https://one.example' }), undefined, 'one'],
  [
    'a JWT of an issuer that verifies',
    { one: opaque('one'), keyed },
    jwt({ iss: keyed.issuer }),
    undefined,
    null,
  ],
  ['a JWT without iss, beside one that verifies', { one: opaque('one'), keyed }, jwt({}), undefined, 'one'],
  ['a JWT without iss, by the route', { one: opaque('one'), two: opaque('two') }, jwt({}), 'two', 'two'],
  [
    'a JWT without iss, on the route of one that verifies',
    { one: opaque('one'), keyed },
    jwt({}),
    'keyed',
    null,
  ],
  [
    'a JWT without iss, where all have prefixes',
    { one: opaque('one', { prefix: 'a' }), two: opaque('two', { prefix: 'b' }) },
    jwt({}),
    undefined,
    null,
  ],
  ['a JWT without iss, introspected in spite of keys', { introspected }, jwt({}), undefined, 'introspected'],
  ['a JWT without iss, at a provider with a check', { checked }, jwt({}), undefined, 'checked'],
  [
    'a JWE',
    { one: opaque('one') },
    `${encode('{"alg":"dir","enc":"A256GCM"}')}..iv.text.tag`,
    undefined,
    'one',
  ],
  ['a JWE at a provider with a check', { checked }, 'eyJh.a.b.c.d', undefined, 'checked'],
  ['a JWE, beside JWTs to verify', { both }, 'eyJh.a.b.c.d', undefined, null],
  [
    'a JWE, where all have prefixes',
    { one: opaque('one', { prefix: 'a' }), keyed },
    'eyJh.a.b.c.d',
    undefined,
    null,
  ],
  ['what has three parts and no header', { one: opaque('one') }, 'abcd.eyJp.c2ln', undefined, 'one'],
  ['what has three parts that are no base64url', { one: opaque('one') }, 'abcde.eyJp.c2ln', undefined, 'one'],
  ['what begins like a header and has two parts', { one: opaque('one') }, 'eyJh.eyJp', undefined, 'one'],
]

test.each(rows)('%s', (_, issuers, token, issuer, expected) => {
  const route = { path: '/', methods: ['GET'], scope: 'none', ...(issuer === undefined ? {} : { issuer }) }
  const config = resolveConfig({ issuers, routes: [route] } as never)
  const reader = createIssuerSelection(config)(token, config.routes[0]!)
  expect(reader === null ? null : 'name' in reader && reader.name).toBe(expected)
})

/** The code of the refusal that needs no request. */
function refusalOf(issuers: object, token: string): unknown {
  const config = resolveConfig({ issuers, routes: [{ path: '/', methods: ['GET'], scope: 'none' }] } as never)
  const reader = createIssuerSelection(config)(token, config.routes[0]!)
  return reader !== null && 'code' in reader ? [reader.code, reader.detail?.['unverified_kind']] : reader
}

test.each<[string, object, string, string]>([
  ['an ID token by at_hash', { at_hash: 'h' }, '', 'id_token'],
  ['an ID token by at_hash, and a nonce', { nonce: 'n', at_hash: 'h' }, '', 'id_token'],
  ['an ID token by typ', { typ: 'ID' }, '', 'id_token'],
  ['an ID token by tokenName', { tokenName: 'id_token' }, '', 'id_token'],
  ['a refresh token by tokenName', { tokenName: 'refresh_token' }, '', 'refresh_token'],
  ['a logout token by its header', {}, '{"typ":"logout+jwt"}', 'logout_token'],
])('%s is sent to no issuer, with and without an iss', (_, claims, header, kind) => {
  const token = (more: object) => jwt({ ...claims, ...more }, header || undefined)
  for (const name of [{}, { iss: 'https://one.example' }])
    expect(refusalOf({ one: opaque('one') }, token(name))).toEqual(['kind_unverified', kind])
  expect(refusalOf({ checked }, token({}))).toEqual(['kind_unverified', kind])
})

test.each(Object.entries(HEADERS))(
  'a token that its issuer may read more leniently is not sent either: its header begins %s',
  (_, header) => {
    const token = jwt({ iss: 'https://one.example', at_hash: 'h' }, header)
    const [first = '', claims = ''] = token.split('.')
    const spelled = `${first}.${claims}${'='.repeat((4 - (claims.length % 4)) % 4)}.c2ln`
    for (const one of [token, spelled])
      expect(refusalOf({ one: opaque('one') }, one)).toEqual(['kind_unverified', 'id_token'])
  },
)

test('a JWT that names a provider with a check is its ID token, and is sent nowhere', () => {
  expect(refusalOf({ checked }, jwt({ iss: 'https://gitlab.example' }))).toEqual([
    'issuer_unknown',
    undefined,
  ])
})
