// The facts about an active token, held to the same policy as the claims of a JWT. "Active" is not "an access token
// for this API": servers introspect refresh tokens and ID tokens as active, and tokens of any audience. What differs
// from a JWT: nothing signed says what it is, and RFC 7662 section 2.2 makes every member but `active` optional.

import type { ResolvedIssuer } from '../config/config.ts'
import { failure, type FailureCode } from '../failure.ts'
import type { Rule } from '../rule.ts'
import { PROVIDER_CHECKS } from '../provider-check/index.ts'
import { CLAIM_RULES, FORM_RULES } from '../token/claims.ts'
import { KIND_ROWS } from '../token/lane.ts'
import { member, type JsonObject } from '../token/strict-json.ts'
import type { Claims } from './asked.ts'

export type FactRule = Rule<[claims: JsonObject, issuer: ResolvedIssuer, nowSeconds: number]>

/** Members in which servers name the kind of a token, and values that name another kind. */
const KIND_MEMBERS = ['token_type', 'token_use', 'typ'] as const
const OTHER_KINDS: Readonly<Record<string, FailureCode>> = {
  refresh: 'refresh_token',
  refresh_token: 'refresh_token',
  rt: 'refresh_token',
  offline: 'refresh_token',
  id: 'id_token',
  id_token: 'id_token',
}

/** Types of access tokens that anybody may present (RFC 6749 section 7.1). */
const BEARER_TYPES = ['bearer', 'access_token']

const textOf = (claims: JsonObject, name: string): string => {
  const value = member(claims, name)
  return typeof value === 'string' ? value.toLowerCase() : ''
}

/** `[]` and `null` name nobody, as if the member were not there. */
const isPinned = (claims: JsonObject): boolean => {
  const aud = member(claims, 'aud')
  return aud !== undefined && aud !== null && !(Array.isArray(aud) && aud.length === 0)
}

/** A rule on the claims of JWTs that holds for facts as it stands. */
const shared = (name: string): FactRule => [...FORM_RULES, ...CLAIM_RULES].find((rule) => rule.name === name)!

/** In order. An absent `exp`, `nbf` or `iat` says nothing; how long the facts are kept bounds them. */
export const FACT_RULES: readonly FactRule[] = [
  {
    name: 'negative marks',
    check(claims) {
      const row = KIND_ROWS.find((kind) => kind.found(claims, null))
      return row === undefined ? null : failure(row.kind, { mark: row.mark })
    },
  },
  {
    name: 'other kinds',
    check(claims) {
      const name = KIND_MEMBERS.find((found) => Object.hasOwn(OTHER_KINDS, textOf(claims, found)))
      return name === undefined ? null : failure(OTHER_KINDS[textOf(claims, name)]!, { mark: name })
    },
  },
  {
    name: 'positive marks',
    check(claims, { opaque: { reader } }) {
      if (reader?.kind !== 'introspection') return null
      const missing = reader.marks.filter((name) => member(claims, name) === undefined)
      return missing.length === 0 ? null : failure('token_kind_unproven', { missing: missing.join(' ') })
    },
  },
  {
    name: 'token_type',
    check(claims) {
      const type = textOf(claims, 'token_type')
      if (member(claims, 'token_type') === undefined || BEARER_TYPES.includes(type)) return null
      // One with a `cnf` is judged by that.
      if (type === 'dpop') return Object.hasOwn(claims, 'cnf') ? null : failure('sender_constraint_unproven')
      return failure('token_kind_unproven', { missing: 'token_type' })
    },
  },
  {
    name: 'client_id',
    check: (claims) =>
      member(claims, 'client_id') === undefined ? failure('claim_missing', { claim: 'client_id' }) : null,
  },
  shared('form'),
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
      if (isPinned(claims)) return shared('aud').check(claims, issuer, now)
      const { reader } = issuer.opaque
      return reader?.kind === 'introspection' && reader.clients !== null
        ? null
        : failure('claim_missing', { claim: 'aud' })
    },
  },
  {
    name: 'clients',
    check(claims, { clients, opaque: { reader } }) {
      const lists = [clients, reader?.kind === 'introspection' ? reader.clients : null]
      const client = String(member(claims, 'client_id'))
      return lists.every((list) => list === null || list.has(client)) ? null : failure('client_mismatch')
    },
  },
  shared('exp'),
  shared('nbf'),
  shared('iat'),
]

/** Whether a token without `sub` can be a client's own: not if it names its user otherwise, or is of a provider that has none such. */
const mayBeClients = (claims: JsonObject, { principal, opaque: { reader } }: ResolvedIssuer): boolean =>
  reader?.kind === 'check'
    ? PROVIDER_CHECKS[reader.provider].hasClientTokens
    : ['username', principal].every((name) => name === 'client_id' || member(claims, name) === undefined)

/**
 * The facts in the form that a grant is made from. Without `sub` the token is a client's own (RFC 7662 section 2.2
 * has `sub` for resource owners) where there are such tokens, and nobody's where there are not; without `exp` it is good for as long as the facts are kept.
 */
export const completeFacts = (claims: JsonObject, issuer: ResolvedIssuer, nowSeconds: number): Claims => ({
  claims: {
    ...(mayBeClients(claims, issuer) ? { sub: claims['client_id'] } : {}),
    ...claims,
    exp: member(claims, 'exp') ?? Math.floor(nowSeconds) + (issuer.opaque.reader?.cacheSeconds ?? 0),
  },
})
