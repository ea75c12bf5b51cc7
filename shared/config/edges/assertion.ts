// The shape of what concerns the origin's trust in the Worker. What it must satisfy stands in origin-checks.ts.

import type { JWK } from 'jose'
import type { SecretRef } from '../../secrets/secret-ref.ts'

/** What becomes of the client's Authorization field on a protected route. */
export const TOKEN_HANDLING = ['strip', 'forward', 'replace'] as const

/** A signed statement to the origin about each request, so that it can tell who sent it. */
export interface AssertionConfig {
  /** The private key: a JWK, EC with the curve P-256. */
  readonly key: SecretRef
  /** `iss` of the assertions: the URL of this Worker, under which its public key is found. */
  readonly issuer: string
  /** `aud`: what the origin calls itself. Default `origin.url`. */
  readonly audience?: string
  /** How long an assertion is good. Default 30 seconds, at most 300. */
  readonly lifetimeSeconds?: number
  /** Further public keys (JWKs) to serve: the next one before a rotation, the last one after it. */
  readonly publicKeys?: readonly JWK[]
}

export interface ResolvedAssertion {
  readonly key: SecretRef
  readonly issuer: string
  readonly audience: string
  readonly lifetimeSeconds: number
  readonly publicKeys: readonly JWK[]
}
