// Conditions of a route besides scopes: clients, claims, types of authorization details (RFC 9396), how and when the
// user signed in (RFC 9470). A condition that can never hold, or always holds, is a problem.

import { isScopeToken } from '../grant/scope.ts'
import { NO_CONDITIONS } from '../policy/no-conditions.ts'
import {
  checkStrings,
  isJsonObject,
  isNonEmptyString,
  objectAt,
  type AddProblem,
  type JsonObject,
} from './checks.ts'
import type { Meanings } from './meaning.ts'
import { optional, whole } from './setting.ts'

/** A non-empty string, whole number or boolean to which a claim is compared. */
export type ClaimValue = string | number | boolean

/**
 * The value or values that a claim must have, compared exactly. A claim that is a list or an object equals none:
 * `roles` with `['admin']` does not meet `{ equals: 'admin' }`.
 */
export type ClaimCondition =
  | { readonly equals: ClaimValue; readonly oneOf?: never }
  | { readonly oneOf: readonly ClaimValue[]; readonly equals?: never }

export interface ResolvedConditions {
  /** `null`: every client. */
  readonly clients: ReadonlySet<string> | null
  /** Claim -> the values it may have. */
  readonly claims: ReadonlyMap<string, ReadonlySet<ClaimValue>>
  /** Types that must all be in `authorization_details`. */
  readonly authorizationDetails: readonly string[]
  /** `acr` must be one of these; empty: any. */
  readonly acr: readonly string[]
  /** Longest time since `auth_time`; `null`: any. */
  readonly maxAgeSeconds: number | null
}

/** Conditions of a route besides scopes. All that are given must hold. */
export interface ConditionConfig {
  /** Clients that may call, as the claim of the profile names them (`client_id` for most). Default: all. */
  readonly clients?: readonly string[]
  /** Claims and the value that each must have: `{ equals }` or `{ oneOf }`. All must hold. Default: none. */
  readonly claims?: Readonly<Record<string, ClaimCondition>>
  /** Types that must all be in `authorization_details` (RFC 9396). Compares nothing but types. Default: none. */
  readonly authorizationDetails?: readonly string[]
  /** Authentication contexts, one of which must be the token's `acr` (RFC 9470). Default: any. */
  readonly acr?: readonly string[]
  /** Longest time since the user signed in (`auth_time`, RFC 9470), plus the issuer's clock tolerance. Default: any. */
  readonly maxAgeSeconds?: number
}

/** At most one year: longer than any session. */
const MAX_AGE_SECONDS = optional(whole(0, 31_536_000, 0))

export const conditionMeanings = (): Meanings<keyof ConditionConfig> => ({
  clients: { absent: 'every client', meaning: 'clients (`client_id`) that may call' },
  claims: {
    absent: '`{}`',
    meaning: 'claim -> `{ equals }` or `{ oneOf }`; all must hold, compared exactly',
  },
  authorizationDetails: {
    absent: '`[]`',
    meaning: 'types that `authorization_details` must all have (RFC 9396)',
  },
  acr: { absent: 'any', meaning: 'authentication contexts, one of which must be `acr` (RFC 9470)' },
  maxAgeSeconds: {
    absent: 'any',
    row: MAX_AGE_SECONDS,
    meaning: 'longest time since the user signed in (`auth_time`, RFC 9470)',
  },
})

export const CONDITION_MEMBERS = [
  'clients',
  'claims',
  'authorizationDetails',
  'acr',
  'maxAgeSeconds',
] as const satisfies readonly (keyof ConditionConfig)[]

const isClaimValue = (value: unknown): value is ClaimValue =>
  isNonEmptyString(value) || typeof value === 'boolean' || Number.isSafeInteger(value)

function checkClaim(value: unknown, path: string, addProblem: AddProblem): ReadonlySet<ClaimValue> {
  const given = objectAt(value, path, addProblem, ['equals', 'oneOf'])
  const { equals, oneOf } = given
  if (isJsonObject(value) && (equals === undefined) === (oneOf === undefined))
    addProblem(path, 'must have exactly one of equals and oneOf')
  if (equals !== undefined && !isClaimValue(equals))
    addProblem(`${path}.equals`, 'must be a non-empty string, a whole number or a boolean')
  if (oneOf === undefined) return new Set([equals as ClaimValue])
  if (!Array.isArray(oneOf) || oneOf.length === 0 || !oneOf.every(isClaimValue)) {
    addProblem(`${path}.oneOf`, 'must be a list of at least one non-empty string, whole number or boolean')
    return new Set()
  }
  return new Set(oneOf)
}

/** The strings of an optional list; `[]` where it is left out. */
const stringsAt = (value: unknown, path: string, addProblem: AddProblem): readonly string[] =>
  value === undefined ? [] : checkStrings(value, path, addProblem)

export function checkConditions(route: JsonObject, path: string, addProblem: AddProblem): ResolvedConditions {
  const given = CONDITION_MEMBERS.filter((name) => route[name] !== undefined)
  if (route['public'] !== undefined)
    for (const name of given) addProblem(`${path}.${name}`, 'cannot stand on a public route')
  if (given.length === 0) return NO_CONDITIONS
  const claims = route['claims'] === undefined ? {} : objectAt(route['claims'], `${path}.claims`, addProblem)
  if (route['claims'] !== undefined && Object.keys(claims).length === 0)
    addProblem(`${path}.claims`, 'demands nothing; leave it out')
  const acr = stringsAt(route['acr'], `${path}.acr`, addProblem)
  for (const value of acr)
    if (!isScopeToken(value))
      addProblem(
        `${path}.acr`,
        `has ${JSON.stringify(value)}, which cannot stand in acr_values (RFC 9470 section 3)`,
      )
  return {
    clients:
      route['clients'] === undefined
        ? null
        : new Set(checkStrings(route['clients'], `${path}.clients`, addProblem)),
    claims: new Map(
      Object.entries(claims).map(([name, condition]) => [
        name,
        checkClaim(condition, `${path}.claims.${name}`, addProblem),
      ]),
    ),
    authorizationDetails: stringsAt(
      route['authorizationDetails'],
      `${path}.authorizationDetails`,
      addProblem,
    ),
    acr,
    maxAgeSeconds: MAX_AGE_SECONDS.check(route['maxAgeSeconds'], `${path}.maxAgeSeconds`, addProblem),
  }
}
