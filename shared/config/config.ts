// The configuration that both edges share. It is data: no functions, nothing looked up while it is read, so
// the same file can be bundled, printed or compared. Issuer and audience have no default and no off switch.
// What it must satisfy stands in resolve.ts and beside it; here are its shape and its defaults.

import type {
  CheckedIssuerConfig,
  IntrospectedIssuerConfig,
  IntrospectionConfig,
  OpaqueSettings,
  ResolvedOpaque,
} from './opaque.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import type { ProfileName } from '../token/profiles.ts'

/**
 * Where the public keys of an issuer come from. Exactly one of the members.
 *
 * - `discovery`: the issuer's metadata names the `jwks_uri`; the document's own `issuer` must be this issuer.
 *   `openid-configuration` is appended to the issuer (OpenID Connect Discovery 1.0 section 4),
 *   `oauth-authorization-server` is put before its path (RFC 8414 section 3).
 * - `jwks_uri`: the key set itself (RFC 7517 section 5).
 * - `jwks`: the key set inline. It is never refreshed; changing it takes a deployment.
 */
export type KeySource =
  | {
      readonly discovery: 'openid-configuration' | 'oauth-authorization-server'
      readonly jwks_uri?: never
      readonly jwks?: never
    }
  | { readonly jwks_uri: string; readonly discovery?: never; readonly jwks?: never }
  | {
      readonly jwks: { readonly keys: readonly object[] }
      readonly discovery?: never
      readonly jwks_uri?: never
    }

/** An issuer that publishes keys: its JWTs are verified here. */
export interface KeyedIssuerConfig extends OpaqueSettings {
  /** The exact `iss` of its tokens: compared character by character (RFC 9068 section 4). https, or http on loopback. */
  readonly issuer: string
  /** Identifier of this API. One of them must be in `aud`. Compared character by character. */
  readonly audience: string | readonly string[]
  /** Which marks tell its access tokens from everything else it signs. `rfc9068`: `typ` `at+jwt`, `client_id`, `jti`. */
  readonly profile: ProfileName
  readonly keys: KeySource
  /** Algorithms accepted from this issuer. Default: RS256 alone. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** Allowance for clocks that differ, on `exp`, `nbf` and `iat`. Default 30 seconds, at most 300. */
  readonly clockToleranceSeconds?: number
  /** Longest `exp - iat` accepted. Default 86 400 seconds (one day). */
  readonly maxLifetimeSeconds?: number
  /** For its opaque tokens, where it has them as well. */
  readonly introspection?: IntrospectionConfig
  readonly check?: never
}

/** One issuer whose access tokens are accepted: by its keys, by asking it, or both. */
export type IssuerConfig = KeyedIssuerConfig | IntrospectedIssuerConfig | CheckedIssuerConfig

/**
 * Scopes a route demands. `allOf`: every one of them; `anyOf`: at least one; both: both must hold.
 * A route that demands no scope says `'none'`, so that leaving it out by mistake is an error.
 */
export type ScopeRule = { readonly allOf?: readonly string[]; readonly anyOf?: readonly string[] } | 'none'

interface RouteBase {
  /** A path template: literal segments, `{name}` for one segment, `{name+}` for the rest. `$connect` for a WebSocket API. */
  readonly path: string
  /** Methods in upper case. `GET` covers `HEAD`. `OPTIONS` is refused unless listed. */
  readonly methods: readonly string[]
  /** Name of the only issuer whose tokens are taken here. Default: all of them. */
  readonly issuer?: string
}

export type RouteRule =
  | (RouteBase & { readonly public: true; readonly scope?: never; readonly issuer?: never })
  | (RouteBase & { readonly scope: ScopeRule; readonly public?: never })

export interface IdentityConfig {
  /** Prefix of the headers that carry the identity to the origin. Default `x-lanekeeper-`. */
  readonly headerPrefix?: string
  /** Further claims to pass on: the name to give (lower case, digits, `_`) -> the claim. */
  readonly claims?: Readonly<Record<string, string>>
}

/** What the Worker puts requests through to. Exactly one of `url` and `binding`. */
export type OriginConfig = {
  /** Leaves the client's Authorization field in place. Default false: the origin sees the identity, not the token. */
  readonly forwardToken?: boolean
} & ({ readonly url: string; readonly binding?: never } | { readonly binding: string; readonly url?: never })

export interface AwsConfig {
  /** What an HTTP API with payload 2.0 expects: `simple` where `EnableSimpleResponses` is on, else `policy`. Default `simple`. */
  readonly httpApiResponse?: 'simple' | 'policy'
  /** For how long the gateway keeps an answer: said here so that it can be added up, set in serverless.yml. Default 0. */
  readonly resultTtlSeconds?: number
}

export interface Limits {
  /** Longest token read. Default 8 192 bytes. */
  readonly maxTokenBytes: number
  /** Longest path matched. Default 4 096 bytes. */
  readonly maxPathBytes: number
  /** Deepest nesting of objects and arrays in a header or claims set. Default 16. */
  readonly maxJsonDepth: number
}

/** Members of an issuer that a stage replaces, each as a whole. */
export type IssuerOverrides =
  Partial<KeyedIssuerConfig> | Partial<IntrospectedIssuerConfig> | Partial<CheckedIssuerConfig>

/** What a deployment stage may change: where tokens come from and where requests go, never what a route demands. */
export interface StageOverrides {
  readonly issuers?: Readonly<Record<string, IssuerOverrides>>
  readonly origin?: OriginConfig
  readonly aws?: AwsConfig
}

export interface LanekeeperConfig {
  /** By a name of your choice, which stands in logs and in the identity passed on. */
  readonly issuers: Readonly<Record<string, IssuerConfig>>
  readonly routes: readonly RouteRule[]
  readonly identity?: IdentityConfig
  /** Needed by the Worker only. */
  readonly origin?: OriginConfig
  readonly aws?: AwsConfig
  /** `realm` of the challenges. Default `api`. */
  readonly realm?: string
  readonly limits?: Partial<Limits>
  /** Stages that `LANEKEEPER_STAGE` may name, each with what it changes. */
  readonly stages?: Readonly<Record<string, StageOverrides>>
}

/** Every default there is. Seconds, milliseconds and bytes as the names say. */
export const DEFAULTS = {
  algorithms: ['RS256'],
  clockToleranceSeconds: 30,
  maxLifetimeSeconds: 86_400,
  headerPrefix: 'x-lanekeeper-',
  httpApiResponse: 'simple',
  resultTtlSeconds: 0,
  cacheSeconds: 60,
  timeoutSeconds: 2,
  response: 'json',
  marks: ['token_type'],
  forwardToken: false,
  realm: 'api',
  limits: { maxTokenBytes: 8_192, maxPathBytes: 4_096, maxJsonDepth: 16 },
} as const satisfies {
  algorithms: readonly SignatureAlgorithm[]
  limits: Limits
  httpApiResponse: AwsConfig['httpApiResponse']
  [name: string]: unknown
}

/** Types the configuration and returns it as it is. Checking it is `resolveConfig`'s work, at start-up. */
export const defineConfig = (config: LanekeeperConfig): LanekeeperConfig => config

export interface ResolvedIssuer {
  readonly name: string
  readonly issuer: string
  readonly audiences: ReadonlySet<string>
  readonly profile: ProfileName
  readonly keys: KeySource
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly clockToleranceSeconds: number
  readonly maxLifetimeSeconds: number
  readonly opaque: ResolvedOpaque
}

export interface ResolvedRoute {
  readonly path: string
  readonly methods: readonly string[]
  /** `GET,POST /path/template`: what reports call this rule. */
  readonly name: string
  /** `null`: the route is public. */
  readonly demand: { readonly allOf: readonly string[]; readonly anyOf: readonly string[] } | null
  /** Name of the only issuer whose tokens are taken; `null`: all of them. */
  readonly issuer: string | null
}

export interface ResolvedOrigin {
  readonly url: string | null
  readonly binding: string | null
  readonly forwardToken: boolean
}

/** The configuration of one stage, complete and checked. */
export interface ResolvedConfig {
  /** By exact `iss`. */
  readonly issuers: ReadonlyMap<string, ResolvedIssuer>
  readonly routes: readonly ResolvedRoute[]
  readonly identity: { readonly headerPrefix: string; readonly claims: Readonly<Record<string, string>> }
  readonly origin: ResolvedOrigin | null
  readonly aws: { readonly httpApiResponse: 'simple' | 'policy'; readonly resultTtlSeconds: number }
  readonly realm: string
  readonly limits: Limits
}
