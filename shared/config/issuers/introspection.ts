// The shape of what is said about tokens that only their issuer can read: how the issuer is asked, and how long
// what it said is good for. Data only; opaque-checks.ts holds it to its rules.

import type { Provider } from '../../introspection/providers/index.ts'
import type { ClientAuthentication } from '../../introspection/secret-use.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'

/** An endpoint, either as it is or as the issuer's metadata names it. Exactly one of the members. */
export type EndpointSource =
  | { readonly endpoint: string; readonly discovery?: never }
  | {
      readonly discovery: 'openid-configuration' | 'oauth-authorization-server'
      readonly endpoint?: never
    }

interface Memory {
  /** Longest time an answer is remembered: how late a revocation may be seen. Default 60 seconds, at most 3 600. */
  readonly cacheSeconds?: number
  /** How long one answer is waited for. Default 2 seconds, 0.1 to 5. */
  readonly timeoutSeconds?: number
}

/** Token introspection (RFC 7662), with JSON answers or signed ones (RFC 9701). */
export type IntrospectionConfig = EndpointSource &
  Memory & {
    /** How Lanekeeper proves to the issuer who is asking. RFC 7662 section 2.1, RFC 6749 section 2.3.1, RFC 7523. */
    readonly authentication: ClientAuthentication
    /** Our client_id at the issuer. `bearer` needs none, unless answers are signed: then they are addressed to it. */
    readonly clientId?: string
    /** The client secret, the bearer token, or the private JWK, as `authentication` says. */
    readonly secret: SecretRef
    /** `jwt`: only signed answers are believed; the issuer's `keys` verify them. Default `json`. */
    readonly response?: 'json' | 'jwt'
    /** What becomes of its JWTs. Default `verify` with the issuer's `keys`; without `keys`, `introspect`. */
    readonly jwt?: 'verify' | 'introspect'
    /** Members that an answer about an access token has and one about anything else has not. Default `['token_type']`. */
    readonly marks?: readonly string[]
    /** What a token is whose answer has no `sub`: nobody's, or its client's own. Default `refuse`. */
    readonly withoutSub?: 'refuse' | 'client'
    /** Clients whose tokens are for this API. What an answer without `aud` is judged by; it is refused without. */
    readonly clients?: readonly string[]
  }

/** A provider's own way to ask about a token, where there is no introspection. */
export interface CheckConfig extends Memory {
  readonly provider: Provider
  /** Our app at the provider (client id, app id, application uid): tokens of other apps are refused. */
  readonly clientId: string | readonly string[]
  /** The app's secret. GitHub and Facebook only. */
  readonly secret?: SecretRef
  /** Default: the provider's public API. For enterprise hosts. */
  readonly baseUrl?: string
}

/** Asking the issuer who the user is, where the token does not say (OpenID Connect Core 1.0 section 5.3). */
export type UserinfoConfig = EndpointSource &
  Memory & {
    /** The claim without which no request passes. `/userinfo` is asked only where the token does not have it. */
    readonly claim: string
  }

/** What any issuer may say besides. */
export interface OpaqueSettings {
  /** Beginnings by which its opaque tokens are known. Needed where more than one issuer has opaque tokens. */
  readonly prefix?: string | readonly string[]
  readonly userinfo?: UserinfoConfig
  /** The claim that identifies a user. `email` counts only if the issuer has verified it. Default: the profile's, else `sub`. */
  readonly principal?: { readonly claim: string }
  readonly clockToleranceSeconds?: number
}

/** An issuer whose tokens are all read by introspection. */
export interface IntrospectedIssuerConfig extends OpaqueSettings {
  readonly issuer: string
  readonly audience: string | readonly string[]
  readonly introspection: IntrospectionConfig
  readonly check?: never
  readonly keys?: never
  readonly profile?: never
  readonly algorithms?: never
  /** Longest life of a token, where the answer has `exp`: from `iat`, or what is left of it. Default 86 400 seconds. */
  readonly maxLifetimeSeconds?: number
}

/** A provider that is asked in its own way. Its audience is the app, `check.clientId`. */
export interface CheckedIssuerConfig extends OpaqueSettings {
  /** What to call it in `iss`. Default: the base URL of the check. */
  readonly issuer?: string
  readonly check: CheckConfig
  readonly audience?: never
  readonly introspection?: never
  readonly keys?: never
  readonly profile?: never
  readonly algorithms?: never
  readonly maxLifetimeSeconds?: never
}

interface ResolvedMemory {
  readonly cacheSeconds: number
  readonly timeoutMs: number
}

export interface ResolvedIntrospection extends ResolvedMemory {
  readonly kind: 'introspection'
  readonly source: EndpointSource
  readonly authentication: ClientAuthentication
  readonly clientId: string
  readonly secret: SecretRef
  readonly response: 'json' | 'jwt'
  readonly marks: readonly string[]
  readonly withoutSub: 'refuse' | 'client'
  /** `null`: the audience alone decides. */
  readonly clients: ReadonlySet<string> | null
}

export interface ResolvedCheck extends ResolvedMemory {
  readonly kind: 'check'
  readonly provider: Provider
  readonly clientId: string
  readonly secret: SecretRef | null
  readonly baseUrl: string
}

export interface ResolvedUserinfo extends ResolvedMemory {
  readonly source: EndpointSource
  readonly claim: string
}

/** What an issuer says about tokens that only it can read. */
export interface ResolvedOpaque {
  readonly reader: ResolvedIntrospection | ResolvedCheck | null
  readonly prefixes: readonly string[]
  readonly userinfo: ResolvedUserinfo | null
  /** What becomes of JWTs that name this issuer. */
  readonly jwt: 'verify' | 'introspect' | 'refuse'
}
