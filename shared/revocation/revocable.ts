// The entries that would refuse a token: one key for each kind that the token can be revoked by. Reads verified claims
// alone. A claim that is absent, or no string, gives no key.

import type { ResolvedIssuer } from '../config/config.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'
import type { EntryKey, RevocationKind } from './entry.ts'
import type { EntryKeys } from './entry-keys.ts'

/**
 * The part of a token that identifies it: of a JWT the signing input, because an ECDSA signature has a second spelling
 * (RFC 7515 section 5.1); of an opaque token all of it.
 */
export const revocableText = (token: string): string =>
  isJwtShaped(token) ? token.slice(0, token.lastIndexOf('.')) : token

export interface RevocableName {
  readonly kind: RevocationKind
  readonly id: string
}

const toText = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : Number.isSafeInteger(value) ? String(value) : null

/** The methods by which `cnf` names a key. */
const CONFIRMATIONS = ['jkt', 'x5t#S256'] as const

function keysIn(cnf: unknown): readonly unknown[] {
  return isJsonObject(cnf) ? CONFIRMATIONS.map((name) => member(cnf, name)) : []
}

/** Where the claims of an issuer's tokens are. */
type ClaimNames = Pick<ResolvedIssuer, 'principal'> & {
  readonly profile: Pick<ResolvedIssuer['profile'], 'client' | 'tokenId' | 'tenant' | 'session'>
}

/** Every name by which a token can be revoked, besides `token`. */
export function namesOf(claims: JsonObject, { profile, principal }: ClaimNames): readonly RevocableName[] {
  const values: readonly (readonly [RevocationKind, unknown])[] = [
    ['jti', member(claims, profile.tokenId ?? 'jti')],
    ['sid', profile.session === undefined ? undefined : member(claims, profile.session)],
    ['sub', member(claims, 'sub')],
    ['sub', principal === 'sub' ? undefined : member(claims, principal)],
    ['client', member(claims, profile.client) ?? member(claims, 'client_id') ?? member(claims, 'azp')],
    ['tenant', profile.tenant === undefined ? undefined : member(claims, profile.tenant)],
    ...keysIn(member(claims, 'cnf')).map((value) => ['key', value] as const),
  ]
  return [
    { kind: 'issuer', id: '' },
    ...values.flatMap(([kind, value]) => {
      const id = toText(value)
      return id === null ? [] : [{ kind, id }]
    }),
  ]
}

/** What the check needs of a token. It is the same for every request with the token. */
export interface Revocable {
  readonly keys: readonly EntryKey[]
  /** The kind of each key. */
  readonly kinds: readonly RevocationKind[]
  /** `null`: the token has none, so every epoch covers it. */
  readonly iat: number | null
  /** What a reader has found last, and in which state of its memory. */
  finding: Finding | undefined
}

/** Of the entries about a token the one with the latest `notBefore`. */
export interface Strictest {
  /** 0: there is no entry. */
  readonly notBefore: number
  /** The index of its key. */
  readonly index: number
}

interface Finding {
  readonly revision: number
  readonly strictest: Strictest
}

export function toRevocable(
  token: string,
  claims: JsonObject,
  issuer: ClaimNames & Pick<ResolvedIssuer, 'issuer'>,
  { keyOf, digestOf }: EntryKeys,
): Revocable {
  const iat = member(claims, 'iat')
  const names = [{ kind: 'token' as const, id: digestOf(revocableText(token)) }, ...namesOf(claims, issuer)]
  return {
    keys: names.map(({ kind, id }) => keyOf(kind, issuer.issuer, id)),
    kinds: names.map(({ kind }) => kind),
    iat: typeof iat === 'number' ? iat : null,
    finding: undefined,
  }
}
