// Claims whose values are not in the token, but at another endpoint or in a token of another issuer (OpenID Connect
// Core 1.0 section 5.6.2, aggregated and distributed claims). Entra does that with `groups` if a user has too many of
// them for a token (Microsoft identity platform, "Groups overage claim"). Such a claim is not absent, but its value is
// unknown: Lanekeeper never sends a request to a URL in a token, and never reads a token inside a token.

import { failure, type Failure } from '../failures/failure.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

/** Entra's short form, for a token without room for a URL: the user has groups, and they are not in the token. */
const saysGroupsAreElsewhere = (claims: JsonObject): boolean =>
  Object.hasOwn(claims, 'hasgroups') && claims['hasgroups'] !== false

/**
 * The failure for a claim whose value is not in the token but elsewhere; `null`: it is in the token, or absent. Other
 * claims than the one named are not checked.
 */
export function checkDistributed(claims: JsonObject, name: string): Failure | null {
  if ((member(claims, name) ?? null) !== null) return null
  const names = member(claims, '_claim_names')
  if (names !== undefined && !isJsonObject(names))
    return failure('claim_malformed', { claim: '_claim_names' })
  const isElsewhere =
    (names !== undefined && Object.hasOwn(names, name)) ||
    (name === 'groups' && saysGroupsAreElsewhere(claims))
  return isElsewhere ? failure('claim_distributed', { claim: name }) : null
}
