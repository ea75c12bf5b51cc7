// A token has one canonical form, which is checked before anything in it is used. RFC 7515 section 5.2, RFC 8725
// section 3, RFC 8259.

import { base64url } from 'jose'
import type { CaseWorld } from '../support/case-world.ts'
import { signCompact, type Members } from '../support/test-issuer.ts'
import { allow, requestWith, deny, refused, USER, withToken, type CaseRow } from './row.ts'

const HEAD_LIMIT = 'workerd itself refuses a request head of this size'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Signs raw JSON text of the header or the claims, made from the valid members. */
const raw =
  (part: 'header' | 'claims', write: (json: string) => string | Uint8Array) => async (world: CaseWorld) => {
    const { header, claims } = world.main.members()
    const text = (members: Members, name: string) =>
      name === part ? write(JSON.stringify(members)) : JSON.stringify(members)
    return withToken(await signCompact(world.main.keys[0]!, text(header, 'header'), text(claims, 'claims')))
  }

/** Rewrites the text of a valid token. */
const rewritten = (write: (token: string) => string) => async (world: CaseWorld) =>
  withToken(write(await world.main.token()))

const bytes = (text: string, ...before: number[]) =>
  new Uint8Array([...before, ...new TextEncoder().encode(text)])

const firstMember = (json: string, member: string) => json.replace('{', `{${member},`)

export const FORM_ROWS: readonly CaseRow[] = [
  {
    id: 'form/just within the size',
    request: requestWith({ claims: { filler: 'x'.repeat(2_400) } }),
    expect: allow(USER),
  },
  {
    id: 'form/too large',
    request: requestWith({ claims: { filler: 'x'.repeat(4_000) } }),
    expect: refused('token_too_large'),
  },
  {
    id: 'form/thousands of dots',
    request: () => withToken('.'.repeat(5_000)),
    expect: deny('token_too_large', 401, 401),
  },
  {
    id: 'form/a megabyte',
    request: () => withToken('x'.repeat(1_000_000)),
    expect: refused('token_too_large'),
    notOn: { worker: HEAD_LIMIT },
  },
  {
    id: 'form/a million dots, all of them',
    request: () => withToken('.'.repeat(1_000_000)),
    expect: refused('token_too_large'),
    notOn: { worker: HEAD_LIMIT },
  },
  {
    id: 'form/a header as large as anything',
    request: requestWith({ header: { filler: 'x'.repeat(4_000) } }),
    expect: refused('token_too_large'),
  },
  { id: 'form/opaque', request: () => withToken('2YotnFZFEjr1zCsicMWpAA'), expect: refused('token_opaque') },
  // Opaque tokens of Ory Hydra, Zitadel's library, PASETO, Branca-like makers and Django's signer: none begins like a
  // JWT.
  ...[
    'ory_at_S1nQ2vX0f3wUOZf1W3kRZrU8oN2sQb8vM2pV5hQ6x0A.6yQeT9Vj1nO4Lw8dBz2sXc7uH0mKpR5gYfA3iE6tUqW',
    'v4.public.eyJzdWIiOiJ1c2VyLTEifQ',
    'a.b.c.d',
    'a.b.c.d.e',
    'a.b.c.d.e.f.g',
    'abcd.',
    'AbC~1.2.3',
  ].map((token): CaseRow => ({
    id: `form/opaque, with dots: ${token.slice(0, 12)}`,
    request: () => withToken(token),
    expect: refused('token_opaque'),
  })),
  {
    id: 'form/five parts',
    request: rewritten((token) => `${token}.AAAA.AAAA`),
    expect: refused('token_encrypted'),
  },
  {
    id: 'form/five parts, with work for a decrypter',
    request: () => {
      const header = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', zip: 'DEF', p2c: 2 ** 31, p2s: 'AAAA' }
      return withToken(
        [JSON.stringify(header), 'k', 'iv', 'c', 't'].map((part) => base64url.encode(part)).join('.'),
      )
    },
    expect: refused('token_encrypted'),
  },
  {
    id: 'form/two parts',
    request: rewritten((token) => token.split('.').slice(0, 2).join('.')),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/four parts',
    request: rewritten((token) => `${token}.AAAA`),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/empty header',
    request: rewritten((token) => `.${token.split('.').slice(1).join('.')}`),
    expect: refused('token_malformed'),
  },
  { id: 'form/padding', request: rewritten((token) => `${token}==`), expect: refused('token_malformed') },
  {
    id: 'form/spare bits',
    request: rewritten((token) => `${token.slice(0, -1)}${ALPHABET[ALPHABET.indexOf(token.at(-1)!) + 1]}`),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/base64 instead of base64url',
    request: async (world) => {
      for (;;) {
        const token = await world.main.token()
        if (/[-_]/.test(token)) return withToken(token.replaceAll('-', '+').replaceAll('_', '/'))
      }
    },
    expect: refused('token_malformed'),
  },
  {
    id: 'form/a tilde inside',
    request: rewritten((token) => token.replace('.', '~.')),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/byte order mark in the header',
    request: raw('header', (json) => bytes(json, 0xef, 0xbb, 0xbf)),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/byte order mark in the claims',
    request: raw('claims', (json) => bytes(json, 0xef, 0xbb, 0xbf)),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/invalid UTF-8',
    request: raw('claims', (json) => {
      const encoded = bytes(json.replace('user-1', 'user-X'))
      encoded[encoded.indexOf('X'.charCodeAt(0))] = 0xff
      return encoded
    }),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/invalid UTF-8 in the header',
    request: raw('header', (json) => bytes(json, 0xff)),
    expect: refused('token_opaque'),
  },
  {
    id: 'form/a member twice in the claims',
    request: raw('claims', (json) => firstMember(json, '"iss":"https://evil.example"')),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/a second scope',
    request: raw('claims', (json) => firstMember(json, '"scope":"write"')),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/a member twice, once escaped',
    request: raw('claims', (json) => firstMember(json, '"sc\\u006fpe":"write"')),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/a member twice further down',
    request: raw('claims', (json) => firstMember(json, '"act":{"sub":"a","sub":"b"}')),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/a member twice in the header',
    request: raw('header', (json) => firstMember(json, '"typ":"JWT"')),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/a member once further down',
    request: requestWith({ claims: { act: { sub: 'a', note: 'a:b,"c":{d}' } } }),
    expect: allow(USER),
  },
  {
    id: 'form/a __proto__ member',
    request: raw('claims', (json) => firstMember(json, '"__proto__":{"scope":"write"}')),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/a constructor member',
    request: requestWith({ claims: { constructor: 'x' } }),
    expect: allow(USER),
  },
  {
    id: 'form/a constructor member with a prototype',
    request: raw('claims', (json) => firstMember(json, '"constructor":{"prototype":{"scope":"write"}}')),
    expect: allow(USER),
  },
  {
    id: 'form/deep',
    request: raw('claims', (json) => firstMember(json, `"deep":${'['.repeat(20)}${']'.repeat(20)}`)),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/as deep as its size allows',
    request: raw('claims', (json) => firstMember(json, `"deep":${'['.repeat(1_200)}${']'.repeat(1_200)}`)),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/deep in the header',
    request: raw('header', (json) => firstMember(json, `"deep":${'{"a":'.repeat(300)}1${'}'.repeat(300)}`)),
    expect: refused('token_malformed'),
  },
  {
    id: 'form/as deep as allowed',
    request: raw('claims', (json) => firstMember(json, `"deep":${'['.repeat(15)}${']'.repeat(15)}`)),
    expect: allow(USER),
  },
  ...['[1]', '"text"', '1', 'null', '{', '{"a":1}{"b":2}', "{'a':1}", ''].map((text): CaseRow => ({
    id: `form/claims are ${text || 'nothing'}`,
    request: raw('claims', () => text),
    expect: refused('token_malformed'),
  })),
  {
    id: 'form/header is an array',
    request: raw('header', (json) => `[${json}]`),
    expect: refused('token_opaque'),
  },
  {
    id: 'form/alg in an unprotected header',
    request: async (world) => {
      const { header, claims } = world.main.members({ header: { alg: undefined } })
      const [protectedHeader, payload, signature] = (
        await signCompact(world.main.keys[0]!, header, claims)
      ).split('.')
      const general = {
        payload,
        signatures: [{ protected: protectedHeader, header: { alg: 'RS256' }, signature }],
      }
      return withToken(base64url.encode(JSON.stringify(general)))
    },
    expect: refused('token_opaque'),
  },
  {
    id: 'form/JSON serialisation around a token',
    request: async (world) => {
      const [header, payload, signature] = (await world.main.token()).split('.')
      return withToken(base64url.encode(JSON.stringify({ protected: header, payload, signature })))
    },
    expect: refused('token_opaque'),
  },
]
