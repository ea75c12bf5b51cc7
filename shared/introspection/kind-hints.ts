// Refuses an introspected token whose own header or claims say that it is of another kind, or that it is bound to its
// sender, where the answer does not have that binding (RFC 9449 section 6.2). Nobody has verified them, so they can
// refuse a token and never prove anything.

import type { ResolvedIssuer } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import { findKind, missingEvidence } from '../token/kind.ts'
import type { PlannedProfile } from '../token/profiles/profile.ts'
import { member, type JsonObject } from '../token/strict-json.ts'
import { findStatedKind, namesAccessToken } from './introspection-rules.ts'
import { readUnverified } from './unverified-token.ts'

/**
 * Evidence that some access tokens have, too. All other evidence in kind.ts refuses the token, unless a profile waives
 * it.
 */
const HINTS = ['nonce']

const without = (profile: PlannedProfile, evidence: readonly string[]): PlannedProfile => ({
  ...profile,
  waived: [...(profile.waived ?? []), ...evidence],
})

/** The kind is unverified: it is a hint for the log, and the answer to the caller does not name it. */
const unverified = ({ code }: Failure): Failure => failure('kind_unverified', { unverified_kind: code })

/**
 * Runs after introspection. A binding of which the answer says nothing refuses the token: nobody could prove it. A hint
 * at another kind refuses it, unless a member of the answer or of the token
 * itself, which its issuer has made if it is active, names an access token; or the profile waives the hint and the
 * answer has all evidence of that profile.
 */
export function checkHints(token: string, answer: JsonObject, { profile }: ResolvedIssuer): Failure | null {
  if (!isJwtShaped(token)) return null
  const { header, claims } = readUnverified(token)
  const isBound = Object.hasOwn(claims, 'cnf') && !Object.hasOwn(answer, 'cnf')
  if (isBound) return failure('sender_constraint_unproven')
  const hint = findKind(header, claims, { ...profile, waived: [] })
  if (hint === null || namesAccessToken(answer) || namesAccessToken(claims)) return null
  const isWaived = findKind(header, claims, profile) === null
  return isWaived && missingEvidence({ typ: member(answer, 'typ') }, answer, profile).length === 0
    ? null
    : unverified(hint)
}

/**
 * Runs before introspection. The failure for a token that says itself that it is of another kind; a `nonce` does not
 * count.
 */
export function findHint(
  header: JsonObject,
  claims: JsonObject,
  { profile }: ResolvedIssuer,
): Failure | null {
  const kind = findKind(header, claims, without(profile, HINTS)) ?? findStatedKind(claims)
  return kind === null ? null : unverified(kind)
}
