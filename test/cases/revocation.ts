// Revoked tokens: a token that is accepted, what is revoked, and the verdict about the same or a similar token then.
// Each kind of entry has a row that it refuses and a twin about another issuer or value, which it does not touch.

import { createSelfSigned, type Certified } from '../../local/client-certificates/certificates.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import type { RevocationRequest } from '../../shared/revocation/to-entries.ts'
import { AUDIENCE, CARELESS_AUDIENCE, type CaseWorld } from '../support/case-world.ts'
import { TENANTS_AUDIENCE } from '../support/provider-issuers.ts'
import { createClientKey, makeProof, type ClientKey } from '../support/dpop-proofs.ts'
import { signCompact, type Members } from '../support/test-issuer.ts'
import { entraV2 } from './providers/microsoft.ts'
import { allow, refused, USER, withToken, type CaseRequest, type Expectation } from './row.ts'
import { now } from './time.ts'
import { mirrored } from './verified-token-cache.ts'

/** What is revoked, and whether its times are by the issuer's own clock. */
type Revoked = RevocationRequest & { readonly isExact?: true }

export interface RevocationRow {
  readonly id: string
  /** The name of the row, for values that no other row has. */
  readonly token: (world: CaseWorld, name: string) => string | Promise<string>
  /** `token`: the token that was accepted. */
  readonly revoke: (name: string, token: string) => readonly Revoked[]
  /** The client, where the token is bound to its key. */
  readonly key?: (name: string) => ClientKey
  /** The certificate that the client presents. */
  readonly certificate?: Certified
  /** What is asked for. Default: GET /orders. */
  readonly target?: Pick<CaseRequest, 'method' | 'path'>
  /** The token that is sent then. Default: the same. */
  readonly then?: (token: string, world: CaseWorld, name: string) => string | Promise<string>
  /** What is taken back before it is sent. */
  readonly unrevoke?: (name: string) => readonly RevocationRequest[]
  readonly before: Expectation
  readonly expect: Expectation
}

export const SESSION_CLAIM = 'sid'

const HOST = 'api.test.example'

/** The request with a token. A token that is bound to a key is sent with a new proof. */
export function sendToken(
  token: string,
  { id, key, certificate, target }: Pick<RevocationRow, 'id' | 'key' | 'certificate' | 'target'>,
): CaseRequest {
  const presented = certificate && { certificate: { pem: certificate.pem } }
  const request = { ...withToken(token), host: HOST, ...target, ...presented }
  if (key === undefined) return request
  const proof = makeProof(key(id), { url: `https://${HOST}${request.path}`, token })
  return { ...request, authorization: [`DPoP ${token}`], fields: [['DPoP', proof]] }
}

/** Every protected route asks the store, so that no row waits for the next news. */
export const revocationConfig = (world: CaseWorld): LanekeeperConfig => {
  const { main, other, intro, tenants } = world.config.issuers
  return {
    issuers: {
      main: { ...main!, session: { claim: SESSION_CLAIM }, senderConstraint: 'any' } as never,
      other: { ...other!, session: { claim: SESSION_CLAIM } } as never,
      intro: { ...intro!, senderConstraint: 'any' } as never,
      tenants: tenants!,
      // Its tokens need no `jti`.
      plain: {
        issuer: world.careless.issuer,
        audience: CARELESS_AUDIENCE,
        profile: {
          typ: ['jwt'],
          evidence: [{ claim: 'token_use', value: 'access' }],
          scopes: { claim: 'scope', shape: 'string' },
          client: 'client_id',
        },
        keys: { jwks_uri: world.careless.jwksUri },
        algorithms: ['ES256'],
      },
    },
    publicUrls: [`https://${HOST}`],
    aws: { strategy: 'off' },
    revocation: { durableObject: 'REVOCATIONS', dynamodb: { table: 'revocations', region: 'eu-west-1' } },
    routes: [
      { path: '/health', methods: ['GET'], public: true },
      { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] }, revocation: 'strong' },
      { path: '/off', methods: ['GET'], scope: { allOf: ['read'] }, revocation: 'off' },
      { path: '/news', methods: ['GET'], scope: { allOf: ['read'] } },
      {
        path: '/trial',
        methods: ['GET'],
        scope: { allOf: ['read'] },
        revocation: 'strong',
        reportOnly: true,
      },
    ],
  }
}

const REVOKED = refused('token_revoked')

type MakeToken = RevocationRow['token']

/** A token of the main issuer whose user, client, session and `jti` no other row has. */
const own =
  (claims: (name: string) => Members = () => ({})): MakeToken =>
  (world, name) =>
    world.main.token({ claims: { ...ownClaims(name), ...claims(name) } })

const ownClaims = (name: string): Members => ({
  sub: `user of ${name}`,
  client_id: `client of ${name}`,
  sid: `session of ${name}`,
  jti: `token of ${name}`,
})

const identity = (name: string, issuer = 'main', more: Readonly<Record<string, string>> = {}): Expectation =>
  allow({
    ...more,
    ...USER,
    issuer,
    subject: `user of ${name}`.replaceAll(' ', '%20'),
    client_id: `client of ${name}`.replaceAll(' ', '%20'),
  })

interface Given extends Partial<Omit<RevocationRow, 'id' | 'expect'>> {
  readonly expect?: Expectation
}

/** By default a token of the main issuer that is refused. */
const row = (id: string, revoke: RevocationRow['revoke'], given: Given = {}): RevocationRow => ({
  id: `revocation/${id}`,
  token: own(),
  revoke,
  before: identity(`revocation/${id}`),
  expect: REVOKED,
  ...given,
})

/** The same, where the token is still accepted. */
const kept = (id: string, revoke: RevocationRow['revoke'], given: Given = {}): RevocationRow =>
  row(id, revoke, { expect: identity(`revocation/${id}`), ...given })

const main = (request: Omit<Revoked, 'issuer'>): Revoked => ({ issuer: 'main', ...request }) as Revoked

/** One kind of entry, by the claim that it is about: refused; with another value and with another issuer not. */
const ofKind = (kind: 'jti' | 'sid' | 'sub' | 'client', what: string): RevocationRow[] => [
  row(kind, (name) => [main({ kind, id: `${what} of ${name}` })]),
  kept(`${kind}, another value`, (name) => [main({ kind, id: `${what} of ${name}, another` })]),
  kept(`${kind}, of another issuer`, (name) => [{ kind, issuer: 'other', id: `${what} of ${name}` }]),
  kept(`${kind}, taken back`, (name) => [main({ kind, id: `${what} of ${name}` })], {
    unrevoke: (name) => [main({ kind, id: `${what} of ${name}` })],
  }),
]

/** A token that was issued at a time before or after a revocation of its user. */
const issued = (id: string, seconds: number, expect?: Expectation): RevocationRow => {
  return row(
    id,
    (name, token) => [
      main({ kind: 'sub', id: `user of ${name}`, before: iatOf(token) - seconds, isExact: true }),
    ],
    { token: own(() => ({ iat: now() - 100 })), ...(expect && { expect }) },
  )
}

const iatOf = (token: string): number =>
  (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { iat: number }).iat

const plainToken = (world: CaseWorld, name: string, claims: Members = {}) =>
  signCompact(
    world.careless.keys[0]!,
    { alg: 'ES256', typ: 'JWT', kid: 'good' },
    {
      ...{ iss: world.careless.issuer, aud: CARELESS_AUDIENCE, token_use: 'access', scope: 'read' },
      ...{ sub: `user of ${name}`, client_id: `client of ${name}`, iat: now() - 5, exp: now() + 600 },
      ...claims,
    },
  )

const PLAIN = (id: string): Given => ({
  token: plainToken,
  before: identity(`revocation/${id}`, 'plain'),
})

/** An opaque token, and what its issuer answers about it. */
const opaque =
  (claims: (name: string) => Members = () => ({})): MakeToken =>
  (world, name) =>
    world.opaque.issue('in_', {
      json: {
        ...{
          active: true,
          token_type: 'Bearer',
          iss: `${world.opaque.url}/intro`,
          aud: AUDIENCE,
          scope: 'read',
        },
        ...{ iat: now() - 5, exp: now() + 600, ...ownClaims(name), ...claims(name) },
      },
    })

const OPAQUE = (id: string): Given => ({ token: opaque(), before: identity(`revocation/${id}`, 'intro') })

/** Stands for the digest of the token. */
export const TOKEN = 'the digest of the token'

const tenantToken =
  (index: 0 | 1): MakeToken =>
  ({ providers }, name) => {
    const { tenants } = providers
    const tid = tenants.ids[index]
    const claims = { iss: tenants.issuerOf(tid), tid, aud: TENANTS_AUDIENCE, uti: name }
    return providers.sign(entraV2, entraV2.access, { claims, key: tenants.keys.everybody })
  }

const keys = new Map<string, ClientKey>()

/** The key of the client of a row. */
function clientKey(name: string): ClientKey {
  const key = keys.get(name) ?? createClientKey()
  keys.set(name, key)
  return key
}

/** Rows about the key that a token is bound to. */
const BOUND = (id: string, issuer = 'main'): Given => {
  const cnf = (name: string): Members => ({ cnf: { jkt: clientKey(name).jkt } })
  return {
    key: clientKey,
    token: issuer === 'main' ? own(cnf) : opaque((name) => ({ token_type: 'DPoP', ...cnf(name) })),
    before: identity(`revocation/${id}`, issuer, { sender: 'dpop' }),
  }
}

const STILL_BOUND = (id: string): Given => ({
  ...BOUND(id),
  expect: identity(`revocation/${id}`, 'main', { sender: 'dpop' }),
})

/** Certificates of clients. The rows about one of them revoke it for another issuer, or take that back. */
const [CERTIFICATE, TWICE_CERTIFICATE, OTHER_CERTIFICATE, FREE_CERTIFICATE] = (await Promise.all(
  ['revoked', 'revoked of both', 'another', 'free'].map((name) => createSelfSigned(name)),
)) as [Certified, Certified, Certified, Certified]

/** Rows about the certificate that a token is bound to. */
const CERTIFIED = (id: string, certificate: Certified, issuer = 'main'): Given => {
  const cnf = { 'x5t#S256': certificate.thumbprint }
  return {
    certificate,
    token: issuer === 'main' ? own(() => ({ cnf })) : opaque(() => ({ cnf })),
    before: identity(`revocation/${id}`, issuer, { sender: 'mtls' }),
  }
}

const STILL_CERTIFIED = (id: string): Given => ({
  ...CERTIFIED(id, FREE_CERTIFICATE),
  expect: identity(`revocation/${id}`, 'main', { sender: 'mtls' }),
})

/** Rows about a token that is bound to a key and to a certificate. */
const BOUND_TO_BOTH = (id: string, certificate: Certified): Given => ({
  certificate,
  key: clientKey,
  token: own((name) => ({ cnf: { jkt: clientKey(name).jkt, 'x5t#S256': certificate.thumbprint } })),
  before: identity(`revocation/${id}`, 'main', { sender: 'dpop mtls' }),
})

const ofCertificate = ({ thumbprint }: Certified, issuer = 'main'): Revoked => ({
  kind: 'key',
  issuer,
  id: thumbprint,
})

const [FIRST, SECOND] = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002']

const tenantUser = (tenant: string): Expectation => allow({ ...USER, issuer: `tenants/${tenant}` })

export const REVOCATION_ROWS: readonly RevocationRow[] = [
  ...ofKind('jti', 'token'),
  ...ofKind('sid', 'session'),
  ...ofKind('sub', 'user'),
  ...ofKind('client', 'client'),

  issued('a token issued one second before notBefore', -1),
  issued('a token issued at notBefore', 0),
  issued(
    'a token issued one second after notBefore',
    1,
    identity('revocation/a token issued one second after notBefore'),
  ),
  row('an older epoch does not undo a later one', (name, token) => {
    const epoch = main({ kind: 'sub', id: `user of ${name}`, isExact: true })
    return [
      { ...epoch, before: iatOf(token) },
      { ...epoch, before: iatOf(token) - 1_000 },
    ]
  }),
  row('the same entry twice', (name) => [
    main({ kind: 'jti', id: `token of ${name}` }),
    main({ kind: 'jti', id: `token of ${name}` }),
  ]),
  row(
    'a new token of a user whose tokens up to now were revoked',
    (name) => [main({ kind: 'sub', id: `user of ${name}`, before: now() - 60, isExact: true })],
    {
      token: own(() => ({ iat: now() - 100 })),
      then: (_, world, name) => own(() => ({ iat: now() - 5 }))(world, name),
      expect: identity('revocation/a new token of a user whose tokens up to now were revoked'),
    },
  ),

  row('token', () => [{ kind: 'token', issuer: 'plain', id: TOKEN }], PLAIN('token')),
  row(
    'token, with the other spelling of its signature',
    () => [{ kind: 'token', issuer: 'plain', id: TOKEN }],
    {
      ...PLAIN('token, with the other spelling of its signature'),
      then: mirrored,
    },
  ),
  row(
    'token, another one with the same claims but one',
    () => [{ kind: 'token', issuer: 'plain', id: TOKEN }],
    {
      ...PLAIN('token, another one with the same claims but one'),
      then: (_, world, name) => plainToken(world, name, { nonsense: 1 }),
      expect: identity('revocation/token, another one with the same claims but one', 'plain'),
    },
  ),
  row('token, of another issuer', () => [{ kind: 'token', issuer: 'main', id: TOKEN }], {
    ...PLAIN('token, of another issuer'),
    expect: identity('revocation/token, of another issuer', 'plain'),
  }),

  row('an opaque token by its digest', () => [{ kind: 'token', issuer: 'intro', id: TOKEN }], {
    ...OPAQUE('an opaque token by its digest'),
  }),
  row('an opaque token by its digest, another one', () => [{ kind: 'token', issuer: 'intro', id: TOKEN }], {
    ...OPAQUE('an opaque token by its digest, another one'),
    then: (_, world, name) => opaque()(world, name),
    expect: identity('revocation/an opaque token by its digest, another one', 'intro'),
  }),
  row('an opaque token by its user', (name) => [{ kind: 'sub', issuer: 'intro', id: `user of ${name}` }], {
    ...OPAQUE('an opaque token by its user'),
  }),
  row('an opaque token by jti', (name) => [{ kind: 'jti', issuer: 'intro', id: `token of ${name}` }], {
    ...OPAQUE('an opaque token by jti'),
  }),
  row(
    'an opaque token without iat, under any epoch',
    (name) => [{ kind: 'sub', issuer: 'intro', id: `user of ${name}`, before: 1, isExact: true }],
    {
      ...OPAQUE('an opaque token without iat, under any epoch'),
      token: opaque(() => ({ iat: undefined })),
    },
  ),
  row(
    'an opaque token with iat, under an old epoch',
    (name) => [{ kind: 'sub', issuer: 'intro', id: `user of ${name}`, before: 1, isExact: true }],
    {
      ...OPAQUE('an opaque token with iat, under an old epoch'),
      expect: identity('revocation/an opaque token with iat, under an old epoch', 'intro'),
    },
  ),

  row('key', (name) => [main({ kind: 'key', id: clientKey(name).jkt })], BOUND('key')),
  row(
    'key, another one',
    () => [main({ kind: 'key', id: createClientKey().jkt })],
    STILL_BOUND('key, another one'),
  ),
  row('key, of another issuer', (name) => [{ kind: 'key', issuer: 'other', id: clientKey(name).jkt }], {
    ...STILL_BOUND('key, of another issuer'),
  }),
  row('key, taken back', (name) => [main({ kind: 'key', id: clientKey(name).jkt })], {
    ...STILL_BOUND('key, taken back'),
    unrevoke: (name) => [main({ kind: 'key', id: clientKey(name).jkt })],
  }),
  row('key, another token that is bound to it', (name) => [main({ kind: 'key', id: clientKey(name).jkt })], {
    ...BOUND('key, another token that is bound to it'),
    then: (_, world, name) =>
      own(() => ({ cnf: { jkt: clientKey(name).jkt }, jti: `another token of ${name}` }))(world, name),
  }),
  row('key, of an opaque token', (name) => [{ kind: 'key', issuer: 'intro', id: clientKey(name).jkt }], {
    ...BOUND('key, of an opaque token', 'intro'),
  }),
  row('a bound token by its user', (name) => [main({ kind: 'sub', id: `user of ${name}` })], {
    ...BOUND('a bound token by its user'),
  }),

  row('certificate', () => [ofCertificate(CERTIFICATE)], CERTIFIED('certificate', CERTIFICATE)),
  row(
    'certificate, another one',
    () => [ofCertificate(OTHER_CERTIFICATE)],
    STILL_CERTIFIED('certificate, another one'),
  ),
  row(
    'certificate, of another issuer',
    () => [ofCertificate(FREE_CERTIFICATE, 'other')],
    STILL_CERTIFIED('certificate, of another issuer'),
  ),
  row('certificate, taken back', () => [ofCertificate(FREE_CERTIFICATE)], {
    ...STILL_CERTIFIED('certificate, taken back'),
    unrevoke: () => [ofCertificate(FREE_CERTIFICATE)],
  }),
  row('certificate, of an opaque token', () => [ofCertificate(CERTIFICATE, 'intro')], {
    ...CERTIFIED('certificate, of an opaque token', CERTIFICATE, 'intro'),
  }),
  row(
    'a token bound to a certificate by its user',
    (name) => [main({ kind: 'sub', id: `user of ${name}` })],
    {
      ...CERTIFIED('a token bound to a certificate by its user', FREE_CERTIFICATE),
    },
  ),
  row(
    'key, of a token that is bound to a certificate, too',
    (name) => [main({ kind: 'key', id: clientKey(name).jkt })],
    BOUND_TO_BOTH('key, of a token that is bound to a certificate, too', FREE_CERTIFICATE),
  ),
  row(
    'certificate, of a token that is bound to a key, too',
    () => [ofCertificate(TWICE_CERTIFICATE)],
    BOUND_TO_BOTH('certificate, of a token that is bound to a key, too', TWICE_CERTIFICATE),
  ),
  row('key and certificate, others', () => [ofCertificate(OTHER_CERTIFICATE)], {
    ...BOUND_TO_BOTH('key and certificate, others', FREE_CERTIFICATE),
    expect: identity('revocation/key and certificate, others', 'main', { sender: 'dpop mtls' }),
  }),

  row('a tenant', () => [{ kind: 'tenant', issuer: 'tenants', id: FIRST }], {
    token: tenantToken(0),
    before: tenantUser(FIRST),
  }),
  row('a tenant, another one', () => [{ kind: 'tenant', issuer: 'tenants', id: FIRST }], {
    token: tenantToken(1),
    before: tenantUser(SECOND),
    expect: tenantUser(SECOND),
  }),

  kept('a route without the check', (name) => [main({ kind: 'jti', id: `token of ${name}` })], {
    target: { method: 'GET', path: '/off' },
  }),
  kept('a public route', (name) => [main({ kind: 'jti', id: `token of ${name}` })], {
    target: { method: 'GET', path: '/health' },
    before: allow(null),
    expect: allow(null),
  }),
  row('a report-only route', (name) => [main({ kind: 'jti', id: `token of ${name}` })], {
    target: { method: 'GET', path: '/trial' },
    expect: { allow: true, identity: null, wouldDeny: 'token_revoked' },
  }),

  // Every token of `other` is refused from here on.
  row('an issuer', () => [{ kind: 'issuer', issuer: 'other' }], {
    token: (world, name) => world.other.token({ claims: { ...ownClaims(name) } }),
    before: identity('revocation/an issuer', 'other'),
  }),
  row('an issuer, a token of its other keys', () => [], {
    token: (world, name) => world.main.token({ claims: ownClaims(name) }),
    then: (_, world, name) => world.other.token({ claims: ownClaims(name), key: world.other.keys[1]! }),
    before: identity('revocation/an issuer, a token of its other keys'),
  }),
  kept('an issuer, another one', () => [{ kind: 'issuer', issuer: 'other' }]),
]
