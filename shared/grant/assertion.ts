// What the Worker states to the origin about one request, signed: who calls, by which method, for which path. An
// origin that is reached by another road finds no such statement, or one for another request. JWT (RFC 7519) with
// ES256 (RFC 7518 section 3.4); the public keys as a JWK Set (RFC 7517 section 5), named by thumbprint (RFC 7638).
// It is no access token: its typ is its own, and it says nothing that was not verified.

import type { CryptoKey, JWK } from 'jose'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { SignJWT } from 'jose/jwt/sign'
import { importJWK } from 'jose/key/import'
import type { ResolvedAssertion } from '../config/config.ts'
import type { Allow } from '../decision.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { GivenPorts, WaitUntil } from '../platform/ports.ts'
import { kindOfSecret } from '../secrets/secret-ref.ts'
import { createSecret } from '../secrets/secret.ts'

export const ASSERTION_TYP = 'lanekeeper-assertion+jwt'

export interface Assertions {
  /** The assertion for an allowed request, or why there is none. `path`: as it is sent on, without the query. */
  sign(
    decision: Allow,
    request: { readonly method: string; readonly path: string },
    waitUntil?: WaitUntil,
  ): Promise<string | Failure>
  /** The current public key, after a rotation the one before it, and those that are configured. */
  jwks(waitUntil?: WaitUntil): Promise<{ readonly keys: readonly JWK[] } | Failure>
}

interface SigningKey {
  readonly key: CryptoKey
  readonly kid: string
  readonly publicJwk: JWK
}

async function readKey(text: string): Promise<SigningKey> {
  const { kty, crv, x, y, d } = JSON.parse(text) as JWK & Record<'kty' | 'crv' | 'x' | 'y' | 'd', string>
  const kid = await calculateJwkThumbprint({ kty, crv, x, y })
  const key = (await importJWK({ kty, crv, x, y, d }, 'ES256')) as CryptoKey
  return { key, kid, publicJwk: { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' } }
}

/** What is stated about the caller; of a public or unenforced request, only that nobody is known. */
function statement({ grant }: Allow): Record<string, unknown> {
  if (grant === null) return { principal: 'unknown' }
  return {
    sub: grant.principal.id,
    principal: grant.principal.kind,
    client_id: grant.clientId,
    scope: grant.scopes.join(' '),
    issuer: grant.issuer,
    expires_at: Math.floor(grant.expiresAt),
    facts: grant.facts,
  }
}

export function createAssertions(config: ResolvedAssertion, ports: GivenPorts): Assertions {
  const secret = createSecret('origin.assertion.key', config.key, 'es256_jwk', ports)
  const read = new Map<string, SigningKey>()

  async function keys(waitUntil: WaitUntil | undefined): Promise<readonly SigningKey[] | Failure> {
    const values = await secret.values(waitUntil)
    if (isFailure(values)) return values
    for (const known of read.keys()) if (!values.includes(known)) read.delete(known)
    try {
      for (const value of values) if (!read.has(value)) read.set(value, await readKey(value))
    } catch {
      return failure('secret_unavailable', { secret: kindOfSecret(config.key), problem: 'malformed' })
    }
    return values.map((value) => read.get(value)!)
  }

  return {
    async sign(decision, { method, path }, waitUntil) {
      const found = await keys(waitUntil)
      if (isFailure(found)) return found
      const [{ key, kid }] = found as [SigningKey]
      const now = Math.floor(ports.now() / 1000)
      return new SignJWT({
        ...statement(decision),
        iss: config.issuer,
        aud: config.audience,
        iat: now,
        exp: now + config.lifetimeSeconds,
        jti: crypto.randomUUID(),
        method,
        path,
      })
        .setProtectedHeader({ alg: 'ES256', typ: ASSERTION_TYP, kid })
        .sign(key)
    },
    async jwks(waitUntil) {
      const found = await keys(waitUntil)
      return isFailure(found)
        ? found
        : { keys: [...found.map(({ publicJwk }) => publicJwk), ...config.publicKeys] }
    },
  }
}
