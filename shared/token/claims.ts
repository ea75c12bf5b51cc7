// Checks the claims of a verified access token. `iss` has no rule here: the issuer, and its keys after it, were
// selected by an exact comparison with `iss`. The rules run in a fixed order, and the first refusal is the result.
// RFC 9068 sections 2.2 and 4.

import { failure, type Failure } from '../failures/failure.ts'
import type { ResolvedIssuer } from '../config/config.ts'
import type { Rule } from '../failures/rule.ts'
import { member, type JsonObject } from './strict-json.ts'

/** A NumericDate (RFC 7519 section 2) that is finite, not negative and before the year 10000. */
export const isNumericDate = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= 253_402_300_799

const MAX_IDENTIFIER_CHARS = 1024

export const isIdentifier = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= MAX_IDENTIFIER_CHARS &&
  value.isWellFormed()

const DATES = ['exp', 'iat', 'nbf']
const IDENTIFIERS = ['sub', 'client_id', 'jti']

/** The first of the named claims that is present in a wrong form. */
function findWrong(
  names: readonly (string | null | undefined)[],
  claims: JsonObject,
  isRight: (value: unknown) => boolean,
): string | undefined {
  for (const name of names) {
    if (typeof name === 'string' && Object.hasOwn(claims, name) && !isRight(claims[name])) return name
  }
  return undefined
}

/** The first claim in a wrong form, of the registered claims and those that the profile reads. Absent claims pass. */
const findMalformed = (
  claims: JsonObject,
  { profile: { client, tokenId, tenant } }: ResolvedIssuer,
): string | undefined =>
  findWrong(DATES, claims, isNumericDate) ??
  findWrong(IDENTIFIERS, claims, isIdentifier) ??
  findWrong([client, tokenId, tenant], claims, isIdentifier)

/** The audiences in `aud`; `null` if it is neither a string nor a list of strings. An empty list has no audience. */
function audiencesOf(claims: JsonObject): readonly string[] | null {
  const aud = member(claims, 'aud')
  const list = typeof aud === 'string' ? [aud] : aud
  return Array.isArray(list) && list.every(isIdentifier) ? list : null
}

/** Whether `aud` names this API. A malformed `aud` does not. */
export const isForUs = (claims: JsonObject, { audiences }: ResolvedIssuer): boolean =>
  audiencesOf(claims)?.some((audience) => audiences.has(audience)) === true

const bare = (audience: string): string => audience.toLowerCase().replace(/\/$/, '')

/**
 * The refusal of a token whose audiences do not include this API. Case and a slash at the end count (RFC 9068 section
 * 4). If an audience differs in these alone, the issuer spells this API otherwise than the configuration does: every
 * client gets such tokens, so the operator is to blame.
 */
function mismatch(audiences: readonly string[], ours: ReadonlySet<string>): Failure {
  const given = new Set(audiences.map(bare))
  const nearest = [...ours].find((one) => given.has(bare(one)))
  const refused = failure('audience_mismatch')
  return nearest === undefined ? refused : { ...refused, detail: { nearest }, blame: 'operator' }
}

/**
 * In order, before the other claim rules. Their result never changes for a token, so a cached token is not checked
 * again.
 */
export const FORM_RULES: readonly Rule<[claims: JsonObject, issuer: ResolvedIssuer]>[] = [
  {
    name: 'required',
    check(claims, issuer) {
      const missing = issuer.profile.required.find((name) => !Object.hasOwn(claims, name))
      return missing === undefined ? null : failure('claim_missing', { claim: missing })
    },
  },
  {
    name: 'form',
    check(claims, issuer) {
      const wrong = findMalformed(claims, issuer)
      return wrong === undefined ? null : failure('claim_malformed', { claim: wrong })
    },
  },
]

/** `nowSeconds`: seconds since the epoch, with fractions. */
type ClaimRule = Rule<[claims: JsonObject, issuer: ResolvedIssuer, nowSeconds: number]>

export const AUD: ClaimRule = {
  name: 'aud',
  check(claims, issuer) {
    // No audience is configured, so a token with an audience was issued for another API.
    if (issuer.audiences.size === 0) return Object.hasOwn(claims, 'aud') ? failure('audience_mismatch') : null
    if (!Object.hasOwn(claims, 'aud')) return failure('claim_missing', { claim: 'aud' })
    const audiences = audiencesOf(claims)
    if (audiences === null) return failure('claim_malformed', { claim: 'aud' })
    return audiences.some((audience) => issuer.audiences.has(audience))
      ? null
      : mismatch(audiences, issuer.audiences)
  },
}

export const EXP: ClaimRule = {
  name: 'exp',
  check: (claims, issuer, now) =>
    now >= Number(member(claims, 'exp')) + issuer.clockToleranceSeconds ? failure('token_expired') : null,
}

export const NBF: ClaimRule = {
  name: 'nbf',
  check: (claims, issuer, now) =>
    Number(member(claims, 'nbf') ?? 0) > now + issuer.clockToleranceSeconds
      ? failure('token_not_yet_valid')
      : null,
}

export const IAT: ClaimRule = {
  name: 'iat',
  check: (claims, issuer, now) =>
    Number(member(claims, 'iat')) > now + issuer.clockToleranceSeconds
      ? failure('token_issued_in_future')
      : null,
}

export const LIFETIME: ClaimRule = {
  name: 'lifetime',
  check(claims, issuer) {
    const lifetime = Number(member(claims, 'exp')) - Number(member(claims, 'iat'))
    return lifetime > 0 && lifetime <= issuer.maxLifetimeSeconds ? null : failure('token_lifetime')
  },
}

/** In order, for every request. */
export const CLAIM_RULES: readonly ClaimRule[] = [
  {
    name: 'tenant',
    check: (claims, { profile, tenant }) =>
      profile.tenant === undefined || member(claims, profile.tenant) === tenant
        ? null
        : failure('tenant_mismatch'),
  },
  AUD,
  {
    name: 'client',
    check: (claims, { profile, clients }) =>
      clients === null || clients.has(member(claims, profile.client) as string)
        ? null
        : failure('client_mismatch'),
  },
  EXP,
  NBF,
  IAT,
  LIFETIME,
]
