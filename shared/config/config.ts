// The configuration that all edges share. It is data, without functions, so the same file can be bundled, printed or
// compared. Issuer and audience have no default and cannot be turned off. Each section has a file with its type,
// defaults and checks; resolve.ts puts them together.

import type { ConfigProblem } from './checks.ts'
import { EDGE_DEFAULTS, type EdgeConfig, type ResolvedEdgeConfig } from './edges/index.ts'
import { DEFAULT_HEADER_PREFIX, type IdentityConfig, type ResolvedIdentity } from './identity.ts'
import { ANSWER_DEFAULTS } from './issuers/endpoint.ts'
import { INTROSPECTION_DEFAULTS } from './issuers/introspection.ts'
import { ISSUER_DEFAULTS, type IssuerConfig, type ResolvedIssuer } from './issuers/issuer.ts'
import { KEY_SOURCE_DEFAULTS } from './issuers/key-source.ts'
import { KEYS_DEFAULTS } from './issuers/keys.ts'
import type { PlannedKeySets } from '../plan/plan.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { LogConfig, ResolvedLog } from './log.ts'
import { ROUTE_DEFAULTS } from './protected-settings.ts'
import type { ResolvedPublicUrls } from './public-urls.ts'
import { REALM } from './realm.ts'
import type { ResolvedResource, ResourceConfig } from './resources.ts'
import {
  REVOCATION_DEFAULTS,
  type ResolvedRevocation,
  type RevocationConfig,
} from './revocation/revocation.ts'
import { DPOP_DEFAULTS, type DpopConfig, type ResolvedDpop } from './sender/dpop.ts'
import { MTLS_DEFAULTS, type MtlsConfig, type ResolvedMtls } from './sender/mtls.ts'
import type { ResolvedRoute, RouteRule } from './routes.ts'
import type { StageOverrides } from './stages.ts'

export type * from './edges/assertion.ts'
export type * from './edges/aws-caches.ts'
export type * from './edges/aws.ts'
export type * from './edges/cors.ts'
export type * from './edges/diagnostics.ts'
export type * from './edges/origin.ts'
export type * from './conditions.ts'
export type * from './identity.ts'
export type * from './issuers/custom-profile.ts'
export type * from './issuers/endpoint.ts'
export type * from './issuers/introspection.ts'
export type * from './issuers/issuer.ts'
export type * from './issuers/key-source.ts'
export type * from './issuers/keys.ts'
export type * from './issuers/methods.ts'
export type * from './issuers/provider-check.ts'
export type * from './issuers/tenants.ts'
export type * from './issuers/userinfo.ts'
export type * from './limits.ts'
export type * from './log.ts'
export type * from './resources.ts'
export type * from './revocation/admin.ts'
export type * from './revocation/demand.ts'
export type * from './revocation/dynamodb.ts'
export type * from './revocation/logout.ts'
export type * from './revocation/revocation.ts'
export type * from './routes.ts'
export type * from './sender/constraint.ts'
export type * from './sender/dpop.ts'
export type * from './sender/mtls.ts'
export type * from './sender/replay-demand.ts'
export type * from './stages.ts'

/**
 * What an operator writes in `lanekeeper.config.ts`: whose access tokens are accepted, which route demands what, and
 * the settings of the edges. Data without functions. Secrets are references (`SecretRef`), never values. A member that
 * is unknown or `undefined` is a problem. docs/configuration.md has every setting with its default.
 */
export interface LanekeeperConfig extends EdgeConfig {
  /**
   * Issuers whose access tokens are accepted, at least one. The key is a name of your choice (1 to 32 of a-z, 0-9 and
   * `-`, a letter first), which logs and the identity show.
   */
  readonly issuers: Readonly<Record<string, IssuerConfig>>
  /** At least one rule. A request that no rule covers is refused. The most specific path wins, not the order. */
  readonly routes: readonly RouteRule[]
  /** Names of the identity that the edges pass on. Default: headers `x-lanekeeper-*`, and no further claims. */
  readonly identity?: IdentityConfig
  /**
   * Protected resources (RFC 9728), whose metadata the Worker serves. A token for a route of a resource must have that
   * resource in its audience. Default: none.
   */
  readonly resources?: readonly ResourceConfig[]
  /** Revocation of tokens that have not expired. Default: a JWT is accepted until it expires. */
  readonly revocation?: RevocationConfig
  /**
   * How proofs of tokens that are bound to a DPoP key are checked, where an issuer has `senderConstraint`. RFC 9449.
   */
  readonly dpop?: DpopConfig
  /**
   * Which client certificates prove the binding of tokens, where an issuer has `senderConstraint`. RFC 8705 section 3.
   */
  readonly mtls?: MtlsConfig
  /** How decision events name tokens. Default: with a random key for each instance. */
  readonly log?: LogConfig
  /** `realm` of the challenges (RFC 9110 section 11.5): 1 to 64 printable ASCII characters. Default `api`. */
  readonly realm?: string
  /**
   * The URLs under which clients know this API: origins, as in `https://api.example.com`, and for API Gateway also with
   * the path of a stage or mapping. The Worker refuses a request for another host with 421, and sends the matching
   * origin to the origin server in `X-Forwarded-Host` and `X-Forwarded-Proto`. DPoP proofs must name one of them.
   * Default: every host is accepted; DPoP needs the setting, or on the Worker `resources`.
   */
  readonly publicUrls?: readonly string[]
  /** Bounds of what is read and cached. A member left out has its default. */
  readonly limits?: Partial<Limits>
  /** Records every refusal and enforces none, also where no rule covers the request. Default false. */
  readonly reportOnly?: boolean
  /** The settings that a stage changes, by the name of the stage in `LANEKEEPER_STAGE`. Default: no stages. */
  readonly stages?: Readonly<Record<string, StageOverrides>>
}

/** The default of every setting that has one. Seconds, milliseconds and bytes as the names say. */
export const DEFAULTS = {
  ...KEYS_DEFAULTS,
  ...ISSUER_DEFAULTS,
  headerPrefix: DEFAULT_HEADER_PREFIX,
  ...EDGE_DEFAULTS,
  ...ANSWER_DEFAULTS,
  keys: KEY_SOURCE_DEFAULTS,
  ...INTROSPECTION_DEFAULTS,
  /**
   * The old name of `requiredMembers`.
   *
   * @deprecated It goes away in 0.3.0.
   */
  marks: INTROSPECTION_DEFAULTS.requiredMembers,
  realm: REALM.default,
  ...REVOCATION_DEFAULTS,
  ...DPOP_DEFAULTS,
  ...MTLS_DEFAULTS,
  ...ROUTE_DEFAULTS,
  limits: DEFAULT_LIMITS,
} as const

/**
 * Types the configuration and returns it unchanged. Does not check it: `resolveConfig` and `createAuthorizer` do, at
 * start-up.
 *
 * @example
 * ```ts
 * export default defineConfig({
 *   issuers: {
 *     main: {
 *       issuer: 'https://login.example.com',
 *       audience: 'https://api.example.com',
 *       profile: 'rfc9068',
 *       keys: { discovery: 'openid-configuration' },
 *     },
 *   },
 *   routes: [{ path: '/orders/{id}', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
 * })
 * ```
 */
export const defineConfig = (config: LanekeeperConfig): LanekeeperConfig => config

/** The settings of one stage that the core reads, checked, with every default filled in. */
export interface CoreConfig {
  /** By exact `iss`. One entry of `LanekeeperConfig.issuers` may be several here: one for each tenant. */
  readonly issuers: ReadonlyMap<string, ResolvedIssuer>
  /** In the order of the configuration. */
  readonly routes: readonly ResolvedRoute[]
  /** Empty where none is configured. */
  readonly resources: readonly ResolvedResource[]
  readonly identity: ResolvedIdentity
  /** Absent or `null`: not configured. */
  readonly revocation?: ResolvedRevocation | null
  /** Absent or `null`: no issuer takes tokens that are bound to a DPoP key, so these are refused. */
  readonly dpop?: ResolvedDpop | null
  /** Absent or `null`: no issuer takes tokens that are bound to a client certificate, so these are refused. */
  readonly mtls?: ResolvedMtls | null
  /** What this edge accepts besides the demands of issuers and routes. Absent: what they accept. */
  readonly senderConstraint?: 'none' | undefined
  /** Without the scheme -> with it; empty: every host is accepted. */
  readonly publicUrls: ResolvedPublicUrls
  readonly log: ResolvedLog
  readonly realm: string
  /** Every refusal is recorded and none enforced. */
  readonly reportOnly: boolean
  readonly limits: Limits
  /** Keys that `lanekeeper build` has fetched; absent where it has not. */
  readonly bundledKeys?: PlannedKeySets | undefined
}

/** The configuration of one stage, checked, with every default filled in. `resolveConfig` makes it. */
export interface ResolvedConfig extends CoreConfig, ResolvedEdgeConfig {
  /** Settings that work and should be changed, such as old names. */
  readonly warnings: readonly ConfigProblem[]
}
