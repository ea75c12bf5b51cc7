// Checks of what a route demands beside scopes: clients, claims, types of authorization details (RFC 9396), how
// and when the user signed in (RFC 9470). A condition that could never hold, or always does, is a problem.

import { isScopeToken } from '../grant/scope.ts'
import { bagAt, checkTexts, checkWhole, isBag, isText, type Bag, type Report } from './checks.ts'

import { NO_CONDITIONS } from '../policy/conditions.ts'
import type { ClaimValue, ResolvedConditions } from './conditions.ts'

export const CONDITION_MEMBERS = ['clients', 'claims', 'authorizationDetails', 'acr', 'maxAgeSeconds']

/** One year: longer than any session. */
const MAX_AGE_SECONDS = 31_536_000

const isClaimValue = (value: unknown): value is ClaimValue =>
  isText(value) || typeof value === 'boolean' || Number.isSafeInteger(value)

function checkClaim(value: unknown, path: string, report: Report): ReadonlySet<ClaimValue> {
  const given = bagAt(value, path, report, ['equals', 'oneOf'])
  const { equals, oneOf } = given
  if (isBag(value) && (equals === undefined) === (oneOf === undefined))
    report(path, 'must have exactly one of equals and oneOf')
  if (equals !== undefined && !isClaimValue(equals))
    report(`${path}.equals`, 'must be a text, a whole number or a boolean')
  if (oneOf === undefined) return new Set([equals as ClaimValue])
  if (!Array.isArray(oneOf) || oneOf.length === 0 || !oneOf.every(isClaimValue)) {
    report(`${path}.oneOf`, 'must be a list of at least one text, whole number or boolean')
    return new Set()
  }
  return new Set(oneOf)
}

/** The texts of an optional list; `[]` where it is left out. */
const textsAt = (value: unknown, path: string, report: Report): readonly string[] =>
  value === undefined ? [] : checkTexts(value, path, report)

export function checkConditions(route: Bag, path: string, report: Report): ResolvedConditions {
  const given = CONDITION_MEMBERS.filter((name) => route[name] !== undefined)
  if (route['public'] !== undefined)
    for (const name of given) report(`${path}.${name}`, 'cannot stand on a public route')
  if (given.length === 0) return NO_CONDITIONS
  const claims = route['claims'] === undefined ? {} : bagAt(route['claims'], `${path}.claims`, report)
  if (route['claims'] !== undefined && Object.keys(claims).length === 0)
    report(`${path}.claims`, 'demands nothing; leave it out')
  const acr = textsAt(route['acr'], `${path}.acr`, report)
  for (const value of acr)
    if (!isScopeToken(value))
      report(
        `${path}.acr`,
        `has ${JSON.stringify(value)}, which cannot stand in acr_values (RFC 9470 section 3)`,
      )
  return {
    clients:
      route['clients'] === undefined
        ? null
        : new Set(checkTexts(route['clients'], `${path}.clients`, report)),
    claims: new Map(
      Object.entries(claims).map(([name, condition]) => [
        name,
        checkClaim(condition, `${path}.claims.${name}`, report),
      ]),
    ),
    authorizationDetails: textsAt(route['authorizationDetails'], `${path}.authorizationDetails`, report),
    acr,
    maxAgeSeconds:
      route['maxAgeSeconds'] === undefined
        ? null
        : checkWhole(route['maxAgeSeconds'], `${path}.maxAgeSeconds`, 0, 0, MAX_AGE_SECONDS, report),
  }
}
