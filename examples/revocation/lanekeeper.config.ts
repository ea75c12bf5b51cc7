// Revocation on both edges. README.md says what this shows, docs/revocation.md what each setting does.

import { defineConfig } from '../../shared/index.ts' // with the package: 'lanekeeper'

const revocation = {
  durableObject: 'REVOCATIONS', // the binding in wrangler.toml and store/wrangler.toml
  dynamodb: { table: 'lanekeeper-revocations' }, // table.yml
  admin: {
    url: 'https://revocations.example.com', // the route of the store Worker
    revoke: { env: 'REVOKE_CREDENTIAL' },
    list: { env: 'LIST_CREDENTIAL' },
  },
  // The client whose `backchannel_logout_uri` is this path of the Worker, or that of the function on AWS.
  logout: { path: '/backchannel-logout', clients: { main: 'orders-web' } },
}

/** What API Gateway may cache, and how long: as in serverless.yml. */
const answers = { strategy: 'exact', resultTtlSeconds: 300, httpApiResponse: 'policy' } as const

export default defineConfig({
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      // The claim of access tokens that names the session. Without it a logout is about all tokens of the user.
      session: { claim: 'sid' },
      keys: { discovery: 'openid-configuration' },
      algorithms: ['RS256'],
      // No token lives longer, so an entry about a user is dropped after that time.
      maxLifetimeSeconds: 3600,
    },
  },

  routes: [
    { path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } },
    // The store is asked for every request.
    { path: '/payments', methods: ['GET'], scope: { allOf: ['orders:read'] }, revocation: 'strong' },
    // A revoked token is accepted until it expires.
    { path: '/catalogue', methods: ['GET'], scope: { allOf: ['orders:read'] }, revocation: 'off' },
  ],

  revocation,

  aws: {
    ...answers,
    // `lanekeeper revoke` empties these caches. The ids are in the output of the first deployment.
    caches: [
      { restApi: 'a1b2c3d4e5', stage: 'production', region: 'eu-west-1' },
      { httpApi: 'f6g7h8i9j0', stage: '$default', region: 'eu-west-1' },
    ],
  },

  origin: { url: 'https://orders.internal.example.com' },

  stages: {
    production: {},
    // For `npm run example:revocation`, with an N of a few seconds.
    local: {
      issuers: {
        main: {
          issuer: '${env:LOCAL_ISSUER}',
          audience: '${env:LOCAL_AUDIENCE}',
          clockToleranceSeconds: 0,
        },
      },
      revocation: { ...revocation, refreshSeconds: 2, staleSeconds: 6 },
      aws: {
        ...answers,
        resultTtlSeconds: 15,
        // The ids at the local API Gateway.
        caches: [
          { restApi: '5jo9pjo7o5', stage: 'local', region: 'eu-west-1' },
          { httpApi: '2cie0mrppk', stage: '$default', region: 'eu-west-1' },
        ],
      },
      origin: { url: '${env:LOCAL_ORIGIN}' },
    },
  },
})
