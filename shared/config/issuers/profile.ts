// Checks of `issuers.NAME.profile` and of the settings that it leaves to the operator: the claim with the scopes and
// the claim that identifies users. A profile that needs such a setting is refused without it. docs/providers.md.

import { OLD_NAME_GOES } from '../../platform/version.ts'
import {
  isProfileName,
  isRenamedProfile,
  NO_PROFILE,
  PROFILES,
  RENAMED_PROFILES,
} from '../../token/profiles.ts'
import { claim, scopeClaimText, type Profile, type ScopeClaim } from '../../token/profiles/profile.ts'
import {
  objectAt,
  isJsonObject,
  isNonEmptyString,
  list,
  type JsonObject,
  type AddProblem,
} from '../checks.ts'
import { checkCustomProfile, checkScopeClaim } from './custom-profile.ts'

/** The profile that is named or described. */
export function checkProfile(value: unknown, path: string, addProblem: AddProblem): Profile {
  if (isJsonObject(value)) return checkCustomProfile(value, path, addProblem)
  if (isProfileName(value)) return PROFILES[value]
  if (isRenamedProfile(value)) {
    const name = RENAMED_PROFILES[value]
    addProblem(path, `${value} is called ${name} now; ${OLD_NAME_GOES}`, undefined, 'warning')
    return PROFILES[name]
  }
  const refused =
    typeof value === 'string' && Object.hasOwn(NO_PROFILE, value) ? NO_PROFILE[value] : undefined
  const known = `one of: ${list(Object.keys(PROFILES))}; or an object that describes the provider`
  if (refused !== undefined) addProblem(path, `cannot be ${String(value)}: ${refused}`)
  else addProblem(path, `${value === undefined ? 'is missing' : 'is not known'}; ${known}`)
  return PROFILES.rfc9068
}

const isChoice = (choice: ScopeClaim, picked: ScopeClaim): boolean => {
  const segments = (path: ScopeClaim['claim']) => (typeof path === 'string' ? [path] : path)
  const [wanted, given] = [segments(choice.claim), segments(picked.claim)]
  return (
    choice.shape === picked.shape &&
    wanted.length === given.length &&
    wanted.every((name, index) => name === '*' || name === given[index])
  )
}

export interface PickedScopes {
  readonly profile: Profile
  readonly scopes: { readonly user: ScopeClaim; readonly client: ScopeClaim }
}

/** The claim with the scopes: the one that the operator picks from the profile's choices, else the profile's own. */
export function checkScopes(
  profile: Profile,
  given: JsonObject,
  path: string,
  addProblem: AddProblem,
): PickedScopes {
  const { choices, standard, ofClients } = profile.scopes
  const known = choices.map(scopeClaimText).join(', ')
  const pick = (name: string): ScopeClaim | null => {
    if (given[name] === undefined) return null
    const picked = checkScopeClaim(given[name], `${path}.${name}`, addProblem, ['claim', 'shape'])
    const choice = choices.find((one) => isChoice(one, picked))
    if (choice === undefined)
      addProblem(`${path}.${name}`, `is not where ${profile.name} has scopes; one of: ${known}`)
    // The profile says whether the issuer writes `oneOrList`, the operator which name `*` is.
    return choice === undefined ? picked : { ...choice, ...picked }
  }
  const user = pick('scopes') ?? standard
  if (user === null) {
    addProblem(
      `${path}.scopes`,
      `must be picked for ${profile.name}, whose access and ID tokens look alike without it; one of: ${known}`,
    )
  }
  const scopes = {
    user: user ?? choices[0]!,
    client: pick('clientScopes') ?? ofClients ?? user ?? choices[0]!,
  }
  if (standard !== null) return { profile, scopes }
  const decisive = [scopes.user, scopes.client].map(({ claim: name }) => claim(String(name)))
  return { profile: { ...profile, evidence: [...profile.evidence, decisive] }, scopes }
}

/** The profile with the claim of the session that the operator names. */
export function checkSession(
  value: unknown,
  profile: Profile,
  path: string,
  addProblem: AddProblem,
): Profile {
  if (value === undefined) return profile
  const { claim: session } = objectAt(value, path, addProblem, ['claim'])
  if (isNonEmptyString(session)) return { ...profile, session }
  addProblem(`${path}.claim`, session === undefined ? 'is missing' : 'must be the name of a claim')
  return profile
}

/** Identifiers that the provider assigns and never reuses. A tenant can put any value into every other claim. */
const STABLE_CLAIMS = ['oid', 'sub']

/** The claim that identifies a user. With several tenants it must be one whose value no tenant can choose. */
export function checkPrincipal(
  value: unknown,
  profile: Profile,
  severalTenants: boolean,
  path: string,
  addProblem: AddProblem,
): string {
  if (value === undefined) return profile.user
  const { claim: name } = objectAt(value, path, addProblem, ['claim'])
  if (!isNonEmptyString(name)) {
    addProblem(`${path}.claim`, name === undefined ? 'is missing' : 'must be the name of a claim')
    return profile.user
  }
  if (severalTenants && !STABLE_CLAIMS.includes(name))
    addProblem(
      `${path}.claim`,
      `cannot be ${name} with several tenants, any of which could name the users of another; one of: ${list(STABLE_CLAIMS)}`,
    )
  if (name === profile.client) addProblem(`${path}.claim`, `cannot be ${name}, which names the client`)
  return name
}
