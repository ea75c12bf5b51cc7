// Bound tokens on both edges (DPoP, RFC 9449). README.md says what this shows, docs/dpop.md what each setting does.

import { defineConfig } from '../../shared/index.ts' // with the package: 'lanekeeper'

/** Where used proofs are kept for routes with `replay: 'strong'`. */
const replay = {
  durableObject: 'REPLAYS', // the binding in wrangler.toml and store/wrangler.toml
  dynamodb: { table: 'lanekeeper-replays' }, // table.yml
}

/** API Gateway cannot ask for a nonce, so the Worker has stages of its own. */
const workerDpop = { replay, nonce: { key: { env: 'DPOP_NONCE_KEY' } } }
const lambdaDpop = { replay }

/** The authorizer functions of serverless.yml, by their LANEKEEPER_AUTHORIZER. */
const aws = {
  httpApiResponse: 'policy',
  authorizers: {
    // For routes that take plain tokens alone. API Gateway keeps its answers, and no answer about a bound token is kept.
    plain: { strategy: 'exact', resultTtlSeconds: 300, senderConstraint: 'none' },
    // For routes that take bound tokens. Every request has a proof of its own, so no answer is kept.
    bound: { strategy: 'off' },
    // A TOKEN authorizer gets neither proof nor method and URL, so it takes plain tokens alone.
    token: { strategy: 'off', senderConstraint: 'none' },
  },
} as const

const scope = { allOf: ['orders:read'] }

export default defineConfig({
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      algorithms: ['RS256'],
      // Plain tokens and bound ones. A bound token is accepted with a proof of its key, and never without.
      senderConstraint: 'any',
    },
  },

  routes: [
    // Plain tokens alone.
    { path: '/catalogue', methods: ['GET'], scope, senderConstraint: 'none' },
    { path: '/invoices', methods: ['GET'], scope, senderConstraint: 'none' },
    // Both, as the issuer says.
    { path: '/orders', methods: ['GET', 'POST'], scope },
    // Bound tokens alone, and each proof once, whichever instance it is sent to.
    { path: '/payments', methods: ['GET', 'POST'], scope, senderConstraint: 'dpop', replay: 'strong' },
  ],

  // The URLs that proofs are made for. The Worker accepts the one with the host of the request, API Gateway each of them.
  publicUrls: ['https://api.example.com', 'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/aws'],

  origin: { url: 'https://orders.internal.example.com' },

  stages: {
    cloudflare: { dpop: workerDpop },
    aws: { dpop: lambdaDpop, aws },

    // For `npm run example:bound`.
    'local-cloudflare': {
      issuers: { main: local() },
      publicUrls: ['${env:LOCAL_WORKER}'],
      dpop: workerDpop,
      origin: { url: '${env:LOCAL_ORIGIN}' },
    },
    'local-aws': {
      issuers: { main: local() },
      publicUrls: ['${env:LOCAL_REST_API}', '${env:LOCAL_HTTP_API}'],
      dpop: lambdaDpop,
      aws,
    },
  },
})

/** The local authorization server. Its opaque tokens have an audience of their own. */
function local() {
  return {
    issuer: '${env:LOCAL_ISSUER}',
    audience: ['${env:LOCAL_AUDIENCE}', '${env:LOCAL_AUDIENCE}/opaque'],
    clockToleranceSeconds: 0,
    // Says of an opaque token whether it is bound, and to which key.
    introspection: {
      discovery: 'openid-configuration',
      authentication: 'private_key_jwt',
      clientId: 'orders-gateway',
      secret: { env: 'LOCAL_INTROSPECTION_KEY' },
      cacheSeconds: 30,
    },
  } as const
}
