// The world the case rows run in: two issuers that share a kid, and the configuration both edges are given.

import type { LanekeeperConfig } from '../../shared/index.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from './test-issuer.ts'

export const AUDIENCE = 'https://api.test.example'
export const OTHER_AUDIENCE = 'https://other.test.example'

export interface CaseWorld {
  readonly main: TestIssuer
  readonly other: TestIssuer
  /** RS256, as published by `main` and `other` alike under the kid `shared`, with different key material. */
  readonly foreignKey: SigningKey
  readonly pssKey: SigningKey
  readonly config: LanekeeperConfig
  close(): Promise<void>
}

export async function startCaseWorld(): Promise<CaseWorld> {
  const [rsa, ec, pss, foreign, otherRsa, ed] = await Promise.all([
    generateKey('RS256', 'shared'),
    generateKey('ES256', 'ec'),
    generateKey('PS256', 'pss'),
    generateKey('RS256', 'shared'),
    generateKey('RS256', 'shared'),
    generateKey('EdDSA', 'ed'),
  ])
  const [main, other] = await Promise.all([
    startTestIssuer({ audience: AUDIENCE, keys: [rsa, ec] }),
    startTestIssuer({ audience: OTHER_AUDIENCE, keys: [otherRsa, ed] }),
  ])
  main.publish([rsa, ec, pss].map((key) => key.publicJwk))
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: main.issuer,
        audience: [AUDIENCE, 'https://api.test.example/v2'],
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
      { path: '$connect', methods: ['GET'], scope: { allOf: ['read'] } },
    ],
    identity: { claims: { tenant: 'org_id', groups: 'groups' } },
    limits: { maxTokenBytes: 4_096, maxPathBytes: 256 },
  }
  return {
    main,
    other,
    foreignKey: foreign,
    pssKey: pss,
    config,
    close: async () => void (await Promise.all([main.close(), other.close()])),
  }
}
