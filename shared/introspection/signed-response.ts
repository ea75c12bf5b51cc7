// Verifies a signed introspection response (RFC 9701 section 5) as every JWS is verified: canonical form, an algorithm
// on the issuer's list, a key that the issuer publishes. Its `typ`, `iss` and `aud` must name such a response, this
// issuer and us. It must be recent: an older one may be a replay from before a revocation.

import type { ResolvedIntrospection, ResolvedIssuer } from '../config/config.ts'
import { failureRow, isFailure, type Failure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import { verifyJws } from '../keys/verify-jws.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import { firstRefusal } from '../failures/rule.ts'
import { parseToken, type ParsedToken } from '../token/compact.ts'
import { HEADER_RULES } from '../token/header.ts'
import { typOf } from '../token/kind.ts'
import { isJsonObject, member } from '../token/strict-json.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_ANSWER_DEPTH,
  problem,
  type IntrospectionResult,
} from './introspection-result.ts'

/** RFC 9701 section 5; with `application/`, the media type of the answer. */
export const SIGNED_RESPONSE_TYP = 'token-introspection+jwt'

const LIMITS = { maxTokenBytes: MAX_ANSWER_BYTES, maxJsonDepth: MAX_ANSWER_DEPTH + 1 }

const unverified = ({ code }: Failure): IntrospectionResult => problem('unverified', { problem: code })

/** Whether `iat` is at most `maxAge` old and not in the future, give or take `tolerance`. Seconds. */
function isRecent(iat: unknown, maxAge: number, tolerance: number, now: number): boolean {
  return typeof iat === 'number' && iat <= now + tolerance && iat >= now - maxAge - tolerance
}

/** How far `exp` and `nbf` of the response itself may deviate from our clock. Both are optional. */
const ENVELOPE_TOLERANCE_SECONDS = 30

const isInTime = (time: unknown, holds: (time: number) => boolean): boolean =>
  time === undefined || (typeof time === 'number' && holds(time))

/** Whether a JWT is an introspection response of this issuer to this client, valid at this time. RFC 9701 section 5. */
export function isEnvelope(
  { header, claims }: Pick<ParsedToken, 'header' | 'claims'>,
  issuer: string,
  clientId: string,
  now: number,
): boolean {
  const aud = member(claims, 'aud')
  return (
    typOf(header) === SIGNED_RESPONSE_TYP &&
    member(claims, 'iss') === issuer &&
    (Array.isArray(aud) ? aud.includes(clientId) : aud === clientId) &&
    isInTime(member(claims, 'exp'), (exp) => exp > now - ENVELOPE_TOLERANCE_SECONDS) &&
    isInTime(member(claims, 'nbf'), (nbf) => nbf <= now + ENVELOPE_TOLERANCE_SECONDS)
  )
}

/**
 * The members of a signed response, `active` included, or why it proves nothing. If keys are unavailable, the result is
 * that failure. The response may be no older than `cacheSeconds`.
 */
export async function readSigned(
  bytes: Uint8Array,
  issuer: ResolvedIssuer,
  { clientId, cacheSeconds }: Pick<ResolvedIntrospection, 'clientId' | 'cacheSeconds'>,
  keys: KeyStore,
  { crypto, now }: Pick<Ports, 'crypto' | 'now'>,
  waitUntil: WaitUntil | undefined,
): Promise<IntrospectionResult> {
  const nowSeconds = now() / 1000
  const token = parseToken(new TextDecoder().decode(bytes), LIMITS)
  if (isFailure(token)) return unverified(token)
  const header = firstRefusal(HEADER_RULES, token.header)
  if (header !== null) return unverified(header)
  const proof = await verifyJws(token, issuer, keys, crypto, { waitUntil })
  if (isFailure(proof))
    return failureRow(proof.code).waitsFor === undefined ? unverified(proof) : { failure: proof }
  const recent = isRecent(member(token.claims, 'iat'), cacheSeconds, issuer.clockToleranceSeconds, nowSeconds)
  if (!recent) return problem('unverified', { problem: 'iat' })
  const members = member(token.claims, 'token_introspection')
  return isEnvelope(token, issuer.issuer, clientId, nowSeconds) && isJsonObject(members)
    ? { claims: members }
    : problem('unverified')
}
