// What may be shown of a token: the values of iss, aud, exp, nbf, iat, the client, the scopes, and the claims that a
// rule of the matched route names. Of everything else the name alone.

import { isJsonObject, type JsonObject } from '../../shared/edge.ts'
import type { Facts, Issuer } from './facts.ts'

type ScopeClaim = Issuer['scopes']['user']

const own = (claims: JsonObject, name: string): unknown =>
  Object.hasOwn(claims, name) ? claims[name] : undefined

const isText = (value: unknown): value is string => typeof value === 'string'

/** Longer values are cut: no rule compares so much. */
const MAX_CHARS = 200

const cut = (text: string): string => (text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}...` : text)

/** A text, number or boolean, or a list of them; anything else by its form alone. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'absent'
  if (isText(value)) return cut(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value))
    return value.every((item) => isText(item) || typeof item === 'number' || typeof item === 'boolean')
      ? cut(`[${value.join(', ')}]`)
      : 'a list of something else than texts'
  return 'an object'
}

export const issOf = ({ claims }: Facts): string => showValue(own(claims, 'iss'))

export const audiencesOf = ({ claims }: Facts): readonly string[] => {
  const aud = own(claims, 'aud')
  return (Array.isArray(aud) ? aud : [aud]).filter(isText)
}

export const showAudience = ({ claims }: Facts): string => showValue(own(claims, 'aud'))

/** Seconds since the epoch; `undefined`: the claim is absent or no time. */
export function timeOf({ claims }: Facts, name: 'exp' | 'nbf' | 'iat'): number | undefined {
  const value = own(claims, name)
  return typeof value === 'number' && Math.abs(value) <= 8_640_000_000_000 ? value : undefined
}

const clientClaim = (facts: Facts): string =>
  facts.traced.token?.issuer.profile.client ?? facts.issuer?.profile.client ?? 'client_id'

export const showClient = (facts: Facts): string => showValue(own(facts.claims, clientClaim(facts)))

/** Members of a path, from the outermost. */
const pathOf = ({ claim }: ScopeClaim): readonly string[] => (isText(claim) ? [claim] : claim)

export const nameOfClaim = (scope: ScopeClaim): string => pathOf(scope).join('.')

/** Where the scopes of this token are read. */
export function scopeClaimOf({ traced, issuer, claims }: Facts): ScopeClaim | undefined {
  const scopes = traced.token?.issuer.scopes ?? issuer?.scopes
  if (scopes === undefined) return undefined
  const kind = traced.context?.grant?.principal.kind
  if (kind !== undefined) return kind === 'client' ? scopes.client : scopes.user
  return pathOf(scopes.user)[0]! in claims ? scopes.user : scopes.client
}

const valueAt = (claims: JsonObject, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (isJsonObject(at) ? own(at, name) : undefined), claims)

export function showScopes(facts: Facts): string {
  const { grant } = facts.traced.context ?? {}
  if (grant) return grant.scopes.length === 0 ? 'none' : grant.scopes.join(' ')
  const claim = scopeClaimOf(facts)
  return claim === undefined ? 'not known' : showValue(valueAt(facts.claims, pathOf(claim)))
}

/** A claim in which the words of a scope stand. */
export interface Elsewhere {
  readonly path: readonly string[]
  readonly shape: 'string' | 'list'
}

const MAX_DEPTH = 4

/** The claims, other than the one that is read, that have all of the scopes. */
export function findScopes(
  claims: JsonObject,
  wanted: readonly string[],
  read: string,
  path: readonly string[] = [],
): readonly Elsewhere[] {
  if (path.length >= MAX_DEPTH) return []
  return Object.entries(claims).flatMap(([name, value]): readonly Elsewhere[] => {
    const at = [...path, name]
    if (isJsonObject(value)) return findScopes(value, wanted, read, at)
    if (at.join('.') === read) return []
    const words = isText(value) ? value.split(' ') : Array.isArray(value) ? value : []
    return wanted.every((scope) => words.includes(scope))
      ? [{ path: at, shape: isText(value) ? 'string' : 'list' }]
      : []
  })
}

/** A claim that the matched route names. */
export const showNamed = ({ claims }: Facts, name: string): string => showValue(own(claims, name))

/** The types in `authorization_details`; nothing else of it. */
export function showDetailTypes({ claims }: Facts): string {
  const details = own(claims, 'authorization_details')
  if (details === undefined) return 'absent'
  if (!Array.isArray(details)) return 'no list'
  return `[${details.map((one) => (isJsonObject(one) && isText(one['type']) ? cut(one['type']) : 'without a type')).join(', ')}]`
}

/** Claims whose values are shown somewhere, or that carry them. */
export const KNOWN_CLAIMS: readonly string[] = ['iss', 'aud', 'exp', 'nbf', 'iat']

const MAX_NAMES = 40

/** Names of all other claims. */
export function otherClaims(facts: Facts): readonly string[] {
  const read = scopeClaimOf(facts)
  const shown = [...KNOWN_CLAIMS, clientClaim(facts), ...(read === undefined ? [] : [pathOf(read)[0]])]
  const names = Object.keys(facts.claims).filter((name) => !shown.includes(name))
  return names.length > MAX_NAMES
    ? [...names.slice(0, MAX_NAMES).map(cut), `${names.length - MAX_NAMES} more`]
    : names.map(cut)
}
