// Of which provider a token looks that its issuer has signed and that is refused here: for the operator, who may have named
// another profile than the one of the tokens. By what the profiles say of themselves, and never a reason to allow anything.

import type { ResolvedIssuer } from '../config/config.ts'
import type { Failure } from '../failure.ts'
import { firstRefusal } from '../rule.ts'
import { isForUs } from './claims.ts'
import { LANE_RULES } from './lane.ts'
import { PROFILES } from './profiles.ts'
import { endsAs, type Profile } from './profiles/profile.ts'
import { member, type JsonObject } from './strict-json.ts'

/** Whether it would be an access token by this profile, wherever its scopes are configured to stand. */
const fits = (header: JsonObject, claims: JsonObject, profile: Profile): boolean =>
  firstRefusal(LANE_RULES, header, claims, profile) === null &&
  endsAs(String(member(claims, 'iss')), profile) &&
  (profile.scopes.standard !== null ||
    profile.scopes.places.some(({ claim }) => Object.hasOwn(claims, String(claim))))

/** The name of the profile with the most marks that the token fits; not the one in use, nor one with the same marks. */
function findProfile(header: JsonObject, claims: JsonObject, used: Profile): string | undefined {
  const others: Profile[] = Object.values(PROFILES).filter(
    ({ name, marks }) => name !== used.name && marks !== used.marks,
  )
  return others
    .filter((profile) => fits(header, claims, profile))
    .sort((one, other) => other.marks.length - one.marks.length)[0]?.name
}

/**
 * The refusal of a verified token, with `looks_like` where the kind or the audience is wrong. The generic profile is as good
 * as no answer to a question about the audience. A token that names this API and is an access token by another profile
 * is refused for the profile that is configured: no client can help that.
 */
export function withLooks(
  refused: Failure,
  { header, claims }: { readonly header: JsonObject; readonly claims: JsonObject },
  issuer: ResolvedIssuer,
): Failure {
  const isKind = refused.code === 'token_kind_unproven'
  if (!isKind && refused.code !== 'audience_mismatch') return refused
  const looks = findProfile(header, claims, issuer.profile)
  if (looks === undefined || (!isKind && looks === PROFILES.rfc9068.name)) return refused
  const told = { ...refused, detail: { ...refused.detail, looks_like: looks } }
  return isKind && isForUs(claims, issuer) ? { ...told, blame: 'operator' } : told
}
