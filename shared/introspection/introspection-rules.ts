// The rules for the claims of an active token: the same policy as for the claims of a JWT. `active` does not mean "an
// access token for this API": servers introspect refresh tokens, ID tokens and tokens of any audience as active. Unlike
// with a JWT that is verified, nothing signed states the kind of the token, and RFC 7662 section 2.2 makes every member
// but `active` optional.

import type { IntrospectedIssuer } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import type { Rule } from '../failures/rule.ts'
import type { Claims } from '../grant/userinfo-lookup.ts'
import { AUD, EXP, IAT, LIFETIME, NBF } from '../token/claims.ts'
import { INTROSPECTED_ACCESS_TOKENS, INTROSPECTED_OTHER_KINDS, KIND_CLAIMS } from '../token/kind-claims.ts'
import { findKind, missingEvidence } from '../token/kind.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

export type IntrospectionRule = Rule<[claims: JsonObject, issuer: IntrospectedIssuer, nowSeconds: number]>

const PREFIXES = /^(?:application\/|urn:ietf:params:oauth:token-type:)/

/** Servers spell the members that name the kind in many ways. This is the name in lower case, without "_" and "-". */
const spelledPlain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '')

/** Not `purpose`, which may also say something else than a kind. */
const KIND_MEMBERS = ['token_type', 'token_kind', ...KIND_CLAIMS.filter((name) => name !== 'purpose')].map(
  spelledPlain,
)

const kindIn = (value: unknown): string =>
  typeof value === 'string' ? value.toLowerCase().replace(PREFIXES, '') : ''

/**
 * Whether a member names the kind of an access token. `token_type: Bearer` does not: it says how a token is used (RFC
 * 6749 section 7.1), and servers send it for refresh tokens, too.
 */
export const namesAccessToken = (members: JsonObject): boolean =>
  Object.entries(members).some(([given, value]) => {
    const name = spelledPlain(given)
    const kind = kindIn(value)
    if (!KIND_MEMBERS.includes(name) || !INTROSPECTED_ACCESS_TOKENS.includes(kind)) return false
    return name !== 'tokentype' || kind !== 'bearer'
  })

const otherKind = (name: string, value: unknown): Failure | null => {
  const kind = kindIn(value)
  return Object.hasOwn(INTROSPECTED_OTHER_KINDS, kind)
    ? failure(INTROSPECTED_OTHER_KINDS[kind]!, { mark: name })
    : null
}

/** The failure for a member, `purpose` included, that names a known kind other than an access token. */
export function findStatedKind(members: JsonObject): Failure | null {
  for (const [given, value] of Object.entries(members)) {
    const name = spelledPlain(given)
    const other = KIND_MEMBERS.includes(name) || name === 'purpose' ? otherKind(name, value) : null
    if (other !== null) return other
  }
  return null
}

function hasDpopKey(claims: JsonObject): boolean {
  const cnf = member(claims, 'cnf')
  return isJsonObject(cnf) && Object.hasOwn(cnf, 'jkt')
}

/** Why the value of a member that names the kind is not that of a bearer access token, or `null`. */
function findOtherKind(name: string, value: unknown, claims: JsonObject): Failure | null {
  const kind = kindIn(value)
  if (INTROSPECTED_ACCESS_TOKENS.includes(kind)) return null
  // The check of the sender constraint decides about a token with a key. One with a certificate alone is none of DPoP.
  if (kind === 'dpop') return hasDpopKey(claims) ? null : failure('sender_constraint_unproven')
  return otherKind(name, value) ?? failure('token_kind_unproven', { unknown: name })
}

/** Whether `aud` names an audience. `[]` and `null` count as absent. */
const hasAudience = (claims: JsonObject): boolean => {
  const aud = member(claims, 'aud')
  return aud !== undefined && aud !== null && !(Array.isArray(aud) && aud.length === 0)
}

/**
 * In order. The rules of token/claims.ts apply as they are: they let an absent `exp`, `nbf` or `iat` pass. Without
 * `exp` the caching time bounds the use of the claims.
 */
export const INTROSPECTION_RULES: readonly IntrospectionRule[] = [
  {
    name: 'evidence of another kind',
    check(claims, { profile }) {
      const header = { typ: member(claims, 'typ') }
      // Evidence that the profile waives is ignored only if the answer has all evidence of the profile's access tokens.
      const isProven = missingEvidence(header, claims, profile).length === 0
      return findKind(header, claims, isProven ? profile : { ...profile, waived: [] })
    },
  },
  {
    name: 'kinds',
    check(claims) {
      for (const [given, value] of Object.entries(claims)) {
        const name = spelledPlain(given)
        const other = KIND_MEMBERS.includes(name) ? findOtherKind(name, value, claims) : null
        if (other !== null) return other
      }
      return findStatedKind(claims)
    },
  },
  {
    name: 'required members',
    check(claims, { opaque: { reader } }) {
      const missing = reader.requiredMembers.filter((name) => member(claims, name) === undefined)
      return missing.length === 0 ? null : failure('token_kind_unproven', { missing: missing.join(' ') })
    },
  },
  {
    name: 'client_id',
    check: (claims) =>
      member(claims, 'client_id') === undefined ? failure('claim_missing', { claim: 'client_id' }) : null,
  },
  {
    name: 'iss',
    check(claims, issuer) {
      const iss = member(claims, 'iss')
      return iss === undefined || iss === issuer.issuer ? null : failure('issuer_unknown')
    },
  },
  {
    name: 'aud',
    check(claims, issuer, now) {
      if (hasAudience(claims)) return AUD.check(claims, issuer, now)
      if (issuer.opaque.reader.clients !== null) return null
      return Array.isArray(member(claims, 'aud'))
        ? failure('audience_mismatch')
        : failure('claim_missing', { claim: 'aud' })
    },
  },
  {
    name: 'clients',
    check(claims, { clients, opaque: { reader } }) {
      const lists = [clients, reader.clients]
      const client = String(member(claims, 'client_id'))
      return lists.every((list) => list === null || list.has(client)) ? null : failure('client_mismatch')
    },
  },
  EXP,
  NBF,
  IAT,
  {
    name: 'lifetime',
    check(claims, issuer, now) {
      const exp = member(claims, 'exp')
      if (exp === undefined || !issuer.opaque.reader.boundsLifetime) return null
      if (member(claims, 'iat') !== undefined) return LIFETIME.check(claims, issuer, now)
      return Number(exp) - now > issuer.maxLifetimeSeconds + issuer.clockToleranceSeconds
        ? failure('token_lifetime')
        : null
    },
  },
]

/**
 * Whether a token without `sub` was issued to the client itself: the provider is known to have such tokens, or the
 * configuration says so and no other member names a user. RFC 7662 section 2.2 makes `sub` optional for users, too.
 */
const belongsToClient = (
  claims: JsonObject,
  { principal, opaque: { reader } }: IntrospectedIssuer,
): boolean =>
  reader.withoutSub === 'client' ||
  (reader.withoutSub === 'client_unless_named' &&
    ['username', principal].every((name) => name === 'client_id' || member(claims, name) === undefined))

/**
 * The claims in the form that a grant is made from. An absent `sub` is the `client_id` if the token belongs to its
 * client, else it stays absent. An absent `exp` is `cacheSeconds` from now.
 */
export const completeClaims = (
  claims: JsonObject,
  issuer: IntrospectedIssuer,
  nowSeconds: number,
): Claims => ({
  claims: {
    ...(belongsToClient(claims, issuer) ? { sub: claims['client_id'] } : {}),
    ...claims,
    exp: member(claims, 'exp') ?? Math.floor(nowSeconds) + issuer.opaque.reader.cacheSeconds,
  },
})
