// The configuration that both edges share. It is data: no functions, nothing looked up while it is read, so the same
// file can be bundled, printed or compared. Issuer and audience have no default and no off switch. Each section has a
// file, with its type, its defaults and its checks; resolve.ts puts them together.

import type { ConfigProblem } from './checks.ts'
import { EDGE_DEFAULTS, type EdgeConfig, type ResolvedEdgeConfig } from './edges/index.ts'
import { DEFAULT_HEADER_PREFIX, type IdentityConfig, type ResolvedIdentity } from './identity.ts'
import { ANSWER_DEFAULTS } from './issuers/endpoint.ts'
import { INTROSPECTION_DEFAULTS } from './issuers/introspection.ts'
import { ISSUER_DEFAULTS, type IssuerConfig, type ResolvedIssuer } from './issuers/issuer.ts'
import { KEY_SOURCE_DEFAULTS } from './issuers/key-source.ts'
import { KEYS_DEFAULTS } from './issuers/keys.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { LogConfig, ResolvedLog } from './log.ts'
import type { ResolvedPublicUrls } from './public-urls.ts'
import { REALM } from './realm.ts'
import type { ResolvedResource, ResourceConfig } from './resources.ts'
import { ROUTE_DEFAULTS, type ResolvedRoute, type RouteRule } from './routes.ts'
import type { StageOverrides } from './stages.ts'

export type * from './edges/assertion.ts'
export type * from './edges/aws.ts'
export type * from './edges/cors.ts'
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
export type * from './routes.ts'
export type * from './stages.ts'

export interface LanekeeperConfig extends EdgeConfig {
  /** By a name of your choice, which stands in logs and in the identity passed on. */
  readonly issuers: Readonly<Record<string, IssuerConfig>>
  readonly routes: readonly RouteRule[]
  readonly identity?: IdentityConfig
  /** Resources, for discovery. Tokens for their routes must be for the resource. The Worker serves the metadata. */
  readonly resources?: readonly ResourceConfig[]
  readonly log?: LogConfig
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
  ...ROUTE_DEFAULTS,
  limits: DEFAULT_LIMITS,
} as const

/** Types the configuration and returns it as it is. Checking it is `resolveConfig`'s work, at start-up. */
export const defineConfig = (config: LanekeeperConfig): LanekeeperConfig => config

/** The configuration of one stage, complete and checked. */
export interface ResolvedConfig extends ResolvedEdgeConfig {
  /** By exact `iss`. */
  readonly issuers: ReadonlyMap<string, ResolvedIssuer>
  readonly routes: readonly ResolvedRoute[]
  readonly resources: readonly ResolvedResource[]
  readonly identity: ResolvedIdentity
  readonly publicUrls: ResolvedPublicUrls
  readonly log: ResolvedLog
  readonly realm: string
  /** As on a route, for everything. */
  readonly reportOnly: boolean
  readonly limits: Limits
  /** What should be changed, though it can be used. */
  readonly warnings: readonly ConfigProblem[]
}
