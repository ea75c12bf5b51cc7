// The identity of a grant: strings by name, which fit into a header field and into a gateway context, so that an origin
// reads the same identity behind every edge. Of the claims, only those that the configuration names. A claim may hold
// whatever its issuer put there (line breaks, any script, any length): spaces, "%" and everything outside of printable
// ASCII is percent-encoded, and decodeURIComponent gives the value back.

import type { CoreConfig } from '../config/config.ts'
import type { FactValue, Grant } from '../decision.ts'
import { checkDistributed } from './distributed-claims.ts'
import { failure, type Failure } from '../failures/failure.ts'
import { member, type JsonObject } from '../token/strict-json.ts'

const MAX_VALUE_CHARS = 2_048

/** The most that a character becomes: three bytes of UTF-8, percent-encoded. */
const ENCODED_CHARS = 9

/** Most values are plain, and this test is quicker than a `replace` that replaces nothing. */
const isPlain = (text: string): boolean => /^[\x21-\x24\x26-\x7e]*$/.test(text)

const encode = (text: string): string =>
  isPlain(text) ? text : text.replace(/[^\x21-\x24\x26-\x7e]+/gu, encodeURIComponent)

/** Numbers and booleans as they are, lists joined by single spaces. */
const toText = (value: FactValue): string =>
  typeof value === 'object' ? value.map(encode).join(' ') : encode(String(value))

const isWellFormed = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()

/** Only numbers that JSON.parse cannot have rounded, and only lists of strings that stay apart when they are joined. */
const isFactValue = (value: unknown): value is FactValue =>
  typeof value === 'boolean' ||
  Number.isSafeInteger(value) ||
  isWellFormed(value) ||
  (Array.isArray(value) && value.every((item) => isWellFormed(item) && item !== ''))

/** Whether a claim that is part of every identity is short enough to be passed on. */
export const isExpressible = (text: string): boolean =>
  text.length * ENCODED_CHARS <= MAX_VALUE_CHARS || encode(text).length <= MAX_VALUE_CHARS

/**
 * Picks the claims that `identity.claims` names. An absent claim is left out. A distributed claim, or one that cannot
 * be passed on, is a failure.
 */
export function selectFacts(
  claims: JsonObject,
  wanted: CoreConfig['identity']['claims'],
): { readonly facts: Grant['facts'] } | Failure {
  const facts: Record<string, FactValue> = {}
  for (const [name, claim] of Object.entries(wanted)) {
    const value = member(claims, claim)
    if (value === undefined || value === null) {
      const distributed = checkDistributed(claims, claim)
      if (distributed !== null) return distributed
      continue
    }
    if (!isFactValue(value) || toText(value).length > MAX_VALUE_CHARS)
      return failure('identity_inexpressible', { claim })
    facts[name] = value
  }
  return { facts }
}

/** The names in every identity. No claim can be passed on under these names. */
export const IDENTITY_NAMES = ['subject', 'principal', 'client_id', 'scope', 'issuer', 'expires_at'] as const

/**
 * Further names in the context of an API Gateway authorizer. They are reserved on every edge, so that edges stay alike.
 */
export const GATEWAY_NAMES: readonly string[] = ['code', 'challenge', 'decided_at', 'claims']

/**
 * The identity of a grant, as edges pass it on to the origin: strings by name. They are `subject`, `principal` (`user`,
 * `client` or `unknown`), `client_id`, `scope` (words separated by single spaces), `issuer` (as in the grant),
 * `expires_at` (whole seconds since the epoch), `sender` where the token is bound to its sender (`dpop`), and the facts
 * of the grant, under the names that `identity.claims` gives them.
 *
 * In `subject`, `client_id` and facts, spaces, "%" and everything outside of printable ASCII is percent-encoded (RFC
 * 3986 section 2.1), so that no value can break out of a header field. Items of a list are encoded one by one, then
 * joined by single spaces. Does not sign anything: an origin must be reachable through the edge only, or verify an
 * assertion.
 */
export function toIdentity(grant: Grant): Readonly<Record<string, string>> {
  const identity: Record<(typeof IDENTITY_NAMES)[number], string> & Record<string, string> = {
    subject: encode(grant.principal.id),
    principal: grant.principal.kind,
    client_id: encode(grant.clientId),
    scope: grant.scopes.join(' '),
    issuer: grant.issuer,
    expires_at: String(Math.floor(grant.expiresAt)),
  }
  if (grant.sender !== undefined) identity['sender'] = grant.sender
  for (const [name, value] of Object.entries(grant.facts)) identity[name] = toText(value)
  return identity
}

/**
 * The name of the header field for one name of the identity: `prefix` (`identity.headerPrefix` of the configuration),
 * then the name with "-" for every "_". With `x-lanekeeper-`, `client_id` becomes `x-lanekeeper-client-id`.
 */
export const toHeaderName = (prefix: string, name: string): string => `${prefix}${name.replaceAll('_', '-')}`
