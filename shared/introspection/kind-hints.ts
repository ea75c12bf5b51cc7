// Hints at another kind in a token that is introspected: nobody has verified what it says of itself.

import type { ResolvedIssuer } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import { findKind, missingEvidence } from '../token/kind.ts'
import type { Profile } from '../token/profiles/profile.ts'
import { member, type JsonObject } from '../token/strict-json.ts'
import { findStatedKind, namesAccessToken } from './introspection-rules.ts'
import { readUnverified } from './unverified-token.ts'

/** What some access tokens have, too. Every other mark of kind.ts decides. */
const HINTS = ['nonce']

const without = (profile: Profile, marks: Profile['waived']): Profile => ({
  ...profile,
  waived: [...profile.waived, ...marks],
})

/** Nobody has verified that: it is a hint for the log, and the caller is told nothing. */
const unverified = ({ code }: Failure): Failure => failure('kind_unverified', { unverified_kind: code })

/**
 * A hint at another kind counts unless somebody says that this is an access token: the answer about it, or the token
 * itself, which its issuer has made if it is active; or the answer has every mark of a profile whose access tokens have that
 * hint, too.
 */
export function checkHints(token: string, facts: JsonObject, { profile }: ResolvedIssuer): Failure | null {
  if (!isJwtShaped(token)) return null
  const { header, claims } = readUnverified(token)
  const hint = findKind(header, claims, { ...profile, waived: [] })
  if (hint === null || namesAccessToken(facts) || namesAccessToken(claims)) return null
  const isWaived = findKind(header, claims, profile) === null
  return isWaived && missingEvidence({ typ: member(facts, 'typ') }, facts, profile).length === 0
    ? null
    : unverified(hint)
}

/** The other kind that a token says it is of, before anybody is asked about it. */
export function findHint(
  header: JsonObject,
  claims: JsonObject,
  { profile }: ResolvedIssuer,
): Failure | null {
  const kind = findKind(header, claims, without(profile, HINTS)) ?? findStatedKind(claims)
  return kind === null ? null : unverified(kind)
}
