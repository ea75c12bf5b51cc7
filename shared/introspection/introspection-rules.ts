// The facts about an active token, held to the same policy as the claims of a JWT. "Active" is not "an access token
// for this API": servers introspect refresh tokens and ID tokens as active, and tokens of any audience. What differs
// from a JWT: nothing signed says what it is, and RFC 7662 section 2.2 makes every member but `active` optional.

import type { IntrospectedIssuer } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import type { Rule } from '../failures/rule.ts'
import type { Claims } from '../grant/userinfo-lookup.ts'
import { AUD, EXP, IAT, LIFETIME, NBF } from '../token/claims.ts'
import { INTROSPECTED_ACCESS_TOKENS, INTROSPECTED_OTHER_KINDS, KIND_CLAIMS } from '../token/kind-claims.ts'
import { findKind, missingEvidence } from '../token/kind.ts'
import { member, type JsonObject } from '../token/strict-json.ts'

export type IntrospectionRule = Rule<[claims: JsonObject, issuer: IntrospectedIssuer, nowSeconds: number]>

const PREFIXES = /^(?:application\/|urn:ietf:params:oauth:token-type:)/

/** Servers spell the members that name the kind in many ways: in lower case, without "_" and "-". */
const spelledPlain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '')

/** `purpose` may say anything. */
const KIND_MEMBERS = ['token_type', 'token_kind', ...KIND_CLAIMS.filter((name) => name !== 'purpose')].map(
  spelledPlain,
)

const kindIn = (value: unknown): string =>
  typeof value === 'string' ? value.toLowerCase().replace(PREFIXES, '') : ''

/**
 * Whether some members say of a token that it is an access token. A `token_type` of Bearer does not: it says how a token
 * is used (RFC 6749 section 7.1), and servers say it of refresh tokens.
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

/** The other kind that some members say a token is of. Of a `purpose` only the name of a kind counts. */
export function findStatedKind(members: JsonObject): Failure | null {
  for (const [given, value] of Object.entries(members)) {
    const name = spelledPlain(given)
    const other = KIND_MEMBERS.includes(name) || name === 'purpose' ? otherKind(name, value) : null
    if (other !== null) return other
  }
  return null
}

/** Why a name of a kind does not name an access token that anybody may present, or `null`. */
function findOtherKind(name: string, value: unknown, claims: JsonObject): Failure | null {
  const kind = kindIn(value)
  if (INTROSPECTED_ACCESS_TOKENS.includes(kind)) return null
  // One with a `cnf` is judged by that.
  if (kind === 'dpop') return Object.hasOwn(claims, 'cnf') ? null : failure('sender_constraint_unproven')
  return otherKind(name, value) ?? failure('token_kind_unproven', { unknown: name })
}

/** `[]` and `null` name nobody, as if the member were not there. */
const isPinned = (claims: JsonObject): boolean => {
  const aud = member(claims, 'aud')
  return aud !== undefined && aud !== null && !(Array.isArray(aud) && aud.length === 0)
}

/**
 * In order. Those of token/claims.ts hold as they are: an absent `exp`, `nbf` or `iat` says nothing, and how long the
 * claims are cached bounds them.
 */
export const INTROSPECTION_RULES: readonly IntrospectionRule[] = [
  {
    name: 'negative marks',
    check(claims, { profile }) {
      const header = { typ: member(claims, 'typ') }
      // What a provider's access tokens carry all the same counts for nothing only where the rest says what it is.
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
    name: 'positive marks',
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
      if (isPinned(claims)) return AUD.check(claims, issuer, now)
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
 * Whether a token without `sub` is a client's own: where the configuration says so, or the provider is known to have
 * such tokens, and not if the answer names a user otherwise. RFC 7662 section 2.2 makes `sub` optional for users, too.
 */
const isClients = (claims: JsonObject, { principal, opaque: { reader } }: IntrospectedIssuer): boolean =>
  reader.withoutSub === 'client' ||
  (reader.withoutSub === 'client_unless_named' &&
    ['username', principal].every((name) => name === 'client_id' || member(claims, name) === undefined))

/**
 * The facts in the form that a grant is made from. Without `sub` the token is a client's own or nobody's; without
 * `exp` it is good for as long as the facts are kept.
 */
export const completeClaims = (
  claims: JsonObject,
  issuer: IntrospectedIssuer,
  nowSeconds: number,
): Claims => ({
  claims: {
    ...(isClients(claims, issuer) ? { sub: claims['client_id'] } : {}),
    ...claims,
    exp: member(claims, 'exp') ?? Math.floor(nowSeconds) + issuer.opaque.reader.cacheSeconds,
  },
})
