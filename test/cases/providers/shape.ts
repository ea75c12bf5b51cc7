// The tokens of a provider, as data: header and claims without `iss`, `iat` and `exp`, which the test issuer fills in.
// Claims without a meaning here are left out.

import type { IssuerConfig } from '../../../shared/index.ts'
import type { Members } from '../../support/test-issuer.ts'

export const API = 'https://api.provider.example'

export interface TokenShape {
  readonly header: Members
  readonly claims: Members
}

type Settings<T> = T extends unknown ? Omit<T, 'issuer' | 'keys'> : never

export interface ProviderShape {
  /** Name of the issuer in the configuration of the case world. */
  readonly id: string
  /** Path of its `iss` on the test server. */
  readonly path: string
  /** Path of the `iss` of its ID tokens, if it is another one. */
  readonly idTokenPath?: string
  readonly config: Settings<IssuerConfig>
  /** A token that grants `read` (and what `grants` has besides) to the user `user-1` through the client `client-1`. */
  readonly access: TokenShape
  /** The scopes of the access token and of the client credentials token. */
  readonly grants: string
  /** The change that makes it a client credentials token; `null`: the profile accepts no such token. */
  readonly clientsOwn: Members | null
  /** An ID token as issued, with its `nonce`. */
  readonly idToken: TokenShape
  /** Verdict on an ID token that has the `typ` and `aud` of the access token, no hashes and no nonce. */
  readonly bareIdToken: 'id_token' | 'token_kind_unproven'
  /** Changes that each remove one piece of evidence of an access token. */
  readonly withoutEvidence: Readonly<Record<string, { readonly header?: Members; readonly claims?: Members }>>
  /** `typ` values of other kinds of token. */
  readonly otherTypes: readonly unknown[]
  /** Claims with the given scopes. */
  readonly scopes: (...words: string[]) => Members
  /** The scopes in a shape that the configuration does not expect. */
  readonly otherShape: Members
  /** The scopes in claims that are not the scope claim, and the verdict. */
  readonly elsewhere: readonly (readonly [Members, 'insufficient_scope' | 'token_kind_unproven'])[]
  /** Change to another audience (or another client, if the profile checks the client). */
  readonly otherAudience: Members
  readonly otherAudienceCode: 'audience_mismatch' | 'client_mismatch'
  /** Whether the provider's access tokens may have a nonce. */
  readonly mayHaveNonce?: true
  /** Functions that turn `iss` into other spellings of it. */
  readonly misspelled: readonly ((issuer: string) => string)[]
}

export const addSlash = (issuer: string): string => `${issuer}/`
export const dropSlash = (issuer: string): string => issuer.slice(0, -1)
export const inUpperCase = (issuer: string): string => issuer.toUpperCase()

/** `scope` as one string. */
export const scopeString = (...words: string[]): Members => ({ scope: words.join(' ') })

/** One change for each claim, which removes it. */
export const without = (...names: string[]): ProviderShape['withoutEvidence'] =>
  Object.fromEntries(names.map((name) => [`no ${name}`, { claims: { [name]: undefined } }]))
