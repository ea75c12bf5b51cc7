// References to secrets, and the form that a loaded secret must have. The configuration holds references and no
// secrets; an edge fetches a secret, and secret.ts caches it. RFC 6749 appendix A.2 (client_secret), RFC 6750 section
// 2.1 (b64token), RFC 7517 section 9.3 (private keys), RFC 7518 section 3.2 (keys of HMAC).

import { MAC_ALGORITHMS, type MacAlgorithm } from '../token/algorithms.ts'
import { isB64Token } from '../token/b64token.ts'
import { decodeBase64url, findBase64urlProblem } from '../token/base64url.ts'
import { isJsonObject, member, parseJsonObject } from '../token/strict-json.ts'

/**
 * A reference to a secret, never the secret itself: the form of every setting that needs a secret. It has exactly one
 * of these members; a configuration with any other form is a `ConfigError`.
 *
 * - `env`: name of an environment variable of the Lambda, or of a secret or variable of the Worker.
 * - `secretsStore`: name of a binding of Cloudflare's Secrets Store. Worker only.
 * - `secretsManager`: ARN or name in AWS Secrets Manager. Lambda only. `field`: the member to take from a secret that
 *   is a JSON object. `versionStage`: default `AWSCURRENT`.
 */
export type SecretRef =
  | { readonly env: string; readonly secretsStore?: never; readonly secretsManager?: never }
  | { readonly secretsStore: string; readonly env?: never; readonly secretsManager?: never }
  | {
      readonly secretsManager: string
      readonly field?: string
      readonly versionStage?: string
      readonly env?: never
      readonly secretsStore?: never
    }

export const SECRET_KINDS = ['env', 'secretsStore', 'secretsManager'] as const
/**
 * Where a secret is: the name of the one member of its `SecretRef`. In the log: `detail.secret` of
 * `secret_unavailable`.
 */
export type SecretKind = (typeof SECRET_KINDS)[number]

/** The store that a reference names. */
export const kindOfSecret = (ref: SecretRef): SecretKind => SECRET_KINDS.find((kind) => kind in ref)!

/** What a secret is used for. The use decides which form the secret must have. */
export type SecretUse =
  | 'client_secret'
  | 'bearer_token'
  | 'private_jwk'
  | 'es256_jwk'
  | 'fingerprint_key'
  /** A JWK Set of public keys (RFC 7517 section 5). */
  | 'jwk_set'
  /** The key of an issuer that signs with HMAC, in base64url; long enough for this algorithm and smaller ones. */
  | `${MacAlgorithm}_secret`
  /** The same of an issuer that uses the characters of the secret as the key. */
  | `${MacAlgorithm}_text`

export type SecretProblem =
  | 'missing'
  | 'empty'
  | 'no_field'
  | 'malformed'
  /** Shorter than its algorithm needs. */
  | 'too_short'
  /** Too regular to be random bytes. */
  | 'not_random'
  | 'load_failed'
  | 'timeout'
  /** There is no `secrets` port. */
  | 'no_source'

const MAX_SECRET_CHARS = 16_384
const MAX_JSON_DEPTH = 4

const isPrivateJwk =
  (kinds: readonly string[], curve?: string) =>
  (text: string): boolean => {
    const parsed = parseJsonObject(new TextEncoder().encode(text), MAX_JSON_DEPTH)
    if ('problem' in parsed) return false
    const { value } = parsed
    const hasCurve = curve === undefined || member(value, 'crv') === curve
    return hasCurve && kinds.includes(String(member(value, 'kty'))) && typeof member(value, 'd') === 'string'
  }

/** Checks only the outer form. The keys themselves are checked where the set is read. */
function isJwkSet(text: string): boolean {
  const parsed = parseJsonObject(new TextEncoder().encode(text), MAX_JSON_DEPTH)
  return !('problem' in parsed) && Array.isArray(member(parsed.value, 'keys'))
}

/**
 * Of 32 random bytes in base64url, 1 string in 50 million has fewer different characters; typed passphrases have.
 */
const MIN_DIFFERENT_CHARS = 20

/**
 * Takes random bytes in canonical base64url without padding. A passphrase is not base64url, too short or too regular.
 */
const findSharedSecretProblem =
  (algorithm: MacAlgorithm) =>
  (text: string): SecretProblem | null => {
    if (findBase64urlProblem(text) !== null) return 'malformed'
    if (decodeBase64url(text).length < MAC_ALGORITHMS[algorithm].secretBytes) return 'too_short'
    return new Set(text).size < MIN_DIFFERENT_CHARS ? 'not_random' : null
  }

/** Of 32 random letters and digits, 1 string in 300,000 has fewer different characters. */
const MIN_DIFFERENT_CHARS_OF_TEXT = 17

/** Takes printable ASCII, one byte each, at least as many as the hash has. A passphrase is too short or too regular. */
const findTextProblem =
  (algorithm: MacAlgorithm) =>
  (text: string): SecretProblem | null => {
    if (!/^[\x20-\x7e]+$/.test(text) || text.trim() !== text) return 'malformed'
    if (text.length < MAC_ALGORITHMS[algorithm].secretBytes) return 'too_short'
    return new Set(text).size < MIN_DIFFERENT_CHARS_OF_TEXT ? 'not_random' : null
  }

const orMalformed =
  (isWellFormed: (text: string) => boolean) =>
  (text: string): SecretProblem | null =>
    isWellFormed(text) ? null : 'malformed'

/**
 * White space around a secret was stored by mistake. It is `malformed` here, so that it does not look like a wrong
 * secret.
 */
const FIND_PROBLEM: Readonly<Record<SecretUse, (text: string) => SecretProblem | null>> = {
  client_secret: orMalformed((text) => /^[\x20-\x7e]+$/.test(text) && text.trim() === text),
  bearer_token: orMalformed(isB64Token),
  private_jwk: orMalformed(isPrivateJwk(['RSA', 'EC', 'OKP'])),
  es256_jwk: orMalformed(isPrivateJwk(['EC'], 'P-256')),
  fingerprint_key: orMalformed((text) => /^[\x21-\x7e]{32,}$/.test(text)),
  jwk_set: orMalformed(isJwkSet),
  HS256_secret: findSharedSecretProblem('HS256'),
  HS384_secret: findSharedSecretProblem('HS384'),
  HS512_secret: findSharedSecretProblem('HS512'),
  HS256_text: findTextProblem('HS256'),
  HS384_text: findTextProblem('HS384'),
  HS512_text: findTextProblem('HS512'),
}

/** The secret in a loaded value, or why it cannot be used. The problem contains nothing of the secret. */
export function readSecret(
  raw: unknown,
  ref: SecretRef,
  use: SecretUse,
): { readonly value: string } | { readonly problem: SecretProblem } {
  if (raw === undefined || raw === null) return { problem: 'missing' }
  if (typeof raw !== 'string' || raw.length > MAX_SECRET_CHARS) return { problem: 'malformed' }
  let text: unknown = raw
  if (ref.secretsManager !== undefined && ref.field !== undefined) {
    const parsed = parseJsonObject(new TextEncoder().encode(raw), MAX_JSON_DEPTH)
    if ('problem' in parsed) return { problem: 'malformed' }
    const found = member(parsed.value, ref.field)
    if (found === undefined) return { problem: 'no_field' }
    text = isJsonObject(found) ? JSON.stringify(found) : found
  }
  if (text === '') return { problem: 'empty' }
  if (typeof text !== 'string') return { problem: 'malformed' }
  const problem = FIND_PROBLEM[use](text)
  return problem === null ? { value: text } : { problem }
}
