// A signed answer about a token is verified like anything else that is signed: canonical form, an algorithm on the
// issuer's list, a key the issuer publishes, made just now: an older one may be a replay of what the issuer said
// before a revocation. It says of itself that it is such an answer, whose, and for whom. RFC 9701 section 5.

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

/** Whether `iat` is no older than an answer may be kept, and not ahead. Seconds. */
function isRecent(iat: unknown, maxAge: number, tolerance: number, now: number): boolean {
  return typeof iat === 'number' && iat <= now + tolerance && iat >= now - maxAge - tolerance
}

/** What an envelope may deviate from our clock in `exp` and `nbf`, which it need not have. */
const ENVELOPE_TOLERANCE_SECONDS = 30

const isInTime = (time: unknown, holds: (time: number) => boolean): boolean =>
  time === undefined || (typeof time === 'number' && holds(time))

/** Whether what is signed is an answer of this issuer, for this client, at this time. RFC 9701 section 5. */
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
 * What a signed answer says about the token, `active` included, or why it proves nothing. Trouble with the keys stays
 * what it is. It may be no older than it may be remembered.
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
