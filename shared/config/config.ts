// The configuration that both edges share. It is data: no functions, nothing looked up while it is read, so
// the same file can be bundled, printed or compared. Issuer and audience have no default and no off switch.
// What it must satisfy stands in resolve.ts and beside it; here are its shape and its defaults.

import type {
  CheckedIssuerConfig,
  IntrospectedIssuerConfig,
  IntrospectionConfig,
  OpaqueSettings,
  ResolvedOpaque,
} from './issuers/introspection.ts'
import type { AssertionConfig, ResolvedAssertion, TOKEN_HANDLING } from './edges/assertion.ts'
import type { ClaimCondition, ResolvedConditions } from './conditions.ts'
import type { SecretRef } from '../secrets/secret-ref.ts'
import type { MacAlgorithm, SignatureAlgorithm } from '../token/algorithms.ts'
import type { ProfileName } from '../token/profiles.ts'
import type { ConfigProblem } from './checks.ts'
import type { Profile, ScopePlace } from '../token/profiles/profile.ts'

/**
 * Where the public keys of an issuer come from. Exactly one of the members.
 *
 * - `discovery`: the issuer's metadata names the `jwks_uri`; the document's own `issuer` must be this issuer.
 *   `openid-configuration` is appended to the issuer (OpenID Connect Discovery 1.0 section 4),
 *   `oauth-authorization-server` is put before its path (RFC 8414 section 3). Where the metadata is elsewhere,
 *   `url` is its address, and where it names another issuer (AD FS does), `metadataIssuer` is that one, exactly.
 * - `jwks_uri`: the key set itself (RFC 7517 section 5).
 * - `jwks`: the key set inline. It is never refreshed; changing it takes a deployment.
 * - `jwksSecret`: where a key set is stored, as JSON: a JWK Set of public keys, kept as long as any other secret.
 *
 * `timeoutSeconds`: for one answer, that of metadata and that of a key set each. Default 3 seconds; 0.1 to 5.
 */
export type PublicKeySource =
  | {
      readonly discovery: 'openid-configuration' | 'oauth-authorization-server'
      readonly url?: string
      readonly metadataIssuer?: string
      readonly timeoutSeconds?: number
      readonly jwks_uri?: never
      readonly jwks?: never
      readonly jwksSecret?: never
      readonly secret?: never
    }
  | {
      readonly jwks_uri: string
      readonly timeoutSeconds?: number
      readonly discovery?: never
      readonly jwks?: never
      readonly jwksSecret?: never
      readonly secret?: never
    }
  | {
      readonly jwks: { readonly keys: readonly object[] }
      readonly discovery?: never
      readonly jwks_uri?: never
      readonly jwksSecret?: never
      readonly secret?: never
    }
  | {
      readonly jwksSecret: SecretRef
      readonly discovery?: never
      readonly jwks_uri?: never
      readonly jwks?: never
      readonly secret?: never
    }

/**
 * Where the secret is that an issuer without public keys signs with, and how it is written: as many bytes as the longest
 * hash of `algorithms` has, at least 32. Whoever knows it can make tokens, and so can we.
 */
export interface SharedSecretSource {
  readonly secret: SecretRef
  /** `base64url`: random bytes, without padding. `text`: the issuer signs with its characters as they are. Default: base64url. */
  readonly encoding?: SecretEncoding
  readonly discovery?: never
  readonly jwks_uri?: never
  readonly jwks?: never
  readonly jwksSecret?: never
}

export type SecretEncoding = 'base64url' | 'text'

/** What verifies the tokens of an issuer: public keys or a shared secret, never both. */
export type KeySource = PublicKeySource | SharedSecretSource

/** Algorithms go with the kind of key: HMAC does not exist for public keys, and nothing else for a shared secret. */
type KeysAndAlgorithms =
  | {
      readonly keys: PublicKeySource
      /** Algorithms accepted from this issuer. Default: RS256 alone. */
      readonly algorithms?: readonly SignatureAlgorithm[]
    }
  | { readonly keys: SharedSecretSource; readonly algorithms: readonly MacAlgorithm[] }

/** A member that must be there, with that value if one is given. */
export type MarkConfig =
  | { readonly claim: string; readonly value?: string; readonly header?: never }
  | { readonly header: string; readonly value?: string; readonly claim?: never }

/**
 * A provider that has no profile, described by its operator. The negative marks (docs/decisions.md) hold but for those in
 * `waived`.
 */
export interface CustomProfile {
  /** Accepted `typ` of the header: `at+jwt`, `jwt`...; '' where there is none. */
  readonly typ: readonly string[]
  /** What its access tokens have. All of them must be there, and they must be enough: docs/providers.md. */
  readonly marks: readonly MarkConfig[]
  /** `['nonce']`: its access tokens have one, too. Only where a mark names the kind of the token (`token_use`, `typ`, `tokenName`, `purpose`). */
  readonly waived?: readonly 'nonce'[]
  /** Where scopes stand. */
  readonly scopes: ScopePlace
  /** The claim that names the client. */
  readonly client: string
  /** Any of these makes it a client's own token. Default: `sub` is the client. */
  readonly clientCredentials?: readonly MarkConfig[]
}

interface KeyedIssuerBase extends OpaqueSettings {
  /**
   * The exact `iss` of its tokens: compared character by character (RFC 9068 section 4). https, or http on
   * loopback. `{tenantid}` in it stands for each of `tenants`.
   */
  readonly issuer: string
  /** The client identifiers to accept. Default: any that the issuer knows. */
  readonly clients?: readonly string[]
  /** Where scopes stand, where the profile has a choice. Never more than one place. */
  readonly scopes?: Omit<ScopePlace, 'oneOrList'>
  /** The same for tokens of the client-credentials grant. Default: as the profile says, else `scopes`. */
  readonly clientScopes?: Omit<ScopePlace, 'oneOrList'>
  /** The tenants to accept, where the provider signs for many with the same keys. Only with `{tenantid}` in `issuer`. */
  readonly tenants?: readonly string[]
  /**
   * `issuer` member of the keys that may be used, where it is not spelled as `issuer` is. Default: as `issuer`, and for
   * v1 tokens of Entra's public cloud the issuer of v2 tokens.
   */
  readonly keyIssuer?: string
  /** Allowance for clocks that differ, on `exp`, `nbf` and `iat`. Default 30 seconds, at most 300. */
  readonly clockToleranceSeconds?: number
  /** Longest `exp - iat` accepted; of an answer without `iat`, longest time until `exp`. Default: the profile's, 86 400 seconds (one day) for most. */
  readonly maxLifetimeSeconds?: number
  /** For its opaque tokens, where it has them as well. */
  readonly introspection?: IntrospectionConfig
  readonly check?: never
}

/** An issuer whose JWTs are verified here, by its public keys or by a secret that it shares with us. */
export type KeyedIssuerConfig = KeyedIssuerBase &
  KeysAndAlgorithms &
  (
    | {
        /** Which marks tell its access tokens from everything else it signs: docs/providers.md. */
        readonly profile: ProfileName | CustomProfile
        /** Identifier of this API. One of them must be in `aud`. Compared character by character. */
        readonly audience: string | readonly string[]
      }
    | {
        /** Its access tokens have no `aud`: the client has to be one of `clients`. */
        readonly profile: 'cognito'
        readonly audience?: never
        readonly clients: readonly string[]
      }
  )

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

interface ProtectedRoute {
  readonly scope: ScopeRule
  /** Clients (`client_id`) that may call. Default: all. */
  readonly clients?: readonly string[]
  /** Claims and what each must be: `{ equals }` or `{ oneOf }`, compared exactly; all must hold. */
  readonly claims?: Readonly<Record<string, ClaimCondition>>
  /** Types that must all be in `authorization_details` (RFC 9396). */
  readonly authorizationDetails?: readonly string[]
  /** Authentication contexts, one of which must be the token's `acr` (RFC 9470). */
  readonly acr?: readonly string[]
  /** How long ago the user may have signed in (`auth_time`, RFC 9470). The issuer's clock tolerance is added. */
  readonly maxAgeSeconds?: number
  /** Leaves responses to shared caches as the origin wants it. Default false: they are made private. */
  readonly sharedCaches?: boolean
  /** Refusals are recorded as `would_deny` and not enforced: requests pass, without an identity. Default false. */
  readonly reportOnly?: boolean
}

export type RouteRule =
  | (RouteBase & { readonly public: true; readonly issuer?: never } & {
      readonly [member in keyof ProtectedRoute]?: never
    })
  | (RouteBase & ProtectedRoute & { readonly public?: never })

export interface IdentityConfig {
  /** Prefix of the headers that carry the identity to the origin. Default `x-lanekeeper-`. */
  readonly headerPrefix?: string
  /** Further claims to pass on: the name to give (lower case, digits, `_`) -> the claim. */
  readonly claims?: Readonly<Record<string, string>>
}

/** What the Worker puts requests through to. Exactly one of `url`, `binding` and `sameZone`. */
export type OriginConfig = {
  /**
   * What becomes of the client's Authorization field on a protected route. `strip`: the origin sees the identity, not
   * the token; `forward`: it stays; `replace`: the assertion takes its place. Default `strip`.
   */
  readonly token?: (typeof TOKEN_HANDLING)[number]
  /** A signed statement about each request, in the header `x-lanekeeper-assertion`. Default: none. */
  readonly assertion?: AssertionConfig
  /**
   * Names of header fields that would be removed, because a proxy or framework writes them, and are passed on as the client
   * sent them. Other spellings of them are removed all the same. Default: none.
   */
  readonly keepHeaders?: readonly string[]
} & (
  | { readonly url: string; readonly binding?: never; readonly sameZone?: never }
  | { readonly binding: string; readonly url?: never; readonly sameZone?: never }
  /** The server behind the Worker's own route: the request goes on to the host that the client asked. */
  | { readonly sameZone: true; readonly url?: never; readonly binding?: never }
)

/** A protected resource that this deployment is. RFC 9728. */
export interface ResourceConfig {
  /** Its URL as clients know it, without a query. It must be in the audience of an issuer; every path below its own is part of it. */
  readonly identifier: string
  /** For people. */
  readonly name?: string
  /** URL of a page for developers. */
  readonly documentation?: string
}

/** What scripts of other origins may do. Fetch standard, "HTTP-CORS protocol". */
export interface CorsConfig {
  /** Origins as browsers send them, or `*`. */
  readonly origins: readonly string[] | '*'
  /** `answer`: the Worker answers preflights and sets the CORS headers; `pass`: the origin does. */
  readonly preflight: 'answer' | 'pass'
  /** Request headers that a script may set. Default `authorization` and `content-type`. */
  readonly headers?: readonly string[]
  /** How long a browser may remember the answer. Default 600 seconds. */
  readonly maxAgeSeconds?: number
}

export interface LogConfig {
  /** Key of the names that tokens go by in the log. Default: random, another one in every instance. */
  readonly fingerprintKey?: SecretRef
}

/**
 * What an answer grants, and so what API Gateway may use it for again.
 *
 * - `exact`: the one request asked about. The authorizer's identity sources must be the token, the method and the path.
 * - `table`: every request that the token may make, in one policy. For TOKEN authorizers, and only for routes that
 *   IAM patterns can express; the proof runs at start-up.
 * - `off`: the one request asked about, and the authorizer's result lifetime must be 0.
 */
export type CachingStrategy = 'exact' | 'table' | 'off'

export interface AwsAuthorizerConfig {
  /** Default `exact`. */
  readonly strategy?: CachingStrategy
  /** What an HTTP API with payload 2.0 expects: `simple` where `EnableSimpleResponses` is on, else `policy`. Default `simple`. */
  readonly httpApiResponse?: 'simple' | 'policy'
  /**
   * For how long the gateway keeps an answer: said here so that it can be added up, set in serverless.yml. Without it the
   * lifetime is unknown, and answers of an HTTP API count as kept.
   */
  readonly resultTtlSeconds?: number
  /** Whether a policy that allows ends with the token (`aws:CurrentTime`). A simple answer cannot. Default true. */
  readonly timeCondition?: boolean
  /** Sends the client's identifier as the API key that usage plans count (`ApiKeySourceType: AUTHORIZER`). */
  readonly usageIdentifierKey?: 'client_id'
  /**
   * Where the handshake of a WebSocket API carries the token: the Authorization field, the element after `bearer` in
   * Sec-WebSocket-Protocol, or a query parameter, which ends up in logs. Default `header`.
   */
  readonly webSocketToken?: 'header' | 'protocol' | { readonly query: string }
}

export interface AwsConfig extends AwsAuthorizerConfig {
  /** Settings of single functions, by the name in their `LANEKEEPER_AUTHORIZER`, over the ones beside this. */
  readonly authorizers?: Readonly<Record<string, AwsAuthorizerConfig>>
}

export interface Limits {
  /** Longest token read. Default 8 192 bytes. */
  readonly maxTokenBytes: number
  /** Longest path matched. Default 4 096 bytes. */
  readonly maxPathBytes: number
  /** Deepest nesting of objects and arrays in a header or claims set. Default 16. */
  readonly maxJsonDepth: number
  /** Most that may be held in memory about tokens that were verified before. Default 16 777 216 bytes; 0: nothing is. */
  readonly tokenMemoryBytes: number
}

/** Members of an issuer that a stage replaces, each as a whole. */
export type IssuerOverrides =
  | Partial<KeyedIssuerConfig>
  | Partial<IntrospectedIssuerConfig>
  | Partial<CheckedIssuerConfig>

/** What a deployment stage may change: where tokens come from and where requests go, never what a route demands. */
export interface StageOverrides {
  readonly issuers?: Readonly<Record<string, IssuerOverrides>>
  readonly resources?: readonly ResourceConfig[]
  readonly origin?: OriginConfig
  readonly aws?: AwsConfig
  readonly cors?: CorsConfig
  readonly reportOnly?: boolean
  readonly publicUrls?: readonly string[]
}

export interface LanekeeperConfig {
  /** By a name of your choice, which stands in logs and in the identity passed on. */
  readonly issuers: Readonly<Record<string, IssuerConfig>>
  readonly routes: readonly RouteRule[]
  readonly identity?: IdentityConfig
  /** Resources, for discovery. Tokens for their routes must be for the resource. The Worker serves the metadata. */
  readonly resources?: readonly ResourceConfig[]
  readonly log?: LogConfig
  /** For browsers; the Worker only. Default: nothing, and `OPTIONS` is a method like any other. */
  readonly cors?: CorsConfig
  /** Adds a `Server-Timing` header to responses of the Worker. Default false. */
  readonly serverTiming?: boolean
  /** Needed by the Worker only. */
  readonly origin?: OriginConfig
  readonly aws?: AwsConfig
  /** `realm` of the challenges. Default `api`. */
  readonly realm?: string
  /**
   * The origins under which clients know this API, as in `https://api.example.com`. A request for another host is 421, and the
   * origin is told the entry. API Gateway routes by host itself. Default: every host is ours.
   */
  readonly publicUrls?: readonly string[]
  readonly limits?: Partial<Limits>
  /** No refusal is enforced, on no route and where no rule covers the request: for a trial. Default false. */
  readonly reportOnly?: boolean
  /** Stages that `LANEKEEPER_STAGE` may name, each with what it changes. */
  readonly stages?: Readonly<Record<string, StageOverrides>>
}

/** Every default there is. Seconds, milliseconds and bytes as the names say. */
export const DEFAULTS = {
  algorithms: ['RS256'],
  clockToleranceSeconds: 30,
  headerPrefix: 'x-lanekeeper-',
  strategy: 'exact',
  httpApiResponse: 'simple',
  cacheSeconds: 60,
  timeoutSeconds: 2,
  keys: { timeoutSeconds: 3 },
  response: 'json',
  marks: ['token_type'],
  withoutSub: 'refuse',
  token: 'strip',
  lifetimeSeconds: 30,
  timeCondition: true,
  webSocketToken: 'header',
  realm: 'api',
  headers: ['authorization', 'content-type'],
  serverTiming: false,
  sharedCaches: false,
  reportOnly: false,
  limits: {
    maxTokenBytes: 8_192,
    maxPathBytes: 4_096,
    maxJsonDepth: 16,
    tokenMemoryBytes: 16_777_216, // an eighth of a Worker's isolate
  },
} as const satisfies Omit<ResolvedAuthorizer, 'usageIdentifierKey' | 'resultTtlSeconds'> & {
  algorithms: readonly SignatureAlgorithm[]
  limits: Limits
  [name: string]: unknown
}

/** Types the configuration and returns it as it is. Checking it is `resolveConfig`'s work, at start-up. */
export const defineConfig = (config: LanekeeperConfig): LanekeeperConfig => config

/** A key source with its addresses worked out. */
export type ResolvedKeySource =
  | {
      readonly discovery: 'openid-configuration' | 'oauth-authorization-server'
      readonly url: string
      readonly metadataIssuer: string
      readonly jwks_uri?: never
      readonly jwks?: never
      readonly jwksSecret?: never
    }
  | Exclude<PublicKeySource, { readonly discovery: string }>

/** Public keys, and algorithms for them. */
export interface ResolvedPublicKeys {
  readonly source: ResolvedKeySource
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  /** For one answer. */
  readonly timeoutMs: number
  readonly secret?: never
}

/** A shared secret, and algorithms for it. No table, type or key is common to the two. */
export interface ResolvedSharedSecret {
  readonly secret: SecretRef
  readonly encoding: SecretEncoding
  readonly algorithms: ReadonlySet<MacAlgorithm>
  readonly source?: never
}

export type ResolvedKeys = ResolvedPublicKeys | ResolvedSharedSecret

/** What a key's own `issuer` member has to be, where the provider signs for many tenants. */
export interface KeyOwner {
  readonly issuers: readonly string[]
  /** Whether a key without that member may be used. */
  readonly mayBeUnstated: boolean
}

/** One `iss` that tokens may come from. Several of them may share a name, and then share one key store. */
export interface ResolvedIssuer {
  readonly name: string
  /** What the identity calls it: the name, with `/` and the tenant where there are several. */
  readonly label: string
  readonly issuer: string
  /** Empty where tokens have no `aud`; then `clients` is not `null`. */
  readonly audiences: ReadonlySet<string>
  readonly clients: ReadonlySet<string> | null
  readonly profile: Profile
  readonly scopes: { readonly user: ScopePlace; readonly client: ScopePlace }
  /** The claim that identifies a user. */
  readonly principal: string
  /** What the tenant claim must be, where the profile has one. */
  readonly tenant: string | null
  readonly keyOwner: KeyOwner | null
  readonly keys: ResolvedKeys
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
  readonly conditions: ResolvedConditions
  /** Every resource that a path of this rule may belong to: the token has to be for the one it does belong to. */
  readonly resources: readonly ResolvedResource[]
  /** Shared caches may keep what the origin lets them keep. */
  readonly sharedCaches: boolean
  /** Refusals are recorded, not enforced. */
  readonly reportOnly: boolean
}

export interface ResolvedResource {
  readonly identifier: string
  /** Path of the identifier; `''` for the whole host. */
  readonly path: string
  readonly metadataUrl: string
  /** Exact `iss` of the issuers that issue tokens for it. */
  readonly authorizationServers: readonly string[]
  readonly name: string | null
  readonly documentation: string | null
}

export interface ResolvedOrigin {
  readonly url: string | null
  readonly binding: string | null
  readonly sameZone: boolean
  readonly token: (typeof TOKEN_HANDLING)[number]
  readonly assertion: ResolvedAssertion | null
  /** In lower case. */
  readonly keepHeaders: ReadonlySet<string>
}

export interface ResolvedAuthorizer {
  readonly strategy: CachingStrategy
  readonly httpApiResponse: 'simple' | 'policy'
  /** `null`: unknown. */
  readonly resultTtlSeconds: number | null
  readonly timeCondition: boolean
  readonly usageIdentifierKey: 'client_id' | null
  readonly webSocketToken: 'header' | 'protocol' | { readonly query: string }
}

/** The configuration of one stage, complete and checked. */
export interface ResolvedConfig {
  /** By exact `iss`. */
  readonly issuers: ReadonlyMap<string, ResolvedIssuer>
  readonly routes: readonly ResolvedRoute[]
  readonly resources: readonly ResolvedResource[]
  readonly identity: { readonly headerPrefix: string; readonly claims: Readonly<Record<string, string>> }
  readonly origin: ResolvedOrigin | null
  /** Public origins by host and port, as `URL` writes them; empty where every host is ours. */
  readonly publicUrls: ReadonlyMap<string, string>
  readonly cors: {
    readonly origins: ReadonlySet<string> | '*'
    readonly preflight: 'answer' | 'pass'
    readonly headers: readonly string[]
    readonly maxAgeSeconds: number
  } | null
  readonly serverTiming: boolean
  readonly log: { readonly fingerprintKey: SecretRef | null }
  /** Of the function that this is; and of every one, by name. */
  readonly aws: ResolvedAuthorizer & { readonly authorizers: ReadonlyMap<string, ResolvedAuthorizer> }
  readonly realm: string
  /** As on a route, for everything. */
  readonly reportOnly: boolean
  readonly limits: Limits
  /** What should be changed, though it can be used. */
  readonly warnings: readonly ConfigProblem[]
}
