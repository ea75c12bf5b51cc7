// Signs assertions, with which the Worker tells the origin about one request: who calls, the method and the path. A
// request that bypasses the Worker has no assertion, or one for another request. JWT (RFC 7519) with ES256 (RFC 7518
// section 3.4); the public keys are a JWK Set (RFC 7517 section 5), with thumbprints (RFC 7638) as `kid`. An assertion
// is no access token: it has a `typ` of its own, and says nothing that was not verified.

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

/**
 * Header `typ` of assertions (RFC 7515 section 4.1.9). An origin must require it, so that no other JWT passes as an
 * assertion (RFC 8725 section 3.11).
 */
export const ASSERTION_TYP = 'lanekeeper-assertion+jwt'

/**
 * Signs assertions for the origin, and has the public keys that verify them. For edges of your own; the Worker uses it
 * where `origin.assertion` is configured.
 *
 * An assertion is a JWT with the claims `iss`, `aud`, `iat`, `exp`, `jti`, `method`, `path`, `principal` (`user`,
 * `client` or `unknown`), and of a request with a grant `sub`, `client_id`, `scope`, `issuer`, `expires_at`, `facts`
 * and, where the token is bound to its sender, `sender`. It does not cover query, header fields or body, and within its
 * lifetime the same request can be sent again with it.
 */
export interface Assertions {
  /**
   * The assertion for an allowed request, as a compact JWS; or the failure `secret_unavailable`. `path`: as it is sent
   * on, without the query.
   */
  sign(
    decision: Allow,
    request: { readonly method: string; readonly path: string },
    waitUntil?: WaitUntil,
  ): Promise<string | Failure>
  /**
   * The public keys to publish: the current one, after a rotation the one before it, and those of `publicKeys`, each
   * once; or the failure `secret_unavailable`. A key of `publicKeys` without `kid` has its thumbprint.
   */
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

/** Assertions name their key by its thumbprint, so a key that is published before it signs has to be found by that. */
const withKid = async (jwk: JWK): Promise<JWK> => ({
  ...jwk,
  kid: jwk.kid ?? (await calculateJwkThumbprint(jwk)),
})

/** The claims about the caller. Without a grant (a public route, or a refusal that is not enforced) it is unknown. */
function callerClaims({ grant }: Allow): Record<string, unknown> {
  if (grant === null) return { principal: 'unknown' }
  return {
    sub: grant.principal.id,
    principal: grant.principal.kind,
    client_id: grant.clientId,
    scope: grant.scopes.join(' '),
    issuer: grant.issuer,
    expires_at: Math.floor(grant.expiresAt),
    facts: grant.facts,
    ...(grant.sender === undefined ? {} : { sender: grant.sender }),
  }
}

/**
 * Creates the signer for `origin.assertion` of a resolved configuration. `ports.secrets` loads the private key (a JWK,
 * EC with the curve P-256) on first use; a key that is missing or malformed is a failure of `sign` and `jwks`, and
 * nothing is thrown.
 */
export function createAssertions(config: ResolvedAssertion, ports: GivenPorts): Assertions {
  const secret = createSecret('origin.assertion.key', config.key, 'es256_jwk', ports)
  const read = new Map<string, SigningKey>()
  let further: Promise<readonly JWK[]> | undefined

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
        ...callerClaims(decision),
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
      if (isFailure(found)) return found
      further ??= Promise.all(config.publicKeys.map(withKid))
      // A verifier that finds two keys with the `kid` of an assertion cannot tell which one is meant.
      const all = [...found.map(({ publicJwk }) => publicJwk), ...(await further)]
      return { keys: all.filter(({ kid }, index) => all.findIndex((one) => one.kid === kid) === index) }
    },
  }
}
