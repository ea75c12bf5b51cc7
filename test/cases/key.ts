// Header, issuer, key and signature. RFC 7515 sections 4 and 5.2, RFC 8725 section 3.

import { base64url } from 'jose'
import type { CaseWorld } from '../support/surroundings.ts'
import { signCompact } from '../support/test-issuer.ts'
import { allow, changed, refused, USER, withToken, type CaseRow } from './row.ts'

const segment = (value: unknown) => base64url.encode(JSON.stringify(value))

/** A token with the given alg in the header and a MAC made with bytes that anybody has. */
const macWith = (secret: (world: CaseWorld) => string) => async (world: CaseWorld) => {
  const { header, claims } = world.main.members({ header: { alg: 'HS256' } })
  const input = `${segment(header)}.${segment(claims)}`
  const bytes = new TextEncoder().encode(secret(world))
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(input))
  return withToken(`${input}.${base64url.encode(new Uint8Array(mac))}`)
}

const headerMember = (member: string, value: unknown): CaseRow => ({
  id: `header/${member} ${JSON.stringify(value)}`,
  request: changed({ header: { [member]: value } }),
  expect: refused('header_member_refused'),
})

export const KEY_ROWS: readonly CaseRow[] = [
  ...[
    'none',
    'None',
    'NONE',
    'nOnE',
    'HS256',
    'xyz',
    'RS256 ',
    '',
    'constructor',
    undefined,
    null,
    1,
    ['RS256'],
  ].map((alg): CaseRow => ({
    id: `header/alg ${JSON.stringify(alg) ?? 'absent'}`,
    request: changed({ header: { alg } }),
    expect: refused('alg_unsupported'),
  })),
  {
    id: 'header/alg none with an empty signature',
    request: async (world) => {
      const { header, claims } = world.main.members({ header: { alg: 'none' } })
      return withToken(`${segment(header)}.${segment(claims)}.`)
    },
    expect: refused('alg_unsupported'),
  },
  {
    id: 'header/HS256 with the public key as secret',
    request: macWith((world) => JSON.stringify(world.main.keys[0]!.publicJwk)),
    expect: refused('alg_unsupported'),
  },
  headerMember('crit', ['exp']),
  headerMember('crit', ['b64']),
  headerMember('crit', []),
  headerMember('b64', false),
  headerMember('b64', true),
  headerMember('zip', 'DEF'),
  headerMember('enc', 'A256GCM'),
  headerMember('cty', 'JWT'),
  {
    id: 'header/jwk with the key that signed',
    request: async (world) =>
      withToken(
        await world.main.token({ header: { jwk: world.foreignKey.publicJwk }, key: world.foreignKey }),
      ),
    expect: refused('header_member_refused'),
  },
  {
    id: 'header/jku and x5u elsewhere',
    request: async (world) =>
      withToken(
        await world.main.token({
          header: { jku: `${world.other.issuer}/jwks`, x5u: `${world.other.issuer}/x5u` },
          key: world.foreignKey,
        }),
      ),
    expect: refused('signature_invalid'),
  },
  {
    id: 'header/x5c with a chain of its own',
    request: async (world) =>
      withToken(await world.main.token({ header: { x5c: ['MIIB'] }, key: world.foreignKey })),
    expect: refused('signature_invalid'),
  },
  ...['', 'x'.repeat(300), 7, null, ['shared']].map((kid): CaseRow => ({
    id: `header/kid ${JSON.stringify(kid).slice(0, 20)}`,
    request: changed({ header: { kid } }),
    expect: refused('kid_malformed'),
  })),
  ...['../../dev/null', "x' UNION SELECT 1--", '|id', '__proto__', 'Shared', 'shared '].map(
    (kid): CaseRow => ({
      id: `key/kid ${kid}`,
      request: changed({ header: { kid } }),
      expect: refused('key_unknown'),
    }),
  ),

  ...['https://login.test.example', undefined, null, '', 7].map((iss): CaseRow => ({
    id: `issuer/iss ${JSON.stringify(iss) ?? 'absent'}`,
    request: changed({ claims: { iss } }),
    expect: refused('issuer_unknown'),
  })),
  {
    id: 'issuer/iss with a slash',
    request: async (world) => withToken(await world.main.token({ claims: { iss: `${world.main.issuer}/` } })),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'issuer/iss in upper case',
    request: async (world) =>
      withToken(await world.main.token({ claims: { iss: world.main.issuer.toUpperCase() } })),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'issuer/iss in a list',
    request: async (world) => withToken(await world.main.token({ claims: { iss: [world.main.issuer] } })),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'issuer/iss is part of a longer one',
    request: async (world) =>
      withToken(await world.main.token({ claims: { iss: world.main.issuer.slice(0, -1) } })),
    expect: refused('issuer_unknown'),
  },

  {
    id: 'key/ES256',
    request: async (world) => withToken(await world.main.token({ key: world.main.keys[1]! })),
    expect: allow(USER),
  },
  {
    id: 'key/algorithm not on the list of the issuer',
    request: async (world) => withToken(await world.main.token({ key: world.pssKey })),
    expect: refused('alg_not_allowed'),
  },
  {
    id: 'key/allowed algorithm with the key of another',
    request: async (world) => withToken(await world.main.token({ header: { kid: 'ec' } })),
    expect: refused('key_mismatch'),
  },
  {
    id: 'key/no kid and one key of the algorithm',
    request: changed({ header: { kid: undefined } }),
    expect: allow(USER),
  },
  {
    id: 'key/same kid, other key',
    request: async (world) => withToken(await world.main.token({ key: world.foreignKey })),
    expect: refused('signature_invalid'),
  },
  {
    id: 'key/same kid, key of the other issuer',
    request: async (world) => withToken(await world.main.token({ key: world.other.keys[0]! })),
    expect: refused('signature_invalid'),
  },
  {
    id: 'key/the other issuer with its own key',
    request: async (world) => withToken(await world.other.token({ claims: { scope: 'read' } })),
    expect: allow({ ...USER, issuer: 'other' }),
  },
  {
    id: 'key/the other issuer with an EdDSA key',
    request: async (world) => withToken(await world.other.token({ key: world.other.keys[1]! })),
    expect: allow({ ...USER, issuer: 'other' }),
  },
  {
    id: 'key/EdDSA under its other name, which the issuer does not list',
    request: async (world) =>
      withToken(await world.other.token({ header: { alg: 'Ed25519' }, key: world.other.keys[1]! })),
    expect: refused('alg_not_allowed'),
  },
  {
    id: 'signature/claims changed',
    request: async (world) => {
      const [header, , signature] = (await world.main.token()).split('.')
      const { claims } = world.main.members({ claims: { scope: 'read write' } })
      return withToken(`${header}.${segment(claims)}.${signature}`)
    },
    expect: refused('signature_invalid'),
  },
  {
    id: 'signature/empty',
    request: async (world) => withToken(`${(await world.main.token()).split('.').slice(0, 2).join('.')}.`),
    expect: refused('signature_invalid'),
  },
  {
    id: 'signature/zeros',
    request: async (world) => {
      const [header, claims] = (await world.main.token({ key: world.main.keys[1]! })).split('.')
      return withToken(`${header}.${claims}.${base64url.encode(new Uint8Array(64))}`)
    },
    expect: refused('signature_invalid'),
  },
  {
    id: 'signature/DER instead of two numbers',
    request: async (world) => {
      const [header, claims] = (await world.main.token({ key: world.main.keys[1]! })).split('.')
      return withToken(`${header}.${claims}.MAYCAQACAQA`)
    },
    expect: refused('signature_invalid'),
  },
  {
    id: 'signature/header with RS256, PSS inside',
    request: async (world) => {
      const { header, claims } = world.main.members()
      return withToken(await signCompact(world.pssKey, header, claims))
    },
    expect: refused('signature_invalid'),
  },
]
