// Claims that a token says are elsewhere: at another endpoint, or in a token of somebody else (OpenID Connect Core 1.0
// section 5.6.2, aggregated and distributed claims). Entra says so about `groups` when a user has too many of them for
// a token (Microsoft identity platform, "Groups overage claim"). Such a claim is not absent, and what it is nobody here
// knows: no address in a token is ever asked, and no token within a token is ever read.

import { failure, type Failure } from '../failures/failure.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

/** Entra's short form, where there is no room for an address: there are groups, and they are not in the token. */
const saysGroupsAreElsewhere = (claims: JsonObject): boolean =>
  Object.hasOwn(claims, 'hasgroups') && claims['hasgroups'] !== false

/**
 * Whether a claim that the configuration names is elsewhere; `null`: it is in the token, or it is absent. Says nothing
 * about claims that nobody asks for.
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
