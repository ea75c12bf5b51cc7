// What the authorizer is asked and what it answers. A denial is a value like any other.

import type { FailureCode, FailureDetail } from './failures/failure.ts'

/** The facts about a request that a decision needs. Adapters fill it in and add nothing of their own. */
export interface AuthorizationRequest {
  /** The method on the wire; override headers are not consulted. */
  readonly method: string
  /** The path as received, percent-encoding kept, without the query; or `$connect` for a WebSocket API. */
  readonly path: string
  /**
   * Scheme, host and port that the client asked, as `URL.origin` writes them; empty where the request names no host.
   * Absent where the platform does not tell: then no host is checked.
   */
  readonly origin?: string
  /** The same path as other fields of the platform spell it, perhaps behind a stage or base path. All must end with `path`. */
  readonly otherSpellings?: readonly string[]
  /** Every Authorization field value received, in order. */
  readonly authorization: readonly string[]
  /** Whether the query has an `access_token` parameter. */
  readonly accessTokenInQuery: boolean
  /** Whether the platform's answer cannot name this path, however short the limit of the configuration is. */
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
   * What the platform says of the certificate that the client presented in TLS, under the platform's own names:
   * `clientCertPem` of API Gateway, the members of `request.cf.tlsClientAuth` on Cloudflare. Absent where the client
   * presented none, or `Authorizer.needs` does not ask for it. Nothing that a client can write.
   */
  readonly clientCertificate?: Readonly<Record<string, string>>
  /** The platform's identifier of the request, for the log. Nothing that a client can write. */
  readonly requestId?: string
}

/** What the checks of an authorizer read of a request beside its method, path and Authorization field. */
export interface RequestNeeds {
  /** Names of header fields, in lower case. */
  readonly fields: readonly string[]
  readonly clientCertificate: boolean
}

/**
 * Who is calling: a user, or a client on its own behalf; `unknown` where the token does not tell which of them, and `id`
 * is what would name the user. `id` names a user only together with `issuer` of the grant.
 */
export interface Principal {
  readonly kind: 'user' | 'client' | 'unknown'
  readonly id: string
}

export type FactValue = string | number | boolean | readonly string[]

/** What a verified access token grants. Times are seconds since the epoch. */
export interface Grant {
  readonly principal: Principal
  readonly clientId: string
  readonly scopes: readonly string[]
  /** Name of the issuer in the configuration, with `/` and the tenant where it has several. */
  readonly issuer: string
  readonly expiresAt: number
  readonly notBefore: number | null
  /** `null` where tokens of this issuer have no identifier. */
  readonly tokenId: string | null
  /** The further claims that `identity.claims` asks for, under the names it gives them. */
  readonly facts: Readonly<Record<string, FactValue>>
}

export interface Allow {
  readonly allow: true
  /** `METHOD /path/template` of the rule; absent where no rule covers the request and everything is report-only. */
  readonly route?: string
  /** `null` on a public route, and where a refusal is not enforced: nothing is known of the caller. */
  readonly grant: Grant | null
  /** Refusals of this request are recorded, not enforced. */
  readonly reportOnly?: true
  /** The refusal that was not enforced. Only with `reportOnly`, and never with a grant. */
  readonly wouldDeny?: Deny
}

export interface Deny {
  readonly allow: false
  readonly code: FailureCode
  readonly detail?: FailureDetail
  /** Counted as the operator's, though the code is one of the client's: no client can help it. Says nothing about the answer. */
  readonly blame?: 'operator'
  readonly route?: string
  /** Scopes that would suffice: on `insufficient_scope`, and on a 401 of a configured resource. */
  readonly scope?: readonly string[]
  /** Authentication contexts that would have sufficed, on `insufficient_user_authentication`. RFC 9470. */
  readonly acrValues?: readonly string[]
  /** How long ago the user may have signed in, on `insufficient_user_authentication`. RFC 9470. */
  readonly maxAgeSeconds?: number
  /** URL of the metadata of the resource that the route belongs to. RFC 9728 section 5.1. */
  readonly resourceMetadata?: string
  /** When it is worth trying again, on failures that are not the caller's. */
  readonly retryAfterSeconds?: number
}

export type Decision = Allow | Deny
