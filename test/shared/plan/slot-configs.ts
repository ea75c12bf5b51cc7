// Configurations that take every setting that may be open from the environment, and the values with which they are
// good.

import type { LanekeeperConfig } from '../../../shared/index.ts'

/** The example key of RFC 8037 appendix A.2. */
const ED_KEY = { kty: 'OKP', crv: 'Ed25519', kid: 'k', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

/** The example key of RFC 7517 appendix A.2. */
export const ES256_KEY = JSON.stringify({
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
  d: '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
})

const API = 'https://api.example.com'
const ISSUERS: LanekeeperConfig['issuers'] = {
  main: {
    issuer: 'https://login.example.com',
    audience: API,
    profile: 'rfc9068',
    keys: { discovery: 'openid-configuration' },
  },
}
const ORIGIN = { url: 'https://origin.example' }
const ROUTES: LanekeeperConfig['routes'] = [{ path: '/orders', methods: ['GET'], scope: 'none' }]
const TENANTS = ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222'] as const

export interface SlotConfig {
  readonly config: LanekeeperConfig
  readonly stage?: string
  /** The variables of the slots. */
  readonly good: Readonly<Record<string, string>>
}

export const SLOT_CONFIGS: Readonly<Record<string, SlotConfig>> = {
  'an issuer with everything derived from its iss': {
    config: {
      issuers: {
        main: {
          issuer: '${env:ISSUER}',
          audience: '${env:AUDIENCE}',
          profile: 'rfc9068',
          keys: { discovery: 'openid-configuration' },
        },
      },
      routes: ROUTES,
      origin: ORIGIN,
    },
    good: { ISSUER: 'https://login.example.com', AUDIENCE: API },
  },
  'parts of values, several in one, and lists': {
    config: {
      issuers: {
        main: {
          issuer: 'https://${env:HOST}.example${env:PATH}',
          audience: ['${env:AUDIENCE}', 'https://api.example.com/${env:VERSION}'],
          profile: 'rfc9068',
          clients: ['web', '${env:CLIENT}', 'app-${env:CLIENT}'],
          keys: { discovery: 'oauth-authorization-server' },
        },
        second: {
          issuer: 'https://second.example',
          audience: '${env:AUDIENCE}',
          profile: 'rfc9068',
          keys: { jwks_uri: 'https://${env:HOST}.example/jwks' },
        },
      },
      routes: ROUTES,
      origin: ORIGIN,
    },
    good: { HOST: 'login', PATH: '/a', AUDIENCE: API, VERSION: 'v2', CLIENT: 'cli' },
  },
  'every kind of key source': {
    config: {
      issuers: {
        discovered: {
          issuer: 'https://discovered.example',
          audience: API,
          profile: 'rfc9068',
          keys: {
            discovery: 'openid-configuration',
            url: '${env:METADATA}',
            metadataIssuer: '${env:METADATA_ISSUER}',
          },
        },
        published: {
          issuer: '${env:PUBLISHED}',
          audience: API,
          profile: 'auth0-rfc9068',
          keys: { jwks_uri: '${env:JWKS}' },
        },
        inline: {
          issuer: '${env:INLINE}',
          audience: API,
          profile: 'rfc9068',
          keys: { jwks: { keys: [ED_KEY] } },
          algorithms: ['EdDSA'],
        },
        stored: {
          issuer: '${env:STORED}',
          audience: API,
          profile: 'rfc9068',
          keys: { secret: { env: 'KEY' } },
          algorithms: ['HS256'],
        },
        own: {
          issuer: 'https://own.example/realm',
          audience: API,
          profile: 'rfc9068',
          keys: { discovery: 'openid-configuration', metadataIssuer: '${env:OWN}' },
        },
      },
      routes: ROUTES,
      origin: ORIGIN,
    },
    good: {
      METADATA: 'https://elsewhere.example/metadata',
      METADATA_ISSUER: 'urn:elsewhere',
      PUBLISHED: 'https://tenant.eu.auth0.com/',
      JWKS: 'https://keys.example/jwks',
      INLINE: 'http://localhost:4000',
      STORED: 'https://stored.example',
      OWN: 'https://own.example/realm',
    },
  },
  'tenants of Entra': {
    config: {
      issuers: {
        many: {
          issuer: 'https://${env:LOGIN}/{tenantid}/v2.0',
          audience: API,
          profile: 'entra-v2',
          keys: { discovery: 'openid-configuration', url: 'https://${env:LOGIN}/common/metadata' },
          tenants: ['${env:TENANT}', TENANTS[1]],
          keyIssuer: '${env:KEY_ISSUER}',
        },
        one: {
          issuer: '${env:ONE}',
          audience: API,
          profile: 'entra-v2',
          keys: { discovery: 'openid-configuration' },
        },
        old: {
          issuer: '${env:OLD}',
          audience: API,
          profile: 'entra-v1',
          keys: { jwks_uri: 'https://login.microsoftonline.com/common/discovery/keys' },
        },
        placed: {
          issuer: '${env:PLACED}',
          audience: 'https://other.example.com',
          profile: 'entra-v2',
          keys: { jwks_uri: 'https://login.microsoftonline.com/common/discovery/keys' },
          tenants: [TENANTS[0]],
        },
      },
      routes: ROUTES,
      origin: ORIGIN,
    },
    good: {
      LOGIN: 'login.microsoftonline.com',
      TENANT: TENANTS[0],
      KEY_ISSUER: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      ONE: `https://login.microsoftonline.us/${TENANTS[1]}/v2.0`,
      OLD: `https://sts.windows.net/${TENANTS[0]}/`,
      PLACED: 'https://login.partner.microsoftonline.cn/{tenantid}/v2.0',
    },
  },
  'AD FS, whose ID tokens have another iss': {
    config: {
      issuers: {
        derived: {
          issuer: '${env:DERIVED}',
          audience: API,
          profile: 'adfs',
          keys: { jwks_uri: 'https://fs.example/adfs/discovery/keys' },
        },
        named: {
          issuer: '${env:NAMED}',
          audience: API,
          profile: 'adfs',
          keys: {
            discovery: 'openid-configuration',
            url: 'https://fs2.example/adfs/.well-known/openid-configuration',
            metadataIssuer: '${env:NAMED_METADATA}',
          },
        },
      },
      routes: ROUTES,
      origin: ORIGIN,
    },
    good: {
      DERIVED: 'http://fs.example/adfs/services/trust',
      NAMED: 'http://fs2.example/adfs/services/trust',
      NAMED_METADATA: 'https://fs2.example/adfs',
    },
  },
  'profiles whose iss has an ending': {
    config: {
      issuers: {
        okta: {
          issuer: '${env:OKTA}',
          audience: API,
          profile: 'okta',
          keys: { discovery: 'openid-configuration' },
        },
        keycloak: {
          issuer: '${env:KEYCLOAK}',
          audience: '${env:KEYCLOAK_AUDIENCE}',
          profile: 'keycloak',
          keys: { discovery: 'openid-configuration' },
        },
        cognito: {
          issuer: '${env:COGNITO}',
          profile: 'cognito',
          clients: ['${env:APP}'],
          keys: { discovery: 'openid-configuration' },
        },
      },
      routes: ROUTES,
      origin: ORIGIN,
    },
    good: {
      OKTA: 'https://dev.okta.com/oauth2/default',
      KEYCLOAK: 'https://keycloak.example/realms/main',
      KEYCLOAK_AUDIENCE: API,
      COGNITO: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc',
      APP: 'app',
    },
  },
  'the URL that proofs of bound tokens name': {
    config: {
      issuers: { main: { ...ISSUERS['main']!, senderConstraint: 'any' } },
      routes: ROUTES,
      publicUrls: ['${env:API_URL}'],
      aws: { strategy: 'off' },
      origin: ORIGIN,
    },
    good: { API_URL: API },
  },
  'lookups of opaque tokens': {
    config: {
      issuers: {
        introspected: {
          issuer: '${env:INTROSPECTED}',
          audience: API,
          introspection: {
            endpoint: '${env:ENDPOINT}',
            authentication: 'client_secret_basic',
            clientId: '${env:CLIENT_ID}',
            secret: { env: 'KEY' },
            clients: ['${env:CLIENT}', 'web'],
          },
          userinfo: { endpoint: '${env:USERINFO}', claim: 'email' },
          prefix: 'i_',
        },
        hub: {
          check: {
            provider: 'github',
            clientId: '${env:HUB_APP}',
            secret: { env: 'KEY' },
            baseUrl: '${env:HUB}',
          },
          prefix: 'h_',
        },
        lab: { check: { provider: 'gitlab', clientId: ['${env:LAB_APP}', 'web'] }, prefix: 'l_' },
      },
      routes: ROUTES,
      origin: ORIGIN,
      resources: [{ identifier: API }],
    },
    good: {
      INTROSPECTED: 'https://introspected.example',
      ENDPOINT: 'https://introspected.example/introspect',
      CLIENT_ID: 'lanekeeper',
      CLIENT: 'cli',
      USERINFO: 'https://introspected.example/userinfo',
      HUB_APP: 'hub-app',
      HUB: 'https://hub.example/api',
      LAB_APP: 'lab-app',
    },
  },
  'resources and the routes in them': {
    config: {
      issuers: {
        main: {
          issuer: 'https://login.example.com',
          audience: [API, '${env:AUDIENCE}', 'https://api.example.com/v1/deep'],
          profile: 'rfc9068',
          keys: { discovery: 'openid-configuration' },
        },
        other: {
          issuer: '${env:OTHER}',
          audience: [API, '${env:AUDIENCE}'],
          profile: 'rfc9068',
          keys: { discovery: 'openid-configuration' },
        },
      },
      resources: [
        {
          identifier: '${env:RESOURCE}',
          name: 'Orders ${env:NAME}',
          documentation: 'https://docs.example/${env:NAME}',
        },
        { identifier: API },
        { identifier: 'https://api.example.com/v1/deep' },
      ],
      routes: [
        { path: '/v1/orders', methods: ['GET'], scope: { allOf: ['a'] } },
        { path: '/v1/deep/{id}', methods: ['GET', 'PUT'], scope: 'none' },
        { path: '/v1/{path+}', methods: ['GET'], scope: 'none' },
        { path: '/{version}/x', methods: ['GET'], scope: 'none' },
        { path: '/else', methods: ['GET'], scope: 'none' },
        {
          path: '/.well-known/oauth-protected-resource/hidden',
          methods: ['GET'],
          public: true,
        },
      ],
      origin: ORIGIN,
    },
    good: {
      AUDIENCE: 'https://api.example.com/v1',
      RESOURCE: 'https://api.example.com/v1',
      OTHER: 'https://other.example',
      NAME: 'eu',
    },
  },
  'resources alone': {
    config: {
      issuers: {
        main: {
          issuer: 'https://login.example.com',
          audience: [API, 'https://api.example.com/hidden', 'https://api.example.com/b%2fc'],
          profile: 'rfc9068',
          keys: { discovery: 'openid-configuration' },
        },
      },
      resources: [{ identifier: '${env:RESOURCE}' }],
      routes: [
        ...ROUTES,
        { path: '/.well-known/oauth-protected-resource/hidden', methods: ['GET'], public: true },
      ],
      origin: ORIGIN,
    },
    good: { RESOURCE: API },
  },
  'the origin, its assertion and public URLs': {
    config: {
      issuers: ISSUERS,
      routes: ROUTES,
      origin: {
        url: '${env:ORIGIN}',
        assertion: { key: { env: 'ES256' }, issuer: 'https://${env:WORKER}' },
      },
      publicUrls: ['https://${env:WORKER}', 'http://localhost:8787', '${env:PUBLIC}'],
    },
    good: { ORIGIN: 'https://origin.example:8443/', WORKER: 'api.example.com', PUBLIC: 'https://b.example' },
  },
  'the audience of an assertion': {
    config: {
      issuers: ISSUERS,
      routes: ROUTES,
      origin: {
        sameZone: true,
        assertion: { key: { env: 'ES256' }, issuer: 'https://api.example.com', audience: '${env:NAME}' },
      },
      resources: [{ identifier: API }],
    },
    good: { NAME: 'orders' },
  },
  'a stage that overrides an issuer, resources, origin and public URLs': {
    stage: 'production',
    config: {
      issuers: {
        main: {
          issuer: 'https://test.example',
          audience: 'https://test.example.com',
          profile: 'rfc9068',
          keys: { discovery: 'openid-configuration' },
        },
      },
      routes: ROUTES,
      origin: ORIGIN,
      stages: {
        test: { origin: { url: '${env:UNUSED}' } },
        production: {
          issuers: { main: { issuer: '${env:ISSUER}', audience: ['${env:AUDIENCE}'] } },
          resources: [{ identifier: '${env:AUDIENCE}' }],
          origin: { url: '${env:ORIGIN}' },
          publicUrls: ['${env:AUDIENCE}'],
        },
      },
    },
    good: { ISSUER: 'https://login.example.com', AUDIENCE: API, ORIGIN: 'https://origin.example' },
  },
}
