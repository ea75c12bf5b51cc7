// A plan: the configuration of one stage for one edge, compiled to JSON. It has no functions and no regular
// expressions, names secrets and has no secret, and every default is filled in. docs/deploying.md.

import type { CoreConfig, ResolvedConfig } from '../config/config.ts'
import type { Json } from './decode.ts'
import type { SecretRef, SecretUse } from '../secrets/secret-ref.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'

/** Raised whenever an older edge would misread a plan. An edge refuses every other version. */
export const PLAN_VERSION = 1

/** The edge that a plan is for. `store`: the Worker of revocations, which decides about no request. */
export type EdgeName = 'aws' | 'cloudflare' | 'store'

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

/** A key that the build has checked, ready to import. */
export interface PlannedKey {
  readonly kid: string | null
  /** The key's own `issuer`, where the set is one of a provider that signs for many tenants. */
  readonly issuer: string | null
  /** Its type and public members, as JSON (RFC 7638 section 3.2). */
  readonly material: string
  /** The same as a `SubjectPublicKeyInfo` (RFC 5280 section 4.1), in DER and base64url. */
  readonly spki: string
  readonly algorithms: readonly SignatureAlgorithm[]
}

/** The usable keys of an issuer, and when the build fetched them: milliseconds since the epoch. */
export interface PlannedKeySet {
  readonly fetchedAt: number
  readonly keys: readonly PlannedKey[]
}

/** By the name of the issuer in the configuration, for each issuer with `keys.bundled`. */
export type PlannedKeySets = Readonly<Record<string, PlannedKeySet>>

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
  /** For `keys.bundled`. The hash leaves it out: the same configuration keeps its hash when keys are rotated. */
  readonly bundledKeys?: PlannedKeySets
}
