// Configurations that each use one thing, for what is in their artefacts and how large they are. Each differs from
// `plain` in its title.

import type { SenderConstraintDemand } from '../../../shared/config/sender/constraint.ts'
import type { IntrospectedIssuerConfig, LanekeeperConfig } from '../../../shared/index.ts'

const AUDIENCE = 'https://api.example.com'
const SECRET = { env: 'OUR_SECRET' }

const MAIN = {
  issuer: 'https://login.example.com',
  audience: AUDIENCE,
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
} as const

const INTROSPECTED: IntrospectedIssuerConfig = {
  issuer: 'https://opaque.example.com',
  audience: AUDIENCE,
  introspection: {
    endpoint: 'https://opaque.example.com/introspect',
    authentication: 'client_secret_basic',
    clientId: 'lanekeeper',
    secret: SECRET,
  },
}

const ROUTE = { path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } } as const

const PLAIN = {
  issuers: { main: { ...MAIN, algorithms: ['RS256'] } },
  routes: [ROUTE],
  origin: { url: 'https://origin.example.com' },
} satisfies LanekeeperConfig

const issuer = (main: LanekeeperConfig['issuers'][string]): LanekeeperConfig => ({
  ...PLAIN,
  issuers: { main },
})

const numbered = <T>(count: number, of: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => of(index + 1))

const TENANTS = numbered(1_000, (number) => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`)

const bound = <const Demand extends SenderConstraintDemand>(senderConstraint: Demand) => ({
  ...PLAIN,
  issuers: { main: { ...PLAIN.issuers.main, senderConstraint } },
  publicUrls: ['https://api.example.com'],
  aws: { strategy: 'off' } as const,
})

const DPOP = { algorithms: ['ES256'] } as const

/** Tokens that may be bound to a key, to a certificate or to both. */
const BOUND = { ...bound('any'), dpop: DPOP } satisfies LanekeeperConfig

/** Tokens that are bound to a certificate. */
const CERTIFIED = bound('mtls') satisfies LanekeeperConfig

const CERTIFICATE_HEADER = {
  name: 'x-our-certificate',
  format: 'pem-urlencoded',
  guard: { header: 'x-our-guard', secret: SECRET },
} as const

export const CONFIGS = {
  plain: PLAIN,
  ES256: issuer({ ...MAIN, algorithms: ['ES256'] }),
  'all algorithms': issuer({
    ...MAIN,
    algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
  }),
  introspection: issuer(INTROSPECTED),
  'private_key_jwt and signed responses': issuer({
    ...MAIN,
    algorithms: ['RS256'],
    prefix: 'at_',
    introspection: {
      endpoint: 'https://login.example.com/introspect',
      authentication: 'private_key_jwt',
      clientId: 'lanekeeper',
      secret: SECRET,
      response: 'jwt',
    },
  }),
  'the check of GitHub': issuer({
    check: { provider: 'github', clientId: 'app', secret: SECRET },
  }),
  userinfo: issuer({
    ...MAIN,
    algorithms: ['RS256'],
    userinfo: { endpoint: 'https://login.example.com/userinfo', claim: 'email' },
  }),
  'a shared secret': issuer({
    ...MAIN,
    keys: { secret: SECRET },
    algorithms: ['HS256'],
  }),
  'a stored key set': issuer({ ...MAIN, keys: { jwksSecret: SECRET }, algorithms: ['RS256'] }),
  resources: { ...PLAIN, resources: [{ identifier: AUDIENCE }] },
  conditions: {
    ...PLAIN,
    routes: [{ ...ROUTE, claims: { plan: { equals: 'gold' } }, acr: ['mfa'], maxAgeSeconds: 300 }],
  },
  'a key for fingerprints': { ...PLAIN, log: { fingerprintKey: SECRET } },
  'bound tokens': BOUND,
  'tokens bound to keys': { ...bound('dpop'), dpop: DPOP },
  'tokens bound to certificates': CERTIFIED,
  'certificates in a header': { ...CERTIFIED, mtls: { header: CERTIFICATE_HEADER } },
  'an open issuer': issuer({ ...MAIN, algorithms: ['RS256'], issuer: '${env:OUR_ISSUER}' }),
  'an open resource': { ...PLAIN, resources: [{ identifier: '${env:OUR_RESOURCE}' }] },
  '10,000 routes': {
    ...PLAIN,
    routes: numbered(10_000, (number) => ({ ...ROUTE, path: `/orders/${number}` })),
  },
  '1,000 issuers': {
    ...PLAIN,
    issuers: Object.fromEntries(
      numbered(1_000, (number) => [
        `issuer-${number}`,
        { ...MAIN, algorithms: ['RS256'], issuer: `https://login-${number}.example.com` },
      ]),
    ),
  },
  '1,000 tenants': issuer({
    issuer: 'https://login.example.com/{tenantid}/v2.0',
    audience: AUDIENCE,
    profile: 'entra-v2',
    keys: { jwks_uri: 'https://login.example.com/keys' },
    algorithms: ['RS256'],
    tenants: TENANTS,
    keyIssuer: 'https://login.example.com/{tenantid}/v2.0',
  }),
} as const satisfies Readonly<Record<string, LanekeeperConfig>>

/** With settings that the Lambda alone has. */
export const LAMBDA_CONFIGS = {
  'the strategy table': { ...PLAIN, aws: { strategy: 'table' } },
  'a table of revocations': { ...PLAIN, revocation: { dynamodb: { table: 'revocations' } } },
  'a table and logout tokens': {
    ...PLAIN,
    revocation: {
      dynamodb: { table: 'revocations' },
      logout: { path: '/logout', clients: { main: 'client-1' } },
    },
  },
  'a table of used proofs': {
    ...BOUND,
    routes: [{ ...ROUTE, replay: 'strong' }],
    dpop: { ...BOUND.dpop, replay: { dynamodb: { table: 'replays' } } },
  },
  'a secret in Secrets Manager': issuer({
    ...INTROSPECTED,
    introspection: { ...INTROSPECTED.introspection, secret: { secretsManager: 'lanekeeper' } },
  } as IntrospectedIssuerConfig),
} as const satisfies Readonly<Record<string, LanekeeperConfig>>

/** With settings that the Worker alone has. */
export const WORKER_CONFIGS = {
  'the store of revocations': { ...PLAIN, revocation: { durableObject: 'REVOCATIONS' } },
  'logout tokens': {
    ...PLAIN,
    revocation: {
      durableObject: 'REVOCATIONS',
      logout: { path: '/logout', clients: { main: 'client-1' } },
    },
  },
  'the store of used proofs': {
    ...BOUND,
    routes: [{ ...ROUTE, replay: 'strong' }],
    dpop: { ...BOUND.dpop, replay: { durableObject: 'REPLAYS' } },
  },
  'nonces of proofs': { ...BOUND, dpop: { ...BOUND.dpop, nonce: { key: SECRET } } },
  'metadata of bound tokens': { ...CERTIFIED, resources: [{ identifier: AUDIENCE }] },
  CORS: { ...PLAIN, cors: { origins: ['https://app.example'], preflight: 'answer' } },
  diagnostics: { ...PLAIN, diagnostics: { header: 'x-our-diagnostics', secret: SECRET } },
  'an open origin': { ...PLAIN, origin: { url: '${env:OUR_ORIGIN}' } },
  'an assertion': {
    ...PLAIN,
    origin: { ...PLAIN.origin, assertion: { key: SECRET, issuer: AUDIENCE, audience: 'origin' } },
  },
} as const satisfies Readonly<Record<string, LanekeeperConfig>>
