// A plan: the configuration of one stage for one edge, compiled to JSON. It has no functions and no regular expressions,
// names secrets and has no secret, and every default is filled in. docs/deploying.md.

import type { CoreConfig, ResolvedConfig } from '../config/config.ts'
import type { Json } from './decode.ts'
import type { SecretRef, SecretUse } from '../secrets/secret-ref.ts'

/** Raised whenever an older edge would misread a plan. An edge refuses every other version. */
export const PLAN_VERSION = 1

/** The edge that a plan is for. */
export type EdgeName = 'aws' | 'cloudflare'

/** A secret whose reference stands at `path` in the configuration. */
export interface PlannedSecret {
  readonly path: string
  readonly ref: SecretRef
  readonly use: SecretUse
}

/** A binding that the Worker needs, and the setting that names it. */
export interface PlannedBinding {
  readonly path: string
  readonly name: string
}

/** The configuration in a plan: the settings of the core, and those of the edge that the plan is for. */
export type PlannedConfig = CoreConfig & Partial<ResolvedConfig>

/** What `lanekeeper build` writes and an edge reads when it starts. */
export interface Plan {
  readonly version: typeof PLAN_VERSION
  /** Twelve characters that differ between configurations, in every log line. */
  readonly hash: string
  /** `null`: for no edge in particular. */
  readonly edge: EdgeName | null
  /** `LANEKEEPER_STAGE`; empty where no stages are configured. */
  readonly stage: string
  /** Secrets to find when an edge starts. */
  readonly secrets: readonly PlannedSecret[]
  readonly bindings: readonly PlannedBinding[]
  /** Objects that stand in several places of `config`. decode.ts reads both. */
  readonly shared: readonly Json[]
  readonly config: Json
}
