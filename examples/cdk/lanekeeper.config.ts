// The configuration of the orders API behind three APIs of API Gateway. README.md says what this shows.

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
    { path: '$connect', methods: ['GET'], scope: { allOf: ['orders:read'] } },
  ],

  aws: {
    authorizers: {
      // For the REST and the HTTP API, which keep answers. lanekeeper/cdk sets the key and the lifetime.
      orders: { strategy: 'exact', resultTtlSeconds: 300, httpApiResponse: 'policy' },
      // For the handshake of the WebSocket API: new WebSocket(url, ['orders.v1', 'bearer', token]).
      connect: { strategy: 'off', webSocketToken: 'protocol' },
    },
  },
})
