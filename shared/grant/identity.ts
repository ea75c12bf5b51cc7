// What a grant says about the caller, as named strings that fit a header field and a gateway context alike,
// so that an origin reads the same identity behind either edge. Only what the configuration asks for.
// Values may hold whatever an issuer put there (line breaks, any script, any length): characters outside
// printable ASCII and "%" itself are percent-encoded, so decodeURIComponent gives the claim back.

import type { ResolvedConfig } from '../config/config.ts'
import type { FactValue, Grant } from '../decision.ts'
import { checkDistributed } from './distributed-claims.ts'
import { failure, type Failure } from '../failures/failure.ts'
import { member, type JsonObject } from '../token/strict-json.ts'

const MAX_VALUE_CHARS = 2_048

/** The most that a character becomes: three bytes of UTF-8, percent-encoded. */
const ENCODED_CHARS = 9

/** Asked first, because most texts are: looking is quicker than replacing nothing. */
const isPlain = (text: string): boolean => /^[\x21-\x24\x26-\x7e]*$/.test(text)

const encode = (text: string): string =>
  isPlain(text) ? text : text.replace(/[^\x21-\x24\x26-\x7e]+/gu, encodeURIComponent)

/** Numbers and booleans as they are, lists joined by single spaces. */
const toText = (value: FactValue): string =>
  typeof value === 'object' ? value.map(encode).join(' ') : encode(String(value))

const isWellFormed = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()

/** Numbers only where JSON.parse cannot have rounded them; lists only of texts that stay apart when joined. */
const isFactValue = (value: unknown): value is FactValue =>
  typeof value === 'boolean' ||
  Number.isSafeInteger(value) ||
  isWellFormed(value) ||
  (Array.isArray(value) && value.every((item) => isWellFormed(item) && item !== ''))

/** Whether a claim that is part of every identity is short enough to be passed on. */
export const isExpressible = (text: string): boolean =>
  text.length * ENCODED_CHARS <= MAX_VALUE_CHARS || encode(text).length <= MAX_VALUE_CHARS

/**
 * Picks the claims that `identity.claims` names. An absent one is left out; one that is elsewhere, or cannot be passed
 * on, is a failure.
 */
export function selectFacts(
  claims: JsonObject,
  wanted: ResolvedConfig['identity']['claims'],
): { readonly facts: Grant['facts'] } | Failure {
  const facts: Record<string, FactValue> = {}
  for (const [name, claim] of Object.entries(wanted)) {
    const value = member(claims, claim)
    if (value === undefined || value === null) {
      const elsewhere = checkDistributed(claims, claim)
      if (elsewhere !== null) return elsewhere
      continue
    }
    if (!isFactValue(value) || toText(value).length > MAX_VALUE_CHARS)
      return failure('identity_inexpressible', { claim })
    facts[name] = value
  }
  return { facts }
}

/** What every identity carries. A claim cannot be passed on under these names. */
export const IDENTITY_NAMES = ['subject', 'principal', 'client_id', 'scope', 'issuer', 'expires_at'] as const

/** What the context of an API Gateway authorizer holds besides; reserved on every edge, so that they stay alike. */
export const GATEWAY_NAMES: readonly string[] = ['code', 'challenge', 'decided_at', 'claims']

/** The identity of a grant by name: `subject`, `principal` (`user`, `client` or `unknown`), `client_id`, `scope`, `issuer`, `expires_at`, and the claims asked for. */
export function toIdentity(grant: Grant): Readonly<Record<string, string>> {
  const identity: Record<(typeof IDENTITY_NAMES)[number], string> & Record<string, string> = {
    subject: encode(grant.principal.id),
    principal: grant.principal.kind,
    client_id: encode(grant.clientId),
    scope: grant.scopes.join(' '),
    issuer: grant.issuer,
    expires_at: String(Math.floor(grant.expiresAt)),
  }
  for (const [name, value] of Object.entries(grant.facts)) identity[name] = toText(value)
  return identity
}

/** The header field for a name of the identity. */
export const toHeaderName = (prefix: string, name: string): string => `${prefix}${name.replaceAll('_', '-')}`
