// The entry `lanekeeper` of the package. Knows no platform: it runs wherever WebCrypto and the Fetch types exist. Edges
// import edge.ts.

export { ASSERTION_TYP, createAssertions, type Assertions } from './grant/assertion.ts'
export { assembleAuthorizer, createAuthorizer } from './authorizer.ts'
export { toRefusal, type Refusal } from './failures/challenge.ts'
export {
  DEFAULTS,
  defineConfig,
  type AssertionConfig,
  type AwsAuthorizerConfig,
  type AwsConfig,
  type CachingStrategy,
  type CheckConfig,
  type CheckedIssuerConfig,
  type ClaimCondition,
  type ClaimValue,
  type CorsConfig,
  type DiagnosticsConfig,
  type DpopConfig,
  type DpopNonceConfig,
  type DpopReplayConfig,
  type GatewayCacheConfig,
  type IdentityConfig,
  type IntrospectedIssuerConfig,
  type IntrospectionConfig,
  type IssuerConfig,
  type KeyedIssuerConfig,
  type KeySource,
  type LanekeeperConfig,
  type Limits,
  type MtlsConfig,
  type MtlsHeaderConfig,
  type OriginConfig,
  type PublicKeySource,
  type ResolvedAuthorizer,
  type ResolvedConfig,
  type ResolvedResource,
  type ResolvedRoute,
  type ResourceConfig,
  type RevocationConfig,
  type RouteRule,
  type ScopeRule,
  type SharedSecretSource,
  type StageOverrides,
  type UserinfoConfig,
} from './config/config.ts'
export { NO_CONDITIONS } from './policy/no-conditions.ts'
export type {
  Allow,
  AuthorizationRequest,
  Authorizer,
  Decision,
  Deny,
  Examination,
  FactValue,
  Grant,
  Principal,
  RequestNeeds,
} from './decision.ts'
export {
  FAILURES,
  failureRow,
  type Blame,
  type FailureCode,
  type FailureDetail,
  type FailureRow,
  type GatewayForm,
} from './failures/failure.ts'
export { FAILURE_MEANINGS, type FailureMeaning } from './failures/meanings.ts'
export { toHeaderName, toIdentity } from './grant/identity.ts'
export type {
  CachedKeys,
  ConfigReport,
  Cryptography,
  DecisionReport,
  GivenPorts,
  KeyCache,
  KeysReport,
  OriginReport,
  PreflightReport,
  RevocationReport,
  ReplayReport,
  HttpAnswer,
  Ports,
  ReportEvent,
  SecretReport,
  VerificationKey,
  WaitUntil,
} from './platform/ports.ts'
export type { ReceivedRequest, Receiver, ReceiverAnswer } from './revocation/receiver.ts'
export type { EntryKey, EntryName, EntryTimes, RevocationEntry, RevocationKind } from './revocation/entry.ts'
export type {
  ListedEntry,
  NewEntry,
  Page,
  RevocationAuthor,
  RevocationChanges,
  RevocationRecord,
  RevocationSource,
  RevocationStore,
  RevokeOutcome,
} from './revocation/store.ts'
export type { ReplayStore } from './sender/dpop/replay-store.ts'
export type { SecretKind, SecretRef } from './secrets/secret-ref.ts'
export { findMetadata, toResourceMetadata } from './routes/resource-metadata.ts'
export { ASSERTION_JWKS_PATH } from './routes/published-paths.ts'
export { isWithin as isWithinResource } from './routes/resource-path.ts'
export { createRouteTable, type RouteTable } from './routes/route-table.ts'
export { readTemplate, templateShape, type TemplateSegment } from './routes/path-template.ts'
export { findTargetProblem, type TargetProblem } from './routes/target.ts'
export { checkHost, findPublicUrl } from './request/public-url.ts'
export { NO_NEEDS } from './sender/sender-constraint.ts'
export { createSafeReport } from './audit/decision-event.ts'
export { REQUEST_MS } from './platform/deadline.ts'
export { webCrypto } from './platform/web-crypto.ts'
export { revocationStaleness, type Staleness } from './revocation/staleness.ts'
export { ConfigError, type ConfigProblem } from './config/checks.ts'
export { isCovered as isPathCovered, publishedPaths } from './plan/values/published.ts'
export { resolveConfig, type ConfigEnvironment, type Surroundings } from './config/resolve.ts'
