// Which other profile fits a verified token that was refused: a hint for the operator, who may have configured the
// wrong profile. It is never a reason to allow a request.

import type { ResolvedIssuer } from '../config/config.ts'
import type { Failure } from '../failures/failure.ts'
import { firstRefusal } from '../failures/rule.ts'
import { isForUs } from './claims.ts'
import { KIND_RULES } from './kind.ts'
import type { KindProfile } from './profiles/profile.ts'
import type { JsonObject } from './strict-json.ts'

/** A profile that tokens with the `iss` of an issuer may have instead of the configured one. */
export interface ProfileHint extends KindProfile {
  /** A token has one of these claims, which have its scopes; `null` or absent: the profile has no choice. */
  readonly scopeClaims?: readonly string[] | null
}

type SignedToken = { readonly header: JsonObject; readonly claims: JsonObject }

/** Whether the token would be an access token by this profile, whichever of its choices has the scopes. */
const fits = ({ header, claims }: SignedToken, profile: ProfileHint): boolean =>
  profile.scopeClaims?.some((name) => Object.hasOwn(claims, name)) !== false &&
  firstRefusal(KIND_RULES, header, claims, profile) === null

/**
 * Adds `looks_like` to the refusal of a verified token whose kind is unproven or whose audience is wrong: the profile
 * that fits the token and has the most evidence, other than the configured profile and those with the same evidence.
 * `rfc9068` is no hint about an audience. The operator is to blame for a token that names this API and is an access
 * token by another profile, because no client can mend that.
 */
export function withLooks(refused: Failure, token: SignedToken, issuer: ResolvedIssuer): Failure {
  const isKind = refused.code === 'token_kind_unproven'
  if (!isKind && refused.code !== 'audience_mismatch') return refused
  let best: ProfileHint | undefined
  for (const profile of issuer.looksLike) {
    const isHint = isKind || profile.name !== 'rfc9068'
    if (isHint && profile.evidence.length > (best?.evidence.length ?? 0) && fits(token, profile))
      best = profile
  }
  if (best === undefined) return refused
  const hinted = { ...refused, detail: { ...refused.detail, looks_like: best.name } }
  return isKind && isForUs(token.claims, issuer) ? { ...hinted, blame: 'operator' } : hinted
}
