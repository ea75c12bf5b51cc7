// Header, issuer, key and signature. RFC 7515 sections 4 and 5.2, RFC 8725 section 3.

import { base64url } from 'jose'
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto'
import { forgeExponentOne, forgeSmallOrder } from '../support/hostile-keys.ts'
import type { CaseWorld } from '../support/case-world.ts'
import { asAlgorithm, signCompact, type Members } from '../support/test-issuer.ts'
import { allow, requestWith, deny, refused, USER, withToken, type CaseRow, type Change } from './row.ts'

const segment = (value: unknown) => base64url.encode(JSON.stringify(value))

/** A token whose MAC is made with bytes that are public. */
const macWith = (secret: (world: CaseWorld) => string | Buffer, kid?: string) => (world: CaseWorld) => {
  const { header, claims } = world.main.members({
    header: { alg: 'HS256', ...(kid === undefined ? {} : { kid }) },
  })
  const input = `${segment(header)}.${segment(claims)}`
  return withToken(`${input}.${createHmac('sha256', secret(world)).update(input).digest('base64url')}`)
}

const pem = (index: number) => (world: CaseWorld) =>
  publicKeyOf(world, index).export({ format: 'pem', type: 'spki' }).toString()

const publicKeyOf = (world: CaseWorld, index: number) =>
  createPublicKey({ key: world.main.keys[index]!.publicJwk as JsonWebKey, format: 'jwk' })

/** What a lenient verifier may take for the secret of an HMAC: every encoding of a public key. */
const PUBLIC_TEXTS: Readonly<Record<string, (world: CaseWorld) => string | Buffer>> = {
  'RSA key as PEM': pem(0),
  'EC key as PEM': pem(1),
  'RSA key as DER': (world) => publicKeyOf(world, 0).export({ format: 'der', type: 'spki' }),
  'RSA key as PKCS #1': (world) => publicKeyOf(world, 0).export({ format: 'pem', type: 'pkcs1' }).toString(),
  'RSA key as JWK': (world) => JSON.stringify(world.main.keys[0]!.publicJwk),
  'key set': (world) => JSON.stringify({ keys: world.main.keys.map((key) => key.publicJwk) }),
  'RSA key as PEM behind a byte order mark': (world) => `\ufeff${pem(0)(world)}`,
  'RSA key as PEM behind a comment': (world) => `# key\n${pem(0)(world)}`,
  'RSA key as PEM with carriage returns': (world) => pem(0)(world).replaceAll('\n', '\r'),
}

/** A token of the careless issuer. */
const careless =
  (change: Change): CaseRow['request'] =>
  async (world) =>
    withToken(await world.careless.token(change))

/** Signed with the key published under `kid`, for an algorithm that is not the key's own. */
const asIf =
  (kid: string, algorithm: 'RS256' | 'RS512' | 'PS256', header: Members = {}): CaseRow['request'] =>
  async (world) => {
    const key = await asAlgorithm(carelessKey(world, kid, 'RS256'), algorithm)
    return withToken(await world.careless.token({ key, header }))
  }

const carelessKey = (world: CaseWorld, kid: string, algorithm?: string) =>
  world.careless.keys.find(
    (key) => key.kid === kid && (algorithm === undefined || key.algorithm === algorithm),
  )!

/** A token that names the kid of a published entry that is refused here: the token is invalid. */
const unusable = (id: string, request: CaseRow['request']): CaseRow => ({
  id: `key/${id}`,
  request,
  expect: refused('key_refused'),
})

const CARELESS = { ...USER, issuer: 'careless' }

const headerMember = (member: string, value: unknown): CaseRow => ({
  id: `header/${member} ${JSON.stringify(value)}`,
  request: requestWith({ header: { [member]: value } }),
  expect: refused('header_member_refused'),
})

export const KEY_ROWS: readonly CaseRow[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'xyz', 'RS256 ', '', 'constructor', undefined, null, 1, ['RS256']].map(
    (alg): CaseRow => ({
      id: `header/alg ${JSON.stringify(alg) ?? 'absent'}`,
      request: requestWith({ header: { alg } }),
      expect: refused('alg_unsupported'),
    }),
  ),
  ...['HS256', 'HS384', 'HS512'].map((alg): CaseRow => ({
    id: `header/alg ${JSON.stringify(alg)}`,
    request: requestWith({ header: { alg } }),
    expect: refused('alg_not_allowed'),
  })),
  ...['none', 'None', 'NONE', 'nOnE'].map((alg): CaseRow => ({
    id: `header/alg ${alg} with an empty signature`,
    request: (world) => {
      const { header, claims } = world.main.members({ header: { alg } })
      return withToken(`${segment(header)}.${segment(claims)}.`)
    },
    expect: refused('alg_unsupported'),
  })),
  ...Object.entries(PUBLIC_TEXTS).map(([text, secret]): CaseRow => ({
    id: `header/HS256 with the ${text} as secret`,
    request: macWith(secret),
    expect: refused('alg_not_allowed'),
  })),
  {
    id: 'header/HS256 with the secret of the client',
    request: macWith(() => 'the secret that client-1 shares with its issuer'),
    expect: refused('alg_not_allowed'),
  },
  { id: 'header/HS256 with an empty secret', request: macWith(() => ''), expect: refused('alg_not_allowed') },
  {
    id: 'header/HS256 with an empty secret that the issuer publishes',
    request: macWith(() => '', 'blank'),
    expect: refused('alg_not_allowed'),
  },
  headerMember('crit', ['exp']),
  headerMember('crit', ['b64']),
  headerMember('crit', []),
  headerMember('crit', ['x-policy']),
  headerMember('crit', ['alg']),
  headerMember('crit', ['b64', 'b64']),
  headerMember('b64', false),
  ...['false', 1, null].map((value) => headerMember('b64', value)),
  ...['DEF', 'none', '', null, ['NONE']].map((value) => headerMember('zip', value)),
  headerMember('enc', 'A256GCM'),
  headerMember('enc', 'NONE'),
  ...['JWT', 'jwt', 'application/jwt', 'at+JWT', null, ['json']].map((value) => headerMember('cty', value)),
  ...(
    [
      ['b64', true],
      ['zip', 'NONE'],
      ['cty', 'json'],
    ] as const
  ).map(([name, value]): CaseRow => ({
    id: `header/${name} that changes nothing`,
    request: requestWith({ header: { [name]: value } }),
    expect: allow(USER),
  })),
  {
    id: 'header/zip that changes nothing, and crit that names it',
    request: requestWith({ header: { zip: 'NONE', crit: ['zip'] } }),
    expect: refused('header_member_refused'),
  },
  {
    id: 'header/jwk with the key that signed',
    request: async (world) =>
      withToken(
        await world.main.token({ header: { jwk: world.attackerKey.publicJwk }, key: world.attackerKey }),
      ),
    expect: refused('header_member_refused'),
  },
  {
    id: 'header/jku and x5u elsewhere',
    request: async (world) =>
      withToken(
        await world.main.token({
          header: { jku: world.attacker.jwksUri, x5u: `${world.attacker.issuer}/x5u` },
          key: world.attackerKey,
        }),
      ),
    expect: refused('signature_invalid'),
  },
  {
    id: 'header/jku of the issuer, with a redirect in it',
    request: async (world) =>
      withToken(
        await world.main.token({
          header: { jku: `${world.main.issuer}/jwks?next=${encodeURIComponent(world.attacker.jwksUri)}` },
          key: world.attackerKey,
        }),
      ),
    expect: refused('signature_invalid'),
  },
  {
    id: 'header/x5c with a chain of its own',
    request: async (world) =>
      withToken(await world.main.token({ header: { x5c: ['MIIB'] }, key: world.attackerKey })),
    expect: refused('signature_invalid'),
  },
  ...['', 'x'.repeat(300), 7, null, ['shared']].map((kid): CaseRow => ({
    id: `header/kid ${JSON.stringify(kid).slice(0, 20)}`,
    request: requestWith({ header: { kid } }),
    expect: refused('kid_malformed'),
  })),
  ...['../../dev/null', "x' UNION SELECT 1--", '|id', '__proto__', 'Shared', 'shared '].map(
    (kid): CaseRow => ({
      id: `key/kid ${kid}`,
      request: requestWith({ header: { kid } }),
      expect: refused('key_unknown'),
    }),
  ),

  ...['https://login.test.example', undefined, null, '', 7].map((iss): CaseRow => ({
    id: `issuer/iss ${JSON.stringify(iss) ?? 'absent'}`,
    request: requestWith({ claims: { iss } }),
    expect: refused('issuer_unknown'),
  })),
  {
    id: 'header/kid of ten kilobytes',
    request: requestWith({ header: { kid: 'x'.repeat(10_000) } }),
    expect: refused('token_too_large'),
  },
  {
    id: 'issuer/iss of another issuer, with its own key',
    request: async (world) => withToken(await world.attacker.token()),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'issuer/iss under another name of the same host',
    request: async (world) =>
      withToken(
        await world.main.token({ claims: { iss: world.main.issuer.replace('127.0.0.1', 'localhost') } }),
      ),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'issuer/iss of another issuer and of ours in a list',
    request: async (world) =>
      withToken(await world.main.token({ claims: { iss: [world.attacker.issuer, world.main.issuer] } })),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'issuer/iss in a longer one',
    request: async (world) =>
      withToken(await world.main.token({ claims: { iss: `x${world.main.issuer}x` } })),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'issuer/metadata that names another issuer',
    request: async (world) => withToken(await world.impostor.token()),
    expect: deny('keys_unavailable', 503, 500),
  },
  {
    id: 'issuer/keys behind a redirect',
    request: async (world) => withToken(await world.redirecting.token()),
    expect: deny('keys_unavailable', 503, 500),
  },
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
    request: requestWith({ header: { kid: undefined } }),
    expect: allow(USER),
  },
  ...['open', 'mixed'].map((kid): CaseRow => ({
    id: `key/no kid and two keys of the algorithm, ${kid}`,
    request: async (world) => {
      const key = carelessKey(world, kid, 'RS256')
      return withToken(await world.careless.token({ key, header: { kid: undefined } }))
    },
    expect: allow(CARELESS),
  })),
  {
    id: 'key/no kid and two keys of the algorithm, and neither signed',
    request: async (world) =>
      withToken(await world.careless.token({ key: world.attackerKey, header: { kid: undefined } })),
    expect: refused('signature_invalid'),
  },
  {
    id: 'key/no kid and no key of the algorithm',
    request: careless({ header: { alg: 'ES384', kid: undefined } }),
    expect: refused('key_mismatch'),
  },
  {
    id: 'key/no kid and more keys of the algorithm than are tried',
    request: careless({ header: { kid: undefined } }),
    expect: refused('key_ambiguous'),
  },
  {
    id: 'key/same kid, other key',
    request: async (world) => withToken(await world.main.token({ key: world.attackerKey })),
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
  { id: 'key/careless issuer, good key', request: careless({}), expect: allow(CARELESS) },
  {
    id: 'key/no alg of its own, algorithm allowed',
    request: asIf('open', 'PS256'),
    expect: allow(CARELESS),
  },
  {
    id: 'key/no alg of its own, algorithm not allowed',
    request: asIf('open', 'RS512'),
    expect: refused('alg_not_allowed'),
  },
  {
    id: 'key/alg of its own, another of the same family',
    request: asIf('mixed', 'PS256'),
    expect: refused('key_mismatch'),
  },
  {
    id: 'key/another curve than the algorithm wants',
    request: careless({ header: { alg: 'ES384' } }),
    expect: refused('key_mismatch'),
  },
  {
    id: 'key/two kinds under one kid, the one that signed',
    request: async (world) =>
      withToken(await world.careless.token({ key: carelessKey(world, 'mixed', 'ES256') })),
    expect: allow(CARELESS),
  },
  {
    id: 'key/two kinds under one kid, the other',
    request: async (world) =>
      withToken(
        await world.careless.token({ key: carelessKey(world, 'mixed', 'ES256'), header: { alg: 'RS256' } }),
      ),
    expect: refused('signature_invalid'),
  },
  {
    id: 'key/one key twice under one kid',
    request: async (world) => withToken(await world.careless.token({ key: carelessKey(world, 'same') })),
    expect: allow(CARELESS),
  },
  {
    id: 'key/two of a kind under one kid',
    request: async (world) => withToken(await world.careless.token({ key: carelessKey(world, 'twice') })),
    expect: refused('key_ambiguous'),
  },
  unusable('e = 1 and the padding for a signature', async (world) => {
    const { header, claims } = world.careless.members()
    return withToken(await forgeExponentOne(header, claims))
  }),
  unusable('a point of small order and zeros for a signature', (world) => {
    const { header, claims } = world.careless.members()
    return withToken(forgeSmallOrder(header, claims))
  }),
  ...['roca', 'short', 'placeholder', 'blank'].map((kid) =>
    unusable(`kid ${kid}`, asIf('open', 'RS256', { kid })),
  ),
  ...['private', 'off curve', 'long'].map((kid) => unusable(`kid ${kid}`, careless({ header: { kid } }))),
  unusable('kid stub', careless({ header: { alg: 'EdDSA', kid: 'stub' } })),
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
    id: 'signature/header with PS256, PKCS #1 inside',
    request: asIf('open', 'RS256', { alg: 'PS256' }),
    expect: refused('signature_invalid'),
  },
  {
    id: 'signature/two dots and nothing behind',
    request: async (world) => withToken(`${(await world.main.token()).split('.')[0]}..`),
    expect: refused('token_malformed'),
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
