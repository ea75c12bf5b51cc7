// The world of the case rows: two issuers that share a kid, one that publishes keys it should not publish, one that
// redirects and one that poses as another; those of the providers; an attacker's server; and the configuration of all
// edges.

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { KeyedIssuerConfig, LanekeeperConfig, Ports, PublicKeySource } from '../../shared/index.ts'
import type { SignatureAlgorithm } from '../../shared/token/algorithms.ts'
import { unusableKeys } from './hostile-keys.ts'
import { startProviderIssuers, type ProviderIssuers } from './provider-issuers.ts'
import { opaqueIssuers } from './opaque-config.ts'
import { startOpaqueIssuer, type OpaqueIssuer } from './opaque-issuer.ts'
import { createSecretIssuers, type SecretIssuers } from './secret-issuers.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from './test-issuer.ts'

export const AUDIENCE = 'https://api.test.example'
export const OTHER_AUDIENCE = 'https://other.test.example'
/** Resources with a path, one below the other. */
export const RESOURCE = 'https://edge.test.example/resource'
export const DEEP_RESOURCE = 'https://edge.test.example/resource/deep'
export const CARELESS_AUDIENCE = 'https://careless.test.example'

export interface CaseWorld {
  readonly main: TestIssuer
  readonly other: TestIssuer
  /**
   * Publishes its keys `good` (ES256) and `open` (RSA without alg), two under `mixed`, two under `twice`, and unusable
   * ones.
   */
  readonly careless: TestIssuer
  /** Answers every request with a redirect to the attacker. */
  readonly redirecting: TestIssuer
  /** Its metadata names `main` as the issuer. */
  readonly impostor: TestIssuer
  /** Serves the attacker's key. It must never get a request. */
  readonly attacker: TestIssuer
  readonly providers: ProviderIssuers
  /** RS256, as published by `main` and `other` alike under the kid `shared`, with different key material. */
  readonly attackerKey: SigningKey
  readonly pssKey: SigningKey
  /** Issuers and providers whose tokens are introspected. */
  readonly opaque: OpaqueIssuer
  /** Issuers with a key set or a secret behind a secret reference. */
  readonly secretIssuers: SecretIssuers
  readonly config: LanekeeperConfig
  /** The variables that the configuration refers to, as an environment and as a port. */
  readonly env: Readonly<Record<string, string>>
  readonly secrets: NonNullable<Ports['secrets']>
  close(): Promise<void>
}

/** A port on which no server listens any more. */
async function findClosedPort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function startCaseWorld(): Promise<CaseWorld> {
  const [rsa, ec, pss, attackerRsa, otherRsa, ed, good, open, mixedEc, mixedRsa, twice, again, same] =
    await Promise.all([
      generateKey('RS256', 'shared'),
      generateKey('ES256', 'ec'),
      generateKey('PS256', 'pss'),
      generateKey('RS256', 'shared'),
      generateKey('RS256', 'shared'),
      generateKey('EdDSA', 'ed'),
      generateKey('ES256', 'good'),
      generateKey('RS256', 'open'),
      generateKey('ES256', 'mixed'),
      generateKey('RS256', 'mixed'),
      generateKey('ES256', 'twice'),
      generateKey('ES256', 'twice'),
      generateKey('ES256', 'same'),
    ])
  const [main, other, careless, redirecting, impostor, attacker, providers] = await Promise.all([
    startTestIssuer({ audience: AUDIENCE, keys: [rsa, ec] }),
    startTestIssuer({ audience: OTHER_AUDIENCE, keys: [otherRsa, ed] }),
    startTestIssuer({ audience: CARELESS_AUDIENCE, keys: [good, open, mixedEc, mixedRsa, twice, same] }),
    startTestIssuer({ audience: AUDIENCE, keys: [good] }),
    startTestIssuer({ audience: AUDIENCE, keys: [good] }),
    startTestIssuer({ audience: AUDIENCE, keys: [attackerRsa] }),
    startProviderIssuers(),
  ])
  const opaque = await startOpaqueIssuer()
  const closed = await findClosedPort()
  const secretIssuers = await createSecretIssuers(AUDIENCE)
  const env = { ...opaque.env, ...secretIssuers.env }
  main.publish([rsa, ec, pss].map((key) => key.publicJwk))
  const { alg: _, ...openJwk } = open.publicJwk
  careless.publish([
    openJwk,
    ...[good, mixedEc, mixedRsa, twice, again, same].map((key) => key.publicJwk),
    { ...same.publicJwk, use: 'sig', 'x-published': 'again' },
    ...unusableKeys(),
  ])
  redirecting.answerWith((request, response) => {
    response.writeHead(302, { location: `${attacker.issuer}${request.url}` }).end()
  })
  impostor.answerWith((request, response) => {
    const metadata = { issuer: main.issuer, jwks_uri: impostor.jwksUri }
    response.end(JSON.stringify(request.url === '/jwks' ? { keys: [good.publicJwk] } : metadata))
  })
  const further = (
    issuer: TestIssuer,
    algorithms: readonly SignatureAlgorithm[],
  ): Extract<KeyedIssuerConfig, { keys: PublicKeySource }> => ({
    issuer: issuer.issuer,
    audience: issuer === careless ? CARELESS_AUDIENCE : AUDIENCE,
    profile: 'rfc9068',
    keys: { discovery: 'openid-configuration' },
    algorithms,
    clockToleranceSeconds: 0,
  })
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: main.issuer,
        audience: [AUDIENCE, 'https://api.test.example/v2', RESOURCE, DEEP_RESOURCE],
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
        algorithms: ['RS256', 'ES256'],
        clockToleranceSeconds: 5,
        maxLifetimeSeconds: 3_600,
      },
      other: {
        issuer: other.issuer,
        audience: OTHER_AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks_uri: other.jwksUri },
        algorithms: ['RS256', 'EdDSA'],
      },
      careless: further(careless, ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']),
      redirecting: { ...further(redirecting, ['ES256']), keys: { jwks_uri: redirecting.jwksUri } },
      impostor: further(impostor, ['ES256']),
      ...providers.configs,
      ...opaqueIssuers(opaque, AUDIENCE, closed),
      ...secretIssuers.configs,
    },
    routes: [
      { path: '/health', methods: ['GET'], public: true },
      { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } },
      { path: '/orders', methods: ['POST'], scope: { allOf: ['read', 'write'] } },
      { path: '/orders/{id}', methods: ['GET'], scope: { anyOf: ['read', 'admin'] } },
      { path: '/orders/@me', methods: ['GET'], scope: { allOf: ['special'] } },
      { path: '/orders/special', methods: ['GET'], scope: { allOf: ['special'] } },
      { path: '/profile', methods: ['GET'], scope: 'none' },
      { path: '/files/{path+}', methods: ['GET', 'OPTIONS'], scope: { allOf: ['read'] } },
      { path: '/intro', methods: ['GET'], scope: { allOf: ['read'] }, issuer: 'intro' },
      { path: '/partners', methods: ['GET'], scope: 'none', clients: ['partner-1', 'partner-2'] },
      {
        path: '/acme',
        methods: ['GET'],
        scope: 'none',
        claims: { org_id: { equals: 'acme' }, plan: { oneOf: ['gold', 7, true] } },
      },
      { path: '/payments', methods: ['POST'], scope: 'none', authorizationDetails: ['payment', 'account'] },
      { path: '/transfers', methods: ['POST'], scope: 'none', acr: ['mfa', 'hwk'], maxAgeSeconds: 300 },
      { path: '/resource', methods: ['GET'], scope: { allOf: ['read'] } },
      { path: '/resource/{path+}', methods: ['GET'], scope: { anyOf: ['read', 'admin'] } },
      { path: '/resource/deep/open', methods: ['GET'], scope: 'none' },
      { path: '/resources', methods: ['GET'], scope: 'none' },
      // A route that reaches into one resource, and outside of all.
      { path: '/{area}/shared', methods: ['GET'], scope: 'none' },
      { path: '/trial', methods: ['GET'], scope: { allOf: ['read'] }, reportOnly: true },
      { path: '$connect', methods: ['GET'], scope: { allOf: ['read'] } },
    ],
    resources: [
      { identifier: RESOURCE, name: 'Test', documentation: 'https://docs.test.example/' },
      { identifier: DEEP_RESOURCE },
    ],
    identity: { claims: { tenant: 'org_id', groups: 'groups', email: 'email' } },
    limits: { maxTokenBytes: 4_096, maxPathBytes: 256 },
  }
  return {
    main,
    other,
    careless,
    redirecting,
    impostor,
    attacker,
    providers,
    attackerKey: attackerRsa,
    pssKey: pss,
    opaque,
    config,
    secretIssuers,
    env,
    secrets: async (ref) => (ref.env === undefined ? undefined : env[ref.env as keyof typeof env]),
    async close() {
      const issuers = [main, other, careless, redirecting, impostor, attacker, providers]
      await Promise.all([opaque, ...issuers].map((issuer) => issuer.close()))
    },
  }
}
