// What compiles a configuration for an edge, for `lanekeeper build` and for edges that compile one when they start. It
// is never in an artefact.

export { assembleAllParts } from './authorizer.ts'
export { compileFor, type Compiled, type EdgeCompiler } from './config/compile.ts'
export type {
  IntrospectedIssuer,
  KeyOwner,
  ResolvedIntrospection,
  ResolvedIssuer,
  ResolvedUserinfo,
} from './config/config.ts'
export type { UsedPart } from './config/parts-of.ts'
export { applyStage } from './config/stages.ts'
export { asksReplayStore } from './config/sender/replay-demand.ts'
export { bundleKeys, type BundledKey, type BundledKeys } from './keys/bundle-keys.ts'
export type { IntrospectionResult } from './introspection/introspection-result.ts'
export {
  probeIntrospectionWithoutSecret,
  probeTokenLookup,
  probeUserinfo,
} from './introspection/probe-lookups.ts'
export { FRESHNESS } from './keys/freshness.ts'
export { readIssuerMetadata, type IssuerMetadata, type MetadataFault } from './keys/issuer-metadata.ts'
export { PROVIDER_FACTS } from './introspection/providers/facts.ts'
export { fetchKeySet, type Fault, type PublicKeyIssuer } from './keys/key-endpoint.ts'
export { DUPLICATE_KID, problemsOf, readKeySet, type KeySet, type UsableKey } from './keys/key-set.ts'
export { KEY_TYPES } from './keys/key-types/all.ts'
export { selectKey, UNRELATED as UNRELATED_PROBLEMS } from './keys/select-key.ts'
export { metadataUrl, type MetadataDocument } from './keys/metadata-url.ts'
export type { PlannedSecret } from './plan/plan.ts'
export { isLoopbackHttp, isSecureUrl } from './platform/secure-url.ts'
export { kindOfSecret } from './secrets/secret-ref.ts'
export { describeSenders } from './sender/metadata.ts'
export { readUnverified } from './introspection/unverified-token.ts'
export { nameToken } from './trace/name-token.ts'
export { substitutesFor, type AtHand } from './trace/substitutes.ts'
export { createTracedAuthorizer, type TracedDecision } from './trace/traced-authorizer.ts'
export { NOT_AT_HAND, STAGE_NAMES, type StageName, type Trace, type TracedCheck } from './trace/trace.ts'
export { isProfileName, NO_PROFILE, PROFILES } from './token/profiles.ts'
