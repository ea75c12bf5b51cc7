// The conditions of a route beside scopes, checked on a token that has passed every other check. Rows in a fixed order,
// the first refusal is the decision: client, claims, authorization details (RFC 9396 section 9.1), and how and when the user signed in (RFC 9470 section 3). Values compare exactly.

import type { ClaimValue } from '../config/config.ts'
import { checkDistributed } from '../grant/distributed-claims.ts'
import { failure } from '../failures/failure.ts'
import type { RouteRuleCheck, Subject } from './route-rule.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

/** The types in `authorization_details`; `null` where it is no list of objects that each have a type. */
function detailTypes(claims: JsonObject): readonly string[] | null {
  const details = member(claims, 'authorization_details')
  if (details === undefined) return []
  if (!Array.isArray(details)) return null
  const types = details.map((detail: unknown) => (isJsonObject(detail) ? member(detail, 'type') : undefined))
  return types.every((type) => typeof type === 'string') ? (types as string[]) : null
}

/** Seconds since the user signed in; `null` where the token does not say when that was. */
function ageOf({ claims, now }: Subject): number | null {
  const authTime = member(claims, 'auth_time')
  return typeof authTime === 'number' && authTime >= 0 ? now - authTime : null
}

/** In order. */
export const CONDITION_RULES: readonly RouteRuleCheck[] = [
  {
    name: 'client',
    check: ({ grant }, { conditions: { clients } }) =>
      clients === null || clients.has(grant.clientId) ? null : failure('client_not_allowed'),
  },
  {
    name: 'claims',
    check({ claims }, { conditions }) {
      for (const [name, values] of conditions.claims)
        if (!values.has(member(claims, name) as ClaimValue))
          return checkDistributed(claims, name) ?? failure('claim_condition_unmet', { claim: name })
      return null
    },
  },
  {
    name: 'authorization_details',
    check({ claims }, { conditions: { authorizationDetails } }) {
      if (authorizationDetails.length === 0) return null
      const types = detailTypes(claims)
      if (types === null) return failure('claim_malformed', { claim: 'authorization_details' })
      const missing = authorizationDetails.filter((type) => !types.includes(type))
      if (missing.length === 0) return null
      return (
        checkDistributed(claims, 'authorization_details') ??
        failure('authorization_details_lacking', { missing: missing.join(' ') })
      )
    },
  },
  {
    name: 'acr',
    check: ({ claims }, { conditions: { acr } }) =>
      acr.length === 0 || acr.some((value) => value === member(claims, 'acr'))
        ? null
        : (checkDistributed(claims, 'acr') ??
          failure('insufficient_user_authentication', { demanded: 'acr' })),
  },
  {
    name: 'max_age',
    check(subject, { conditions: { maxAgeSeconds } }) {
      if (maxAgeSeconds === null) return null
      const age = ageOf(subject)
      const tolerance = subject.issuer.clockToleranceSeconds
      return age !== null && age <= maxAgeSeconds + tolerance && age >= -tolerance
        ? null
        : (checkDistributed(subject.claims, 'auth_time') ??
            failure('insufficient_user_authentication', { demanded: 'max_age' }))
    },
  },
]
