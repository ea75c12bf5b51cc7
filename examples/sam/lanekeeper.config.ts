// The configuration of the orders API behind a REST API and an HTTP API. README.md says what this shows.

import { defineConfig } from '../../shared/index.ts' // with the package: 'lanekeeper'

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
  ],

  // As in template.yaml: API Gateway keeps an answer for 300 s, and takes policies.
  aws: { strategy: 'exact', resultTtlSeconds: 300, httpApiResponse: 'policy' },
})
