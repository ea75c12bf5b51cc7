// Issuers that share a secret with us, and one whose key set is behind a secret reference. RFC 7518 section 3.2; RFC 8725
// sections 3.1 and 3.5.

import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { macCompact, NARROW, SHARING, STORED, WRITTEN, type TestMac } from '../support/secret-issuers.ts'
import type { CaseWorld } from '../support/case-world.ts'
import { signCompact, type Members, type SigningKey } from '../support/test-issuer.ts'
import { allow, refused, USER, withToken, type CaseRow } from './row.ts'

interface Mac {
  readonly alg?: TestMac
  readonly iss?: string
  readonly header?: Members
  readonly claims?: Members
  readonly secret?: (world: CaseWorld) => Uint8Array | string
}

function macToken(
  world: CaseWorld,
  {
    alg = 'HS256',
    iss = SHARING,
    header = {},
    claims = {},
    secret = ({ secretIssuers: { secrets } }) => secrets.sharing,
  }: Mac,
): string {
  const members = world.main.members({ claims: { iss, ...claims } })
  return macCompact(secret(world), alg, { typ: 'at+jwt', ...header }, members.claims)
}

const mac = (change: Mac) => (world: CaseWorld) => withToken(macToken(world, change))

const changedSignature = (change: (signature: Buffer) => Uint8Array) => (world: CaseWorld) => {
  const [header, claims, signature = ''] = macToken(world, {}).split('.')
  const changed = Buffer.from(change(Buffer.from(signature, 'base64url'))).toString('base64url')
  return withToken(`${header}.${claims}.${changed}`)
}

const signed =
  (pick: (world: CaseWorld) => SigningKey, iss: string, header: Members = {}) =>
  async (world: CaseWorld) => {
    const key = pick(world)
    const members = world.main.members({ key, claims: { iss }, header })
    return withToken(await signCompact(key, members.header, members.claims))
  }

const stored = ({ secretIssuers }: CaseWorld) => secretIssuers.stored

const publicPem = (world: CaseWorld) =>
  createPublicKey({ key: world.main.keys[0]!.publicJwk as JsonWebKey, format: 'jwk' })
    .export({ format: 'pem', type: 'spki' })
    .toString()

const narrow: Mac = { iss: NARROW, secret: ({ secretIssuers }) => secretIssuers.secrets.narrow }

const written: Mac = { iss: WRITTEN, secret: ({ secretIssuers }) => secretIssuers.secrets.written }

export const SECRET_KEY_ROWS: readonly CaseRow[] = [
  ...(['HS256', 'HS384', 'HS512'] as const).flatMap((alg): CaseRow[] => [
    { id: `secret/${alg}`, request: mac({ alg }), expect: allow({ ...USER, issuer: 'sharing' }) },
    {
      id: `secret/${alg}, other secret`,
      request: mac({ alg, secret: ({ secretIssuers }) => secretIssuers.secrets.narrow }),
      expect: refused('signature_invalid'),
    },
    {
      id: `secret/${alg}, one bit of the secret`,
      request: mac({
        alg,
        secret: ({ secretIssuers: { secrets } }) => secrets.sharing.with(0, secrets.sharing[0]! ^ 1),
      }),
      expect: refused('signature_invalid'),
    },
    {
      id: `secret/${alg}, the secret's text instead of its bytes`,
      request: mac({ alg, secret: ({ secretIssuers }) => secretIssuers.env['SHARING_SECRET']! }),
      expect: refused('signature_invalid'),
    },
    {
      id: `secret/${alg}, an empty secret`,
      request: mac({ alg, secret: () => '' }),
      expect: refused('signature_invalid'),
    },
    {
      id: `secret/${alg}, a public key of another issuer as secret`,
      request: mac({ alg, secret: publicPem }),
      expect: refused('signature_invalid'),
    },
    {
      id: `secret/${alg}, kid`,
      request: mac({ alg, header: { kid: 'shared' } }),
      expect: refused('key_unknown'),
    },
  ]),
  { id: 'secret/HS256 alone', request: mac(narrow), expect: allow({ ...USER, issuer: 'narrow' }) },
  ...(['HS384', 'HS512'] as const).map((alg): CaseRow => ({
    id: `secret/HS256 alone, ${alg}`,
    request: mac({ ...narrow, alg }),
    expect: refused('alg_not_allowed'),
  })),
  ...(['HS256', 'HS384', 'HS512'] as const).flatMap((alg): CaseRow[] => [
    {
      id: `secret/${alg} by text`,
      request: mac({ ...written, alg }),
      expect: allow({ ...USER, issuer: 'written' }),
    },
    {
      id: `secret/${alg} by text, the bytes that it would be in base64url`,
      request: mac({
        ...written,
        alg,
        secret: ({ secretIssuers: { secrets } }) => Buffer.from(secrets.written.toString(), 'base64url'),
      }),
      expect: refused('signature_invalid'),
    },
    {
      id: `secret/${alg} by text, with a line break`,
      request: mac({
        ...written,
        alg,
        secret: ({ secretIssuers }) => `${secretIssuers.secrets.written.toString()}\n`,
      }),
      expect: refused('signature_invalid'),
    },
  ]),
  {
    id: 'secret/HS256 by text, an ID token with the typ of an access token',
    request: mac({ ...written, claims: { nonce: 'n-0S6_WzA2Mj' } }),
    expect: refused('id_token'),
  },
  {
    id: 'secret/HS256 by text, RS256 in its name',
    request: signed((world) => world.main.keys[0]!, WRITTEN, { kid: undefined }),
    expect: refused('alg_not_allowed'),
  },
  {
    id: 'secret/HS256 alone, in the name of the other',
    request: mac({ ...narrow, iss: SHARING }),
    expect: refused('signature_invalid'),
  },
  {
    id: 'secret/HS256, the MAC of another hash',
    request: (world) => {
      const { claims } = world.main.members({ claims: { iss: SHARING } })
      const { sharing } = world.secretIssuers.secrets
      return withToken(macCompact(sharing, 'HS512', { alg: 'HS256', typ: 'at+jwt' }, claims))
    },
    expect: refused('signature_invalid'),
  },
  {
    id: 'secret/HS256, the MAC without its last byte',
    request: changedSignature((signature) => signature.subarray(0, -1)),
    expect: refused('signature_invalid'),
  },
  {
    id: 'secret/HS256, half of the MAC',
    request: changedSignature((signature) => signature.subarray(0, 16)),
    expect: refused('signature_invalid'),
  },
  {
    id: 'secret/HS256, no MAC',
    request: changedSignature(() => new Uint8Array()),
    expect: refused('signature_invalid'),
  },
  {
    id: 'secret/HS256, the MAC and a byte more',
    request: changedSignature((signature) => Buffer.concat([signature, Buffer.of(0)])),
    expect: refused('signature_invalid'),
  },
  {
    id: 'secret/RS256 in the name of an issuer with a secret',
    request: signed((world) => world.main.keys[0]!, SHARING, { kid: undefined }),
    expect: refused('alg_not_allowed'),
  },
  {
    id: 'secret/alg none in the name of an issuer with a secret',
    request: mac({ header: { alg: 'none' } }),
    expect: refused('alg_unsupported'),
  },
  {
    id: 'secret/HS256, an ID token with typ JWT',
    request: mac({ header: { typ: 'JWT' }, claims: { nonce: 'n-0S6_WzA2Mj' } }),
    expect: refused('id_token'),
  },
  {
    id: 'secret/HS256, an ID token with the typ of an access token',
    request: mac({ claims: { nonce: 'n-0S6_WzA2Mj' } }),
    expect: refused('id_token'),
  },
  {
    id: 'secret/HS256, expired',
    request: mac({ claims: { iat: 1_700_000_000, exp: 1_700_000_600 } }),
    expect: refused('token_expired'),
  },
  {
    id: 'secret/key set behind a reference',
    request: signed(stored, STORED),
    expect: allow({ ...USER, issuer: 'stored' }),
  },
  {
    id: 'secret/key set behind a reference, no kid',
    request: signed(stored, STORED, { kid: undefined }),
    expect: allow({ ...USER, issuer: 'stored' }),
  },
  {
    id: 'secret/key set behind a reference, no kid, the other of two keys',
    request: signed(({ secretIssuers }) => secretIssuers.storedNext, STORED, { kid: undefined }),
    expect: allow({ ...USER, issuer: 'stored' }),
  },
  {
    id: 'secret/key set behind a reference, no kid, a key that is not in it',
    request: signed(({ main }) => main.keys[1]!, STORED, { kid: undefined }),
    expect: refused('signature_invalid'),
  },
  {
    id: 'secret/key set behind a reference, no kid, no key of the algorithm',
    request: signed(({ main }) => main.keys[0]!, STORED, { kid: undefined }),
    expect: refused('key_mismatch'),
  },
  {
    id: 'secret/key set behind a reference, unknown kid',
    request: signed(stored, STORED, { kid: 'other' }),
    expect: refused('key_unknown'),
  },
  {
    id: 'secret/key set behind a reference, other key',
    request: signed(({ main }) => main.keys[1]!, STORED, { kid: 'stored' }),
    expect: refused('signature_invalid'),
  },
  {
    id: 'secret/key set behind a reference, private key in it',
    request: signed(({ secretIssuers }) => secretIssuers.privateOne, STORED),
    expect: refused('key_refused'),
  },
  ...[undefined, 'symmetric'].map((kid): CaseRow => ({
    id: `secret/key set behind a reference, HS256 with the secret in it, kid ${kid ?? 'absent'}`,
    request: mac({
      iss: STORED,
      header: kid === undefined ? {} : { kid },
      secret: ({ secretIssuers }) => secretIssuers.secrets.stored,
    }),
    expect: refused('alg_not_allowed'),
  })),
]
