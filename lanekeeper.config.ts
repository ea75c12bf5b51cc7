// The configuration of both edges. Replace issuer, audience, routes and origin with yours, also in `stages` (under the
// same issuer name), then run `npm run check:config`. Keep the stage `local`: `npm start` runs it and supplies its
// addresses. All settings: docs/configuration.md.

import { defineConfig } from './shared/index.ts'

export default defineConfig({
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      algorithms: ['RS256'],
    },
  },

  routes: [
    { path: '/health', methods: ['GET'], public: true },
    { path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } },
    { path: '/orders', methods: ['POST'], scope: { allOf: ['orders:read', 'orders:write'] } },
    { path: '/orders/{id}', methods: ['GET'], scope: { anyOf: ['orders:read', 'orders:admin'] } },
    { path: '/invoices', methods: ['GET'], scope: { allOf: ['invoices:read'] } },
    { path: '/invoices', methods: ['POST'], scope: { allOf: ['invoices:read', 'invoices:write'] } },
    { path: '$connect', methods: ['GET'], scope: { allOf: ['orders:read'] } },
  ],

  // For each authorizer function of serverless.yml: which answers API Gateway may cache, and how long (docs/aws.md).
  aws: {
    authorizers: {
      token: { strategy: 'table', resultTtlSeconds: 300 },
      request: { strategy: 'exact', resultTtlSeconds: 300 },
      http: { strategy: 'exact', resultTtlSeconds: 300, httpApiResponse: 'policy' },
      connect: { strategy: 'off', webSocketToken: 'protocol' },
    },
  },

  origin: { url: 'https://orders.internal.example.com' },

  stages: {
    production: {},
    staging: {
      issuers: {
        main: { issuer: 'https://login.staging.example.com', audience: 'https://api.staging.example.com' },
      },
      origin: { url: 'https://orders.staging.internal.example.com' },
    },
    local: {
      issuers: {
        main: {
          issuer: '${env:LOCAL_ISSUER}',
          audience: ['${env:LOCAL_AUDIENCE}', '${env:LOCAL_AUDIENCE}/opaque'],
          // Describes the tokens of the local authorization server, which may differ from those of yours.
          profile: 'rfc9068',
          scopes: { claim: 'scope', shape: 'string' },
          keys: { discovery: 'openid-configuration' },
          algorithms: ['RS256'],
          clockToleranceSeconds: 0,
          introspection: {
            discovery: 'openid-configuration',
            authentication: 'private_key_jwt',
            clientId: 'orders-gateway',
            secret: { env: 'LOCAL_INTROSPECTION_KEY' },
            cacheSeconds: 2,
            withoutSub: 'client',
          },
        },
      },
      origin: { url: '${env:LOCAL_ORIGIN}' },
    },
  },
})
