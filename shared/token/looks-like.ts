// Which other profile fits a verified token that was refused: a hint for the operator, who may have configured the
// wrong profile. It is never a reason to allow a request.

import type { ResolvedIssuer } from '../config/config.ts'
import type { Failure } from '../failures/failure.ts'
import { firstRefusal } from '../failures/rule.ts'
import { isForUs } from './claims.ts'
import { KIND_RULES } from './kind.ts'
import { PROFILES } from './profiles.ts'
import { endsAs, type Profile } from './profiles/profile.ts'
import { member, type JsonObject } from './strict-json.ts'

type SignedToken = { readonly header: JsonObject; readonly claims: JsonObject }

/** Whether the token would be an access token by this profile, whichever of its choices has the scopes. */
const fits = ({ header, claims }: SignedToken, profile: Profile): boolean =>
  endsAs(String(member(claims, 'iss')), profile) &&
  (profile.scopes.standard !== null ||
    profile.scopes.choices.some(({ claim }) => Object.hasOwn(claims, String(claim)))) &&
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
  const { name, evidence } = issuer.profile
  let best: Profile | undefined
  for (const profile of Object.values<Profile>(PROFILES)) {
    const isOther = profile.name !== name && profile.evidence !== evidence
    const isHint = isKind || profile !== PROFILES.rfc9068
    if (isOther && isHint && profile.evidence.length > (best?.evidence.length ?? 0) && fits(token, profile))
      best = profile
  }
  if (best === undefined) return refused
  const hinted = { ...refused, detail: { ...refused.detail, looks_like: best.name } }
  return isKind && isForUs(token.claims, issuer) ? { ...hinted, blame: 'operator' } : hinted
}
