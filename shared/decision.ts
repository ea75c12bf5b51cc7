// The interface of an authorizer: requests in, decisions out. A denial is a value, no exception.

import type { ResolvedConfig, ResolvedRoute } from './config/config.ts'
import type { FailureCode, FailureDetail } from './failures/failure.ts'
import type { WaitUntil } from './platform/ports.ts'
import type { Receiver } from './revocation/receiver.ts'

/** The parts of a request that a decision needs. An edge copies them from the request and adds nothing of its own. */
export interface AuthorizationRequest {
  /** The method on the wire; override headers are not consulted. */
  readonly method: string
  /** The path as received, percent-encoding kept, without the query; or `$connect` for a WebSocket API. */
  readonly path: string
  /**
   * Scheme, host and port of the requested URL, as `URL.origin` writes them; empty where the request names no host.
   * Absent where the platform does not tell: then no host is checked.
   */
  readonly origin?: string
  /** The path in other fields of the platform, perhaps behind a stage or base path. Each must end with `path`. */
  readonly otherSpellings?: readonly string[]
  /**
   * Whether the platform shows the path decoded, so that an escape in it cannot be told from its character. Default: it
   * shows the path as it was sent.
   */
  readonly isPathDecoded?: boolean
  /** Every Authorization field value received, in order. */
  readonly authorization: readonly string[]
  /** Whether the query has an `access_token` parameter. */
  readonly accessTokenInQuery: boolean
  /** Whether the path is too long for the platform's answer to name it, whatever `limits.maxPathBytes` allows. */
  readonly exceedsPolicyResource?: boolean
  /**
   * The old name of `exceedsPolicyResource`.
   *
   * @deprecated It goes away in 0.3.0.
   */
  readonly isUnnameable?: boolean
  /**
   * Every value received of the further header fields that `Authorizer.needs` names, in order, by name in lower case.
   * A field that the request lacks may be left out.
   */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  /**
   * The certificate that the client presented in TLS, under the platform's own names: `clientCertPem` and
   * `validity.notAfter` of API Gateway, the members of `request.cf.tlsClientAuth` on Cloudflare. A caller that ends TLS
   * itself may give `sha256` alone: SHA-256 of the certificate (DER) in hexadecimal. Absent where the client presented
   * none, or `Authorizer.needs` does not ask for it. Never a value that a client can write.
   */
  readonly clientCertificate?: Readonly<Record<string, string>>
  /** The platform's identifier of the request, for the log. Never a value that a client can choose. */
  readonly requestId?: string
}

/** The parts of a request that the checks of an authorizer read besides its method, path and Authorization field. */
export interface RequestNeeds {
  /** Names of header fields, in lower case. */
  readonly fields: readonly string[]
  /** Whether a check reads the certificate that the client presented in TLS. */
  readonly clientCertificate: boolean
}

/**
 * The caller: a user, or a client on its own behalf. `unknown`: the token does not say which of the two, and `id` is
 * the claim that would name the user. `id` is unique only together with `issuer` of the grant.
 */
export interface Principal {
  readonly kind: 'user' | 'client' | 'unknown'
  readonly id: string
}

/**
 * The value of a claim that `identity.claims` copies into a grant: a string, a safe integer, a boolean, or a list of
 * strings that are not empty. A claim with any other value is refused (`identity_inexpressible`).
 */
export type FactValue = string | number | boolean | readonly string[]

/**
 * What a verified access token grants: who calls, through which client, with which scopes. Times are seconds since the
 * epoch.
 */
export interface Grant {
  readonly principal: Principal
  readonly clientId: string
  readonly scopes: readonly string[]
  /** Name of the issuer in the configuration, with `/` and the tenant where it has several. */
  readonly issuer: string
  /** Claim `exp`. */
  readonly expiresAt: number
  /** Claim `nbf`; `null` where the token has none. */
  readonly notBefore: number | null
  /** The identifier of the token (`jti` in most profiles); `null` where it has none. */
  readonly tokenId: string | null
  /** How the sender has proven that the token is bound to it. Absent: the token is bound to nobody. */
  readonly sender?: 'dpop' | 'mtls' | 'dpop mtls'
  /** The claims that `identity.claims` names, under the names that it gives them. An absent claim is left out. */
  readonly facts: Readonly<Record<string, FactValue>>
}

/**
 * The decision that lets a request pass. In report-only it may stand for a refusal (`wouldDeny`), so `allow` alone does
 * not mean that a token was verified: `grant` does.
 */
export interface Allow {
  readonly allow: true
  /** `METHOD /path/template` of the rule; absent where no rule covers the request and everything is report-only. */
  readonly route?: string
  /** `null` on a public route, and where a refusal is not enforced: the caller is unknown. */
  readonly grant: Grant | null
  /** Refusals of this request are recorded, not enforced. */
  readonly reportOnly?: true
  /** The refusal that was not enforced. Only with `reportOnly`, and never with a grant. */
  readonly wouldDeny?: Deny
  /**
   * The nonce for the next proof: the response needs it in `DPoP-Nonce`, and no cache may keep it. RFC 9449 section
   * 8.2.
   */
  readonly dpopNonce?: string
}

/**
 * The decision that refuses a request. It holds no text of the token. `toRefusal` makes an HTTP response of it, without
 * `code` and `detail`: those are for the operator's log.
 */
export interface Deny {
  readonly allow: false
  /** Stable name of the reason; its row in `FAILURES` has status, blame and error code. */
  readonly code: FailureCode
  /** Names and numbers that explain `code`. */
  readonly detail?: FailureDetail
  /**
   * Set where the configuration has to change, although the row of `code` blames the client. The response is the same.
   */
  readonly blame?: 'operator'
  /** `METHOD /path/template` of the rule; absent where no rule was found. */
  readonly route?: string
  /** Scopes that would suffice: on `insufficient_scope`, and on a 401 of a configured resource. */
  readonly scope?: readonly string[]
  /** Authentication contexts (`acr`), any of which suffices, on `insufficient_user_authentication`. RFC 9470. */
  readonly acrValues?: readonly string[]
  /** How long ago the user may have signed in, on `insufficient_user_authentication`. RFC 9470. */
  readonly maxAgeSeconds?: number
  /** URL of the metadata of the resource that the route belongs to. RFC 9728 section 5.1. */
  readonly resourceMetadata?: string
  /** Seconds until a retry may succeed. Only where the status is 503. */
  readonly retryAfterSeconds?: number
  /** `WWW-Authenticate`, where the route takes tokens with another scheme than Bearer. RFC 9449 section 7.1. */
  readonly challenge?: string
  /** `DPoP-Nonce`: the nonce for the next proof. RFC 9449 section 9. */
  readonly dpopNonce?: string
}

/**
 * The result of `Authorizer.authorize`: `allow` is `true` in an `Allow` and `false` in a `Deny`. It holds for one
 * request only, at the time of the call. It is no response: `toRefusal` and `toIdentity` give what a response or an
 * origin needs.
 */
export type Decision = Allow | Deny

/**
 * Decides about the requests of one stage of a configuration. It has the caches of one instance (key sets, verified
 * tokens, introspection results), so create it once and use it for every request.
 *
 * It sends no response and forwards nothing: an edge does that with the decision (`toRefusal`, `toIdentity`).
 */
export interface Authorizer<Config = ResolvedConfig> {
  /**
   * Decides about one request. Never throws: a failure is a `Deny` whose `code` is a row of `FAILURES`. An argument
   * that is no `AuthorizationRequest` is denied too (`request_unrecognised`), also in report-only.
   *
   * `waitUntil` keeps a key refresh alive after the response (`ctx.waitUntil` on Workers).
   *
   * Does not read the body. Does not check whether a JWT that is verified here has been revoked: it is accepted until
   * `exp`. The result of an introspection is used for `cacheSeconds`.
   */
  authorize(request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<Decision>
  /** The rule for a method and a path; `null` where no rule covers them. Checks no token. */
  findRoute(method: string, path: string): ResolvedRoute | null
  /**
   * Decides like `authorize`, but requires a token on every route, public ones included, and verifies it before the
   * route. So the grant of a valid token is known even where the route refuses the request: for an answer that API
   * Gateway applies to more than one request.
   *
   * `grant` is `null` unless every check of the token itself has passed. A grant does not mean that the route allows
   * the request.
   */
  examine(request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<Examination>
  /**
   * Fetches the key sets of all issuers before a request needs them, for a platform that starts instances ahead of
   * requests. Takes as long as `keys.timeoutSeconds` allows, 6 seconds at most. Never rejects: if a fetch fails, the
   * first request that needs the keys fetches them. Leaves out issuers with `keys.bundled`, and fetches no secret.
   */
  prefetchKeys(): Promise<void>
  /** What takes messages from issuers (`revocation.logout`). Empty: none is configured. */
  readonly receivers: readonly Receiver[]
  /** The header fields that a request must have in `fields`, and whether it must have `clientCertificate`. */
  readonly needs: RequestNeeds
  /** The configuration in force: with the overrides of the stage and every default. */
  readonly config: Config
}

/** The result of `Authorizer.examine`: the decision, and the grant of the token whatever the route decides. */
export interface Examination {
  readonly decision: Decision
  /** `null` where the token itself was refused, or was never checked. */
  readonly grant: Grant | null
}
