// Whose an opaque token is, by configuration alone: the route, the prefix, or the only issuer there is.

import { expect, test } from 'vitest'
import { resolveConfig } from '../../../shared/index.ts'
import { selectReader } from '../../../shared/opaque/select-reader.ts'

const asked = (name: string, more: object = {}) => ({
  issuer: `https://${name}.example`,
  audience: 'https://api.example',
  introspection: {
    endpoint: `https://${name}.example/introspect`,
    authentication: 'bearer',
    secret: { secretsManager: name },
  },
  ...more,
})

const keyed = {
  issuer: 'https://keyed.example',
  audience: 'https://api.example',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
}

type Row = [string, object, string, string | undefined, string | null]

const rows: Row[] = [
  ['nobody can be asked', { keyed }, 'abc', undefined, null],
  ['the only one that can', { keyed, one: asked('one') }, 'abc', undefined, 'one'],
  ['the only one, whatever is in the token', { one: asked('one') }, 'ya29.a0.AfB-c_d', undefined, 'one'],
  [
    'a prefix',
    { one: asked('one', { prefix: 'a' }), two: asked('two', { prefix: 'b' }) },
    'bc',
    undefined,
    'two',
  ],
  [
    'a prefix of nobody',
    { one: asked('one', { prefix: 'a' }), two: asked('two', { prefix: 'b' }) },
    'c',
    undefined,
    null,
  ],
  [
    'a prefix before the one without',
    { one: asked('one'), two: asked('two', { prefix: 'b' }) },
    'bc',
    undefined,
    'two',
  ],
  [
    'the one without, for the rest',
    { one: asked('one'), two: asked('two', { prefix: 'b' }) },
    'c',
    undefined,
    'one',
  ],
  ['a prefix further in', { one: asked('one'), two: asked('two', { prefix: 'b' }) }, 'cb', undefined, 'one'],
  ['the route', { one: asked('one'), two: asked('two') }, 'abc', 'two', 'two'],
  ['the route, and nobody to ask', { keyed, one: asked('one') }, 'abc', 'keyed', null],
  [
    'the route, and another prefix',
    { one: asked('one'), two: asked('two', { prefix: 'b' }) },
    'abc',
    'two',
    null,
  ],
  ['what looks like a JWT is not shown to anybody', { one: asked('one') }, 'eyJh.eyJp.c2ln', undefined, null],
  ...(
    [
      ['whose header begins on a new line', '{\n"alg":"RS256"}'],
      ['whose header begins with a space', ' {"alg":"RS256"}'],
      ['whose header begins with white space of every kind', '\r\n\t {"alg":"RS256"}'],
      ['whose header begins with a byte order mark', '\ufeff{"alg":"RS256"}'],
      ['whose header is empty', '{}'],
    ] as const
  ).map(([what, header]): Row => [
    `nor a JWT ${what}`,
    { one: asked('one') },
    `${Buffer.from(header).toString('base64url')}.eyJp.c2ln`,
    undefined,
    null,
  ]),
  ['what has three parts and no header', { one: asked('one') }, 'abcd.eyJp.c2ln', undefined, 'one'],
  ['what has three parts that are no base64url', { one: asked('one') }, 'abcde.eyJp.c2ln', undefined, 'one'],
  ['what begins like a header and has two parts', { one: asked('one') }, 'eyJh.eyJp', undefined, 'one'],
  ['nor what looks like a JWE', { one: asked('one') }, 'eyJh.a.b.c.d', undefined, null],
]

test.each(rows)('%s', (_, issuers, token, issuer, expected) => {
  const route = { path: '/', methods: ['GET'], scope: 'none', ...(issuer === undefined ? {} : { issuer }) }
  const config = resolveConfig({ issuers, routes: [route] } as never)
  const reader = selectReader(token, config.routes[0]!, config)
  expect(reader === null ? null : 'name' in reader && reader.name).toBe(expected)
})
