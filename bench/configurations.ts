// Configurations whose artefacts are weighed: the smallest one that people deploy, and others that each add a feature to
// it. Only the edges named here have the feature.

import type { EdgeName } from '../shared/edge.ts'
import type { IssuerConfig, LanekeeperConfig } from '../shared/index.ts'
import { AUDIENCE, SCOPE } from './world.ts'

export interface Weighed {
  readonly name: string
  readonly config: LanekeeperConfig
  /** Default: both. */
  readonly edge?: EdgeName
  /** As `--metrics` of `lanekeeper build`. */
  readonly metrics?: string
}

const MAIN = {
  issuer: 'https://login.example.com/',
  audience: AUDIENCE,
  profile: 'rfc9068',
  keys: { discovery: 'oauth-authorization-server' },
} as const satisfies IssuerConfig

/** One RFC 9068 issuer with scopes. */
export const SMALLEST: LanekeeperConfig = {
  issuers: { main: MAIN },
  aws: { resultTtlSeconds: 0 },
  origin: { url: 'https://origin.example.com' },
  routes: [
    { path: '/health', methods: ['GET'], public: true },
    { path: '/orders', methods: ['GET'], scope: { allOf: [SCOPE] } },
    { path: '/orders', methods: ['POST'], scope: { allOf: [SCOPE, 'orders:write'] } },
    { path: '/orders/{id}', methods: ['GET'], scope: { allOf: [SCOPE] } },
    { path: '/invoices', methods: ['GET'], scope: { allOf: ['invoices:read'] } },
  ],
}

const SECRET = { env: 'SECRET' } as const

const withIssuer = (main: IssuerConfig): LanekeeperConfig => ({ ...SMALLEST, issuers: { main } })
const changed = (change: Partial<LanekeeperConfig>): LanekeeperConfig => ({ ...SMALLEST, ...change })

const ROUTE = { path: '/admin', methods: ['GET'], scope: { allOf: ['admin'] } } as const

const INTROSPECTION = {
  discovery: 'oauth-authorization-server',
  authentication: 'client_secret_basic',
  clientId: 'lanekeeper',
  secret: SECRET,
} as const

const ASSERTION = { key: SECRET, issuer: AUDIENCE, audience: 'origin' } as const
const ORIGIN = { url: 'https://origin.example.com' } as const

export const WEIGHED: readonly Weighed[] = [
  { name: 'one RFC 9068 issuer with scopes', config: SMALLEST },
  {
    name: 'RS256, PS256, ES256 and EdDSA',
    config: withIssuer({ ...MAIN, algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] }),
  },
  { name: 'keys in a secret', config: withIssuer({ ...MAIN, keys: { jwksSecret: SECRET } }) },
  {
    name: 'a shared secret (HS256)',
    config: withIssuer({ ...MAIN, keys: { secret: SECRET }, algorithms: ['HS256'] }),
  },
  { name: 'introspection', config: withIssuer({ ...MAIN, introspection: INTROSPECTION }) },
  {
    name: 'tokens that GitHub checks',
    config: changed({
      issuers: { main: MAIN, github: { check: { provider: 'github', clientId: 'app', secret: SECRET } } },
    }),
  },
  {
    name: 'userinfo',
    config: withIssuer({
      ...MAIN,
      keys: { discovery: 'openid-configuration' },
      userinfo: { discovery: 'openid-configuration', claim: 'email' },
    }),
  },
  {
    name: 'conditions of a route',
    config: changed({ routes: [...SMALLEST.routes, { ...ROUTE, acr: ['mfa'], maxAgeSeconds: 300 }] }),
  },
  { name: 'resources (RFC 9728)', config: changed({ resources: [{ identifier: AUDIENCE }] }) },
  { name: 'log.fingerprintKey', config: changed({ log: { fingerprintKey: SECRET } }) },
  { name: 'metrics in CloudWatch', edge: 'aws', config: { ...SMALLEST }, metrics: 'Lanekeeper' },
  { name: 'strategy table', edge: 'aws', config: changed({ aws: { strategy: 'table' } }) },
  {
    name: 'secrets of AWS Secrets Manager',
    edge: 'aws',
    config: changed({ log: { fingerprintKey: { secretsManager: 'lanekeeper' } } }),
  },
  {
    name: 'cors',
    edge: 'cloudflare',
    config: changed({ cors: { origins: ['https://app.example.com'], preflight: 'answer' } }),
  },
  {
    name: 'diagnostics',
    edge: 'cloudflare',
    config: changed({ diagnostics: { header: 'x-diagnostics', secret: SECRET } }),
  },
  {
    name: 'origin.assertion',
    edge: 'cloudflare',
    config: changed({ origin: { ...ORIGIN, assertion: ASSERTION } }),
  },
]
