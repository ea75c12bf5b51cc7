// Bound tokens on both edges: to a key (DPoP, RFC 9449) and to a client certificate (mutual TLS, RFC 8705). README.md
// says what this shows, docs/dpop.md and docs/mtls.md what each setting does.

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
    // For routes that take plain tokens alone. API Gateway keeps its answers, and no answer about a bound token is
    // kept.
    plain: { strategy: 'exact', resultTtlSeconds: 300, senderConstraint: 'none' },
    // For routes that take bound tokens. Another request has another proof or certificate, so no answer is kept.
    bound: { strategy: 'off' },
    // A TOKEN authorizer gets neither proof nor certificate, so it takes plain tokens alone.
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
      // Plain tokens and bound ones. A token that is bound to a key is accepted with a proof of that key, and one that
      // is bound to a certificate on a connection with that certificate. One that is bound to both needs both.
      senderConstraint: 'any',
    },
  },

  routes: [
    // Plain tokens alone.
    { path: '/catalogue', methods: ['GET'], scope, senderConstraint: 'none' },
    { path: '/invoices', methods: ['GET'], scope, senderConstraint: 'none' },
    // All of them, as the issuer says.
    { path: '/orders', methods: ['GET', 'POST'], scope },
    // Tokens that are bound to a key, and each proof once, whichever instance it is sent to.
    { path: '/payments', methods: ['GET', 'POST'], scope, senderConstraint: 'dpop', replay: 'strong' },
    // Tokens that are bound to a client certificate.
    { path: '/transfers', methods: ['POST'], scope, senderConstraint: 'mtls' },
  ],

  // The URLs that proofs are made for. The Worker accepts the one with the host of the request, API Gateway each of
  // them: the domains with mutual TLS of its two APIs (domain.yml).
  publicUrls: ['https://api.example.com', 'https://rest.example.com', 'https://http.example.com'],

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
    // Says of an opaque token whether it is bound, and to which key or certificate.
    introspection: {
      discovery: 'openid-configuration',
      authentication: 'private_key_jwt',
      clientId: 'orders-gateway',
      secret: { env: 'LOCAL_INTROSPECTION_KEY' },
      cacheSeconds: 30,
    },
  } as const
}
