// What both edges enforce. Change issuer, audience, routes and origin to yours, and what `stages` says about them
// (by the same issuer name); then `npm run check:config`. `npm start` runs the stage `local`, whose addresses the
// local run supplies: keep it. All settings: docs/configuration.md.

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

  // What API Gateway may keep, for each authorizer function of serverless.yml (docs/aws.md).
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
          // What the local authorization server issues, whatever yours does.
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
