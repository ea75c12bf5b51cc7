// The core's only door. Runs anywhere WebCrypto and fetch types exist; knows no platform.

export { createAuthorizer, type Authorizer, type Examination } from './authorizer.ts'
export { toRefusal, type Refusal } from './challenge.ts'
export {
  DEFAULTS,
  defineConfig,
  type AwsAuthorizerConfig,
  type AwsConfig,
  type CachingStrategy,
  type IdentityConfig,
  type IssuerConfig,
  type KeyedIssuerConfig,
  type KeySource,
  type LanekeeperConfig,
  type Limits,
  type OriginConfig,
  type ResolvedAuthorizer,
  type ResolvedConfig,
  type ResolvedRoute,
  type RouteRule,
  type ScopeRule,
  type StageOverrides,
} from './config/config.ts'
export type {
  CheckConfig,
  CheckedIssuerConfig,
  IntrospectedIssuerConfig,
  IntrospectionConfig,
  UserinfoConfig,
} from './config/opaque.ts'
export type { Allow, AuthorizationRequest, Decision, Deny, FactValue, Grant, Principal } from './decision.ts'
export {
  FAILURES,
  failureRow,
  type Blame,
  type FailureCode,
  type FailureDetail,
  type FailureRow,
  type GatewayForm,
} from './failure.ts'
export { toHeaderName, toIdentity } from './identity.ts'
export type {
  CachedKeys,
  DecisionReport,
  KeyCache,
  KeysReport,
  OriginReport,
  Ports,
  ReportEvent,
  SecretReport,
  WaitUntil,
} from './ports.ts'
export type { SecretKind, SecretRef } from './secrets/secret-ref.ts'
export { createSafeReport } from './report.ts'
export { revocationStaleness, type Staleness } from './opaque/staleness.ts'
export { ConfigError, type ConfigProblem } from './config/checks.ts'
export { resolveConfig, type Surroundings } from './config/resolve.ts'
