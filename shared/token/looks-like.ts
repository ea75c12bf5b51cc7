// Of which provider a token looks that its issuer has signed and that is refused here: for the operator, who may have named
// another profile than the one of the tokens. By what the profiles say of themselves, and never a reason to allow anything.

import type { ResolvedIssuer } from '../config/config.ts'
import type { Failure } from '../failures/failure.ts'
import { firstRefusal } from '../failures/rule.ts'
import { isForUs } from './claims.ts'
import { KIND_RULES } from './kind.ts'
import { PROFILES } from './profiles.ts'
import { endsAs, type Profile } from './profiles/profile.ts'
import { member, type JsonObject } from './strict-json.ts'

type Signed = { readonly header: JsonObject; readonly claims: JsonObject }

/** Whether it would be an access token by this profile, wherever its scopes are configured to stand. */
const fits = ({ header, claims }: Signed, profile: Profile): boolean =>
  endsAs(String(member(claims, 'iss')), profile) &&
  (profile.scopes.standard !== null ||
    profile.scopes.choices.some(({ claim }) => Object.hasOwn(claims, String(claim)))) &&
  firstRefusal(KIND_RULES, header, claims, profile) === null

/**
 * The refusal of a verified token, with `looks_like` where the kind or the audience is wrong: the profile with the most marks
 * that the token fits, and not one with the marks of the profile in use. The generic one says nothing about an audience.
 * A token that names this API and is an access token by another profile is refused for the profile that is configured: no
 * client can help that.
 */
export function withLooks(refused: Failure, token: Signed, issuer: ResolvedIssuer): Failure {
  const isKind = refused.code === 'token_kind_unproven'
  if (!isKind && refused.code !== 'audience_mismatch') return refused
  const { name, evidence } = issuer.profile
  let looks: Profile | undefined
  for (const profile of Object.values<Profile>(PROFILES)) {
    const isOther = profile.name !== name && profile.evidence !== evidence
    const isSaying = isKind || profile !== PROFILES.rfc9068
    if (
      isOther &&
      isSaying &&
      profile.evidence.length > (looks?.evidence.length ?? 0) &&
      fits(token, profile)
    )
      looks = profile
  }
  if (looks === undefined) return refused
  const told = { ...refused, detail: { ...refused.detail, looks_like: looks.name } }
  return isKind && isForUs(token.claims, issuer) ? { ...told, blame: 'operator' } : told
}
