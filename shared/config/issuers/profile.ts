// Checks of `issuers.NAME.profile` and of what it leaves to the operator: where scopes stand and the claim that names
// users. A profile that cannot decide without a setting is refused until it has it. docs/providers.md.

import {
  isProfileName,
  isRenamedProfile,
  NO_PROFILE,
  PROFILES,
  RENAMED_PROFILES,
} from '../../token/profiles.ts'
import { claim, scopePlaceText, type Profile, type ScopePlace } from '../../token/profiles/profile.ts'
import { bagAt, isBag, isText, list, type Bag, type Report } from '../checks.ts'
import { checkCustomProfile, checkScopePlace } from './custom-profile.ts'

/** The profile that is named or described. */
export function checkProfile(value: unknown, path: string, report: Report): Profile {
  if (isBag(value)) return checkCustomProfile(value, path, report)
  if (isProfileName(value)) return PROFILES[value]
  if (isRenamedProfile(value)) {
    const name = RENAMED_PROFILES[value]
    report(path, `${value} is called ${name} now; the old name goes away`, undefined, 'warning')
    return PROFILES[name]
  }
  const refused =
    typeof value === 'string' && Object.hasOwn(NO_PROFILE, value) ? NO_PROFILE[value] : undefined
  const known = `one of: ${list(Object.keys(PROFILES))}; or an object that describes the provider`
  if (refused !== undefined) report(path, `cannot be ${String(value)}: ${refused}`)
  else report(path, `${value === undefined ? 'is missing' : 'is not known'}; ${known}`)
  return PROFILES.rfc9068
}

const isPlace = (place: ScopePlace, picked: ScopePlace): boolean => {
  const segments = (path: ScopePlace['claim']) => (typeof path === 'string' ? [path] : path)
  const [wanted, given] = [segments(place.claim), segments(picked.claim)]
  return (
    place.shape === picked.shape &&
    wanted.length === given.length &&
    wanted.every((name, index) => name === '*' || name === given[index])
  )
}

export interface PickedScopes {
  readonly profile: Profile
  readonly scopes: { readonly user: ScopePlace; readonly client: ScopePlace }
}

/** Where scopes stand: the place the operator picks among the profile's, else the profile's own. */
export function checkScopes(profile: Profile, given: Bag, path: string, report: Report): PickedScopes {
  const { places, standard, ofClients } = profile.scopes
  const choice = places.map(scopePlaceText).join(', ')
  const pick = (name: string): ScopePlace | null => {
    if (given[name] === undefined) return null
    const picked = checkScopePlace(given[name], `${path}.${name}`, report, ['claim', 'shape'])
    const place = places.find((one) => isPlace(one, picked))
    if (place === undefined)
      report(`${path}.${name}`, `is not where ${profile.name} has scopes; one of: ${choice}`)
    // How the issuer writes it is for the profile to say, `*` for the operator.
    return place === undefined ? picked : { ...place, ...picked }
  }
  const user = pick('scopes') ?? standard
  if (user === null) {
    report(
      `${path}.scopes`,
      `must be picked for ${profile.name}, whose access and ID tokens look alike without it; one of: ${choice}`,
    )
  }
  const scopes = { user: user ?? places[0]!, client: pick('clientScopes') ?? ofClients ?? user ?? places[0]! }
  if (standard !== null) return { profile, scopes }
  const decisive = [scopes.user, scopes.client].map(({ claim: name }) => claim(String(name), profile.source))
  return { profile: { ...profile, marks: [...profile.marks, decisive] }, scopes }
}

/** Identifiers that the provider itself gives and never gives again; a tenant fills every other claim as it likes. */
const STABLE_CLAIMS = ['oid', 'sub']

/** The claim that identifies a user. Where several tenants are accepted, one that no tenant can fill. */
export function checkPrincipal(
  value: unknown,
  profile: Profile,
  severalTenants: boolean,
  path: string,
  report: Report,
): string {
  if (value === undefined) return profile.user
  const { claim: name } = bagAt(value, path, report, ['claim'])
  if (!isText(name)) {
    report(`${path}.claim`, name === undefined ? 'is missing' : 'must be the name of a claim')
    return profile.user
  }
  if (severalTenants && !STABLE_CLAIMS.includes(name))
    report(
      `${path}.claim`,
      `cannot be ${name} with several tenants, any of which could name the users of another; one of: ${list(STABLE_CLAIMS)}`,
    )
  if (name === profile.client) report(`${path}.claim`, `cannot be ${name}, which names the client`)
  return name
}
