// A signed answer about a token is verified like anything else that is signed: canonical form, an algorithm on the
// issuer's list, a key the issuer publishes, made just now: an older one may be a replay of what the issuer said
// before a revocation. The rest around the answer is oauth4webapi's to check (`typ`, `iss`, `aud`). RFC 9701 section 5.

import type { ResolvedIssuer } from '../config/config.ts'
import { isFailure, type Failure } from '../failures/failure.ts'
import { findSigner } from '../keys/find-signer.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Cryptography, VerificationKey, WaitUntil } from '../platform/ports.ts'
import { firstRefusal } from '../failures/rule.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import { parseToken } from '../token/compact.ts'
import { HEADER_RULES } from '../token/header.ts'
import { verifySignature } from '../token/signature.ts'
import { member } from '../token/strict-json.ts'
import { MAX_ANSWER_BYTES, MAX_ANSWER_DEPTH, problem, type Asked } from './introspection-result.ts'

const LIMITS = { maxTokenBytes: MAX_ANSWER_BYTES, maxJsonDepth: MAX_ANSWER_DEPTH + 1 }

const unverified = ({ code }: Failure): Asked => problem('unverified', { problem: code })

/** Whether `iat` is no older than an answer may be kept, and not ahead. Seconds. */
function isRecent(iat: unknown, maxAge: number, tolerance: number, now: number): boolean {
  return typeof iat === 'number' && iat <= now + tolerance && iat >= now - maxAge - tolerance
}

/**
 * Why the signature of an answer proves nothing, or `null`. Trouble with the keys stays what it is.
 * `maxAgeSeconds`: for how long an answer may be remembered. `nowSeconds`: since the epoch.
 */
export async function findSignatureProblem(
  bytes: Uint8Array,
  issuer: ResolvedIssuer,
  keys: KeyStore,
  crypto: Cryptography,
  { maxAgeSeconds, nowSeconds }: { readonly maxAgeSeconds: number; readonly nowSeconds: number },
  waitUntil: WaitUntil | undefined,
): Promise<Asked | null> {
  const token = parseToken(new TextDecoder().decode(bytes), LIMITS)
  if (isFailure(token)) return unverified(token)
  const header = firstRefusal(HEADER_RULES, token.header)
  if (header !== null) return unverified(header)
  const algorithm = member(token.header, 'alg') as SignatureAlgorithm
  const allowed: ReadonlySet<string> = issuer.keys.algorithms
  if (!allowed.has(algorithm)) return unverified({ code: 'alg_not_allowed' })
  const kid = (member(token.header, 'kid') as string | undefined) ?? null
  const request = { kid, algorithm, owner: issuer.keyOwner }
  const isSigner = (key: VerificationKey) => verifySignature(token, algorithm, key, crypto)
  const signer = await findSigner(keys, request, isSigner, waitUntil)
  if (isFailure(signer)) return signer.code === 'keys_unavailable' ? { failure: signer } : unverified(signer)
  const recent = isRecent(
    member(token.claims, 'iat'),
    maxAgeSeconds,
    issuer.clockToleranceSeconds,
    nowSeconds,
  )
  return recent ? null : problem('unverified', { problem: 'iat' })
}
