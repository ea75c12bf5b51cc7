// Good configurations that together have every setting, and the environment in which they are good.

import type { ConfigEnvironment, LanekeeperConfig } from '../../shared/index.ts'

/** The example keys of RFC 8037 appendix A.2 and RFC 7517 appendix A.1. */
const ED_KEY = { kty: 'OKP', crv: 'Ed25519', kid: 'k', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
const EC_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
}

const AUDIENCE = 'https://api.example.com'
const STORED = { secretsManager: 'stored', field: 'member', versionStage: 'AWSCURRENT' } as const
const TIMES = { cacheSeconds: 60, timeoutSeconds: 2 } as const

export const FULL_ENVIRONMENT: ConfigEnvironment = { env: { AUDIENCE, KEY: 'k3Jx'.repeat(8) } }

const issuers: LanekeeperConfig['issuers'] = {
  discovered: {
    issuer: 'https://discovered.example',
    audience: ['${env:AUDIENCE}', 'https://api.example.com/v2'],
    profile: 'rfc9068',
    keys: {
      discovery: 'openid-configuration',
      url: 'https://discovered.example/metadata',
      metadataIssuer: 'https://discovered.example',
      timeoutSeconds: 3,
      bundled: { maxAgeSeconds: 86_400 },
    },
    algorithms: ['RS256', 'ES256'],
    clients: ['web', 'app'],
    scopes: { claim: 'scope', shape: 'list' },
    clientScopes: { claim: ['scope'], shape: 'list' },
    principal: { claim: 'email' },
    session: { claim: 'sid' },
    senderConstraint: 'any',
    clockToleranceSeconds: 30,
    maxLifetimeSeconds: 3_600,
    prefix: ['d_', 'e_'],
    introspection: {
      endpoint: 'https://discovered.example/introspect',
      authentication: 'client_secret_basic',
      clientId: 'lanekeeper',
      secret: STORED,
      response: 'jwt',
      jwt: 'introspect',
      requiredMembers: ['token_type', 'token_use'],
      withoutSub: 'client',
      clients: ['web'],
      ...TIMES,
    },
  },
  tenants: {
    issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
    audience: AUDIENCE,
    profile: 'entra-v2',
    keys: {
      discovery: 'openid-configuration',
      url: 'https://login.microsoftonline.com/common/v2.0/metadata',
    },
    tenants: ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222'],
    keyIssuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
  },
  cognito: {
    issuer: 'https://cognito.example',
    profile: 'cognito',
    clients: ['web'],
    keys: {
      jwks_uri: 'https://cognito.example/jwks',
      timeoutSeconds: 3,
      bundled: { maxAgeSeconds: 2_678_400 },
    },
  },
  inline: {
    issuer: 'https://inline.example',
    audience: AUDIENCE,
    profile: {
      typ: ['at+jwt'],
      evidence: [{ claim: 'token_use', value: 'access' }, { header: 'alg' }],
      waived: ['nonce'],
      scopes: { claim: ['access', 'scopes'], shape: 'string', oneOrList: true },
      client: 'client_id',
      clientCredentials: [{ claim: 'grant', value: 'cc' }, { header: 'cc' }],
    },
    keys: { jwks: { keys: [ED_KEY] } },
    algorithms: ['EdDSA'],
  },
  'old-names': {
    issuer: 'https://old.example',
    audience: AUDIENCE,
    profile: {
      typ: [''],
      marks: [{ claim: 'token_use', value: 'access' }, { header: 'alg' }],
      scopes: { claim: 'scope', shape: 'string' },
      client: 'azp',
    },
    keys: { jwksSecret: { secretsStore: 'STORED' } },
    introspection: {
      discovery: 'oauth-authorization-server',
      authentication: 'bearer',
      secret: { env: 'KEY' },
      marks: ['token_type'],
    },
    userinfo: { discovery: 'openid-configuration', claim: 'email' },
    prefix: 'o_',
  },
  shared: {
    issuer: 'https://shared.example',
    audience: AUDIENCE,
    profile: 'rfc9068',
    scopes: { claim: ['scope'], shape: 'list' },
    keys: { secret: STORED, encoding: 'base64url' },
    algorithms: ['HS256'],
  },
  introspected: {
    issuer: 'https://introspected.example',
    audience: AUDIENCE,
    introspection: {
      discovery: 'openid-configuration',
      authentication: 'private_key_jwt',
      clientId: 'lanekeeper',
      secret: STORED,
    },
    userinfo: { endpoint: 'https://introspected.example/userinfo', claim: 'email', ...TIMES },
    maxLifetimeSeconds: 600,
    prefix: 'i_',
  },
  checked: {
    issuer: 'https://checked.example',
    check: {
      provider: 'github',
      clientId: 'app',
      secret: STORED,
      baseUrl: 'https://checked.example/api',
      ...TIMES,
    },
    principal: { claim: 'email' },
    clockToleranceSeconds: 5,
    prefix: 'c_',
  },
  listed: { check: { provider: 'google', clientId: ['app', 'web'] }, prefix: 'g_' },
}

const ROUTE = { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } } as const

const FULL: LanekeeperConfig = {
  issuers,
  routes: [
    { path: '/health', methods: ['GET'], public: true },
    {
      path: '/orders/{id}',
      methods: ['GET', 'PUT'],
      scope: { allOf: ['read'], anyOf: ['a', 'b'] },
      issuer: 'discovered',
      clients: ['web'],
      claims: { plan: { equals: 'gold' }, level: { oneOf: ['a', 7, true] } },
      authorizationDetails: ['payment'],
      acr: ['mfa'],
      maxAgeSeconds: 0,
      sharedCaches: false,
      revocation: 'strong',
      senderConstraint: 'dpop',
      replay: 'strong',
      reportOnly: false,
    },
    { path: '/files/{path+}', methods: ['GET'], scope: 'none' },
  ],
  identity: { headerPrefix: 'x-lanekeeper-', claims: { tenant: 'org_id' } },
  resources: [
    { identifier: AUDIENCE, name: 'Orders', documentation: 'https://docs.example.com/' },
    { identifier: 'https://api.example.com/v2' },
  ],
  revocation: {
    durableObject: 'REVOCATIONS',
    dynamodb: { table: 'revocations', region: 'eu-west-1' },
    refreshSeconds: 5,
    staleSeconds: 60,
    memoryBytes: 65_536,
    maxEntries: 1_000,
    logout: { path: '/logout', clients: { discovered: ['web', 'app'], tenants: 'web' } },
    admin: {
      url: 'https://store.example',
      revoke: [{ env: 'KEY' }, STORED],
      list: { secretsStore: 'LIST_CREDENTIAL' },
    },
  },
  dpop: {
    algorithms: ['ES256', 'EdDSA'],
    maxAgeSeconds: 300,
    futureSeconds: 30,
    nonce: { key: { secretsStore: 'NONCE_KEY' }, previousKey: STORED },
    replay: {
      durableObject: 'REPLAYS',
      dynamodb: { table: 'replays', region: 'eu-west-1' },
      memoryBytes: 65_536,
    },
  },
  mtls: {
    trust: 'possession',
    header: {
      name: 'client-cert',
      format: 'rfc9440',
      guard: { header: 'x-proxy-secret', secret: { env: 'KEY' } },
    },
  },
  log: { fingerprintKey: { env: 'KEY' } },
  realm: 'api',
  publicUrls: ['https://api.example.com', 'http://localhost:8787', 'https://gateway.example/production'],
  limits: { maxTokenBytes: 8_192, maxPathBytes: 4_096, maxJsonDepth: 16, tokenMemoryBytes: 0 },
  reportOnly: false,
  cors: {
    origins: ['https://app.example'],
    preflight: 'answer',
    headers: ['authorization'],
    maxAgeSeconds: 600,
  },
  serverTiming: true,
  diagnostics: { header: 'x-diagnostics-secret', secret: { env: 'KEY' } },
  origin: {
    url: 'https://origin.example',
    token: 'replace',
    keepHeaders: ['forwarded'],
    assertion: {
      key: STORED,
      issuer: 'https://api.example.com',
      audience: 'origin',
      lifetimeSeconds: 30,
      publicKeys: [EC_KEY],
    },
  },
  aws: {
    strategy: 'exact',
    httpApiResponse: 'policy',
    resultTtlSeconds: 0,
    timeCondition: true,
    usageIdentifierKey: 'client_id',
    webSocketToken: { query: 'token' },
    authorizers: {
      connect: { strategy: 'off', webSocketToken: { query: 'token' }, resultTtlSeconds: 0 },
      plain: { senderConstraint: 'none' },
      http: { httpApiResponse: 'simple', timeCondition: false, usageIdentifierKey: 'client_id' },
    },
    caches: [
      { restApi: 'a1b2c3d4e5', stage: 'production', region: 'eu-west-1' },
      { httpApi: 'f6g7h8i9j0', stage: '$default' },
    ],
  },
}

export const FULL_CONFIGS: Readonly<Record<string, LanekeeperConfig>> = {
  'with every section': FULL,
  'with a service binding': {
    issuers: { main: issuers['discovered']! },
    routes: [ROUTE],
    publicUrls: ['https://api.example.com'],
    mtls: { trust: 'chain', issuerSki: ['a95e2e59', 'B23F'] },
    origin: { binding: 'ORIGIN', token: 'forward' },
    cors: { origins: '*', preflight: 'pass' },
    aws: { resultTtlSeconds: 300, senderConstraint: 'none' },
  },
  'in the same zone': {
    issuers: { main: issuers['checked']! },
    routes: [ROUTE],
    origin: { sameZone: true },
    revocation: {
      durableObject: 'REVOCATIONS',
      admin: { revoke: STORED, list: [{ env: 'KEY' }, { env: 'NEXT_KEY' }] },
    },
  },
}
