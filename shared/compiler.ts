// What compiles a configuration for an edge, for `lanekeeper build` and for edges that compile one when they start. It
// is never in an artefact.

export { assembleAllParts } from './authorizer.ts'
export { compileFor, type Compiled, type EdgeCompiler } from './config/compile.ts'
export type { UsedPart } from './config/parts-of.ts'
export { asksReplayStore } from './config/sender/replay-demand.ts'
export { bundleKeys, type BundledKey, type BundledKeys } from './keys/bundle-keys.ts'
export { readIssuerMetadata, type IssuerMetadata, type MetadataFault } from './keys/issuer-metadata.ts'
export type { PlannedSecret } from './plan/plan.ts'
export { kindOfSecret } from './secrets/secret-ref.ts'
export { describeSenders } from './sender/metadata.ts'
export { readUnverified } from './introspection/unverified-token.ts'
export { nameToken } from './trace/name-token.ts'
export { substitutesFor, type AtHand } from './trace/substitutes.ts'
export { createTracedAuthorizer, type TracedDecision } from './trace/traced-authorizer.ts'
export { NOT_AT_HAND, STAGE_NAMES, type StageName, type Trace, type TracedCheck } from './trace/trace.ts'
