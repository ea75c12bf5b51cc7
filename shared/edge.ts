// What the edges import of the core. Everything here may be deployed: it reaches no part and nothing of config/ but
// types, so an artefact has what its entry names and no more.

export type { Assertions } from './grant/assertion.ts'
export { assemble } from './assemble.ts'
export { createSafeReport, type Stamp } from './audit/decision-event.ts'
export type { CoreConfig, ResolvedAuthorizer, ResolvedConfig, ResolvedResource } from './config/config.ts'
export type {
  Allow,
  AuthorizationRequest,
  Authorizer,
  Decision,
  Deny,
  Examination,
  Grant,
  RequestNeeds,
} from './decision.ts'
export { failureRow } from './failures/failure.ts'
export { toRefusal, type Refusal } from './failures/challenge.ts'
export { toHeaderName, toIdentity } from './grant/identity.ts'
export { combineParts, type Part, type Parts } from './parts/parts.ts'
export { chooseAuthorizer } from './plan/choose-authorizer.ts'
export { ConfigError } from './plan/config-error.ts'
export { fill } from './plan/fill.ts'
export type { EdgeName, Plan, PlannedConfig } from './plan/plan.ts'
export { stampOf } from './plan/stamp.ts'
export { REQUEST_MS } from './platform/deadline.ts'
export type {
  CachedKeys,
  Cryptography,
  GivenPorts,
  KeyCache,
  HttpAnswer,
  Ports,
  ReportEvent,
  WaitUntil,
} from './platform/ports.ts'
export { readBounded } from './platform/read-bounded.ts'
export { createWebCrypto } from './platform/create-web-crypto.ts'
export type { ReceivedRequest, Receiver, ReceiverAnswer } from './revocation/receiver.ts'
export { ANSWER_PART, GATEWAY_PART } from './revocation/bounds.ts'
export { createEntryKeys, keyText, type EntryKeys } from './revocation/entry-keys.ts'
export {
  FOREVER,
  mergeTimes,
  REVOCATION_KINDS,
  SNAPSHOT_KEY_BYTES,
  type EntryKey,
  type EntryName,
  type EntryTimes,
  type RevocationEntry,
  type RevocationKind,
} from './revocation/entry.ts'
export {
  CHANGE_BYTES,
  isSingle,
  maxSingleEntries,
  type ListedEntry,
  type NewEntry,
  type Page,
  type RevocationAuthor,
  type RevocationChanges,
  type RevocationRecord,
  type RevocationStore,
  type RevokeOutcome,
  type StoreLimits,
} from './revocation/store.ts'
export {
  toEntries,
  toNames,
  type RequestProblem,
  type RevocableIssuer,
  type RevocationRequest,
} from './revocation/to-entries.ts'
export { statedExp, toTokenRequest, type TokenProblem } from './revocation/token-request.ts'
export { STORE_WAIT_MS } from './revocation/waits.ts'
export { checkHost, findPublicUrl } from './request/public-url.ts'
export { ASSERTION_JWKS_PATH } from './routes/published-paths.ts'
export { findMetadata, toResourceMetadata } from './routes/resource-metadata.ts'
export { createCredentialCheck, type CredentialCheck } from './secrets/secret-check.ts'
export type { SecretKind, SecretRef } from './secrets/secret-ref.ts'
export { hasJwt } from './token/jwt-shape.ts'
export { isJsonObject, parseJsonObject, type JsonObject } from './token/strict-json.ts'
export { REPLAY_NAME_BYTES, type ReplayStore } from './sender/dpop/replay-store.ts'
export {
  acceptedOn,
  DPOP as DPOP_ALONE,
  DPOP_AND_MTLS,
  MTLS as MTLS_ALONE,
  UNBOUND,
  WITH_DPOP as DPOP_BOUND,
  WITH_MTLS as MTLS_BOUND,
} from './sender/demand.ts'
export { NO_NEEDS } from './sender/sender-constraint.ts'
