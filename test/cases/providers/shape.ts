// What a provider's tokens look like, as data: header and claims without `iss`, `iat` and `exp`, which the test
// issuer fills in. Claims that carry no meaning here are left out.

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
  /** Path of `iss` on the test server. */
  readonly path: string
  /** Path of the `iss` of its ID tokens, where that is another. */
  readonly idTokenPath?: string
  readonly config: Settings<IssuerConfig>
  /** Grants `read` (and what `grants` says besides), to the user `user-1` through the client `client-1`. */
  readonly access: TokenShape
  /** The scopes of the access token and of the client's own. */
  readonly grants: string
  /** What makes it a token of the client itself; `null`: the profile takes none. */
  readonly clientsOwn: Members | null
  /** As issued, `nonce` and all. */
  readonly idToken: TokenShape
  /** Verdict on an ID token that is like the access token in `typ` and `aud`, and has none of the hashes nor a nonce. */
  readonly bareIdToken: 'id_token' | 'token_kind_unproven'
  /** Each takes away one positive mark. */
  readonly unmarked: Readonly<Record<string, { readonly header?: Members; readonly claims?: Members }>>
  /** `typ` values that are not its access tokens'. */
  readonly otherTypes: readonly unknown[]
  /** Claims that hold the scopes given. */
  readonly scopes: (...words: string[]) => Members
  /** The scopes in another shape than the one configured. */
  readonly otherShape: Members
  /** The scopes where they do not count, and what comes of it. */
  readonly elsewhere: readonly (readonly [Members, 'insufficient_scope' | 'token_kind_unproven'])[]
  /** Change that names another audience (or client, where there is no audience). */
  readonly foreign: Members
  readonly foreignCode: 'audience_mismatch' | 'client_mismatch'
  /** Whether access tokens may have a nonce. */
  readonly mayHaveNonce?: true
  /** Other spellings of `iss`, from its own. */
  readonly misspelled: readonly ((issuer: string) => string)[]
}

export const addSlash = (issuer: string): string => `${issuer}/`
export const dropSlash = (issuer: string): string => issuer.slice(0, -1)
export const inUpperCase = (issuer: string): string => issuer.toUpperCase()

/** `scope` as one string. */
export const scopeString = (...words: string[]): Members => ({ scope: words.join(' ') })

/** One change for each claim, which takes it out. */
export const without = (...names: string[]): ProviderShape['unmarked'] =>
  Object.fromEntries(names.map((name) => [`no ${name}`, { claims: { [name]: undefined } }]))
