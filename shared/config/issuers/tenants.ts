// `tenants` and `keyIssuer`, for providers that sign for many tenants with the same keys. An issuer with a placeholder
// needs a list of tenants and becomes one issuer for each of them, so no `iss` is matched against a pattern. Microsoft
// identity platform, "Validate tokens".

import type { Profile } from '../../token/profiles/profile.ts'
import type { AddProblem, JsonObject } from '../checks.ts'

/** The `issuer` member that a key must have, if the provider signs for many tenants with the same keys. */
export interface KeyOwner {
  /** It must be one of these. */
  readonly issuers: readonly string[]
  /** Whether a key without the member may be used. */
  readonly mayBeUnstated: boolean
}

/** The members of an issuer that differ between tenants. */
export interface ResolvedTenant {
  /** Name of the issuer in the identity: that of the configuration, with `/` and the tenant if it has several. */
  readonly label: string
  /** The exact `iss`. */
  readonly issuer: string
  /** The value that the claim of the tenant must have; `null`: the profile has no such claim. */
  readonly tenant: string | null
  /** `null`: keys need no `issuer` member. */
  readonly keyOwner: KeyOwner | null
}

/** A profile without a claim of the tenant has no tenants. plan/values/tenants.ts has the checks of values. */
export function checkTenantSettings(
  given: JsonObject,
  profile: Profile,
  path: string,
  addProblem: AddProblem,
): void {
  if (profile.tenant !== undefined) return
  for (const setting of ['tenants', 'keyIssuer'])
    if (given[setting] !== undefined) addProblem(`${path}.${setting}`, `is not for ${profile.name}`)
}
