// An API that takes bound tokens at https://api.test.example: an issuer, a client with its key, and requests with a
// token and a proof of it.

import { randomBytes } from 'node:crypto'
import type { SenderConstraintDemand } from '../../shared/config/sender/constraint.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import type { CaseRequest, Field } from '../cases/row.ts'
import { createClientKey, makeProof, type ClientKey, type ProofChange } from './dpop-proofs.ts'
import { generateKey, startTestIssuer, type Members, type TestIssuer } from './test-issuer.ts'

export const HOST = 'api.test.example'
export const BASE = `https://${HOST}`
/** A resource whose tokens may be bound, and one whose tokens have to be. */
export const MIXED = `${BASE}/mixed`
export const STRICT = `${BASE}/strict`

/** What a bound request has besides its method and path. */
export interface BoundRequest {
  readonly method?: string
  readonly claims?: Members
  readonly key?: ClientKey
  readonly nonce?: string | undefined
  readonly change?: ProofChange
}

export interface DpopWorld {
  readonly issuer: TestIssuer
  readonly key: ClientKey
  readonly config: LanekeeperConfig
  /** The same with nonces, of the secret `env.NONCE_KEY`. */
  readonly withNonces: LanekeeperConfig
  readonly env: { readonly NONCE_KEY: string }
  /** A token that is bound to the key of the client. */
  boundToken(claims?: Members): Promise<string>
  /** A bound token and a proof of it for a path. */
  boundFields(path: string, request?: BoundRequest): Promise<Field[]>
  close(): Promise<void>
}

const SCOPE = { allOf: ['read'] }

export async function startDpopWorld(senderConstraint: SenderConstraintDemand = 'any'): Promise<DpopWorld> {
  const issuer = await startTestIssuer({ audience: BASE, keys: [await generateKey('ES256', 'one')] })
  const key = createClientKey()
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: [BASE, MIXED, STRICT],
        profile: 'rfc9068',
        keys: { jwks_uri: issuer.jwksUri },
        algorithms: ['ES256'],
        senderConstraint,
      },
    },
    publicUrls: [BASE],
    routes: [
      { path: '/health', methods: ['GET'], public: true },
      { path: '/orders', methods: ['GET', 'POST'], scope: SCOPE },
      { path: '/write', methods: ['GET'], scope: { allOf: ['write'] } },
      { path: '/transfers', methods: ['GET'], scope: 'none', acr: ['mfa'], maxAgeSeconds: 300 },
      { path: '/shared', methods: ['GET'], scope: SCOPE, sharedCaches: true },
      { path: '/trial', methods: ['GET'], scope: SCOPE, reportOnly: true },
      { path: '/only', methods: ['GET'], scope: SCOPE, senderConstraint: 'dpop' },
      { path: '/plain', methods: ['GET'], scope: SCOPE, senderConstraint: 'none' },
      { path: '/mixed', methods: ['GET'], scope: SCOPE },
      { path: '/mixed/only', methods: ['GET'], scope: SCOPE, senderConstraint: 'dpop' },
      { path: '/strict', methods: ['GET'], scope: SCOPE, senderConstraint: 'dpop' },
      { path: '/strict/open', methods: ['GET'], public: true },
    ],
    resources: [{ identifier: MIXED }, { identifier: STRICT }],
  }
  const boundToken = (claims: Members = {}) =>
    issuer.token({ claims: { aud: [BASE, MIXED, STRICT], cnf: { jkt: key.jkt }, ...claims } })
  return {
    issuer,
    key,
    config,
    withNonces: { ...config, dpop: { nonce: { key: { env: 'NONCE_KEY' } } } },
    env: { NONCE_KEY: randomBytes(32).toString('base64url') },
    boundToken,
    async boundFields(path, { method = 'GET', claims, key: other = key, nonce, change = {} } = {}) {
      const token = await boundToken(claims)
      const proof = makeProof(
        other,
        { method, url: `${BASE}${path}`, token },
        { ...change, claims: { ...(nonce === undefined ? {} : { nonce }), ...change.claims } },
      )
      return [
        ['Authorization', `DPoP ${token}`],
        ['DPoP', proof],
      ]
    },
    close: () => issuer.close(),
  }
}

/** A bound request as an edge of the case rows takes it. */
export const toCaseRequest = (path: string, [authorization, ...fields]: readonly Field[]): CaseRequest => ({
  method: 'GET',
  path,
  host: HOST,
  authorization: authorization === undefined ? [] : [authorization[1]],
  fields,
})
