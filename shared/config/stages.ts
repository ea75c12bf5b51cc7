// `stages`: applies the overrides of one stage to the configuration. No stage changes routes.

import { isJsonObject, list, objectAt, optionalObjectAt, type AddProblem, type JsonObject } from './checks.ts'
import { STAGED_SECTION_NAMES, type StagedEdgeConfig } from './edges/index.ts'
import type { IssuerOverrides } from './issuers/issuer.ts'
import type { ResourceConfig } from './resources.ts'
import type { RevocationConfig } from './revocation/revocation.ts'
import type { DpopConfig } from './sender/dpop.ts'
import type { MtlsConfig } from './sender/mtls.ts'

/**
 * Settings that a deployment stage changes: where tokens come from and where requests go. A stage cannot change routes,
 * `identity`, `realm`, `limits` or `log`.
 */
export interface StageOverrides extends StagedEdgeConfig {
  /** By the name of a configured issuer. Each member given replaces that member of the issuer as a whole. */
  readonly issuers?: Readonly<Record<string, IssuerOverrides>>
  /** Replaces the whole list. */
  readonly resources?: readonly ResourceConfig[]
  /** Replaces the whole section. */
  readonly revocation?: RevocationConfig
  /** Replaces the whole section. */
  readonly dpop?: DpopConfig
  /** Replaces the whole section. */
  readonly mtls?: MtlsConfig
  /** Whether refusals are recorded and not enforced in this stage. */
  readonly reportOnly?: boolean
  /** Replaces the whole list. */
  readonly publicUrls?: readonly string[]
}

/** Members that a stage replaces as a whole. None of them says what a route demands. */
export const REPLACED: readonly string[] = [
  'resources',
  ...STAGED_SECTION_NAMES,
  'revocation',
  'dpop',
  'mtls',
  'reportOnly',
  'publicUrls',
]

/** The configuration with the overrides of the stage: issuers member by member, the others as a whole. */
export function applyStage(config: JsonObject, stage: unknown, addProblem: AddProblem): JsonObject {
  const { stages: stagesGiven, ...base } = config
  const stages = optionalObjectAt(stagesGiven, 'stages', addProblem)
  for (const [name, overrides] of Object.entries(stages)) {
    objectAt(overrides, `stages.${name}`, addProblem, ['issuers', ...REPLACED])
  }
  const known = list(Object.keys(stages)) || 'none'
  if (stage === undefined || stage === '') {
    if (Object.keys(stages).length > 0)
      addProblem('stages', `needs one to be chosen (LANEKEEPER_STAGE); it has: ${known}`)
    return base
  }
  if (typeof stage !== 'string' || !Object.hasOwn(stages, stage)) {
    addProblem('stages', `has no stage ${JSON.stringify(stage)} (LANEKEEPER_STAGE); it has: ${known}`)
    return base
  }
  const chosen = isJsonObject(stages[stage]) ? stages[stage] : {}
  const { issuers: overrides } = chosen
  const whole = Object.fromEntries(
    REPLACED.filter((name) => name in chosen).map((name) => [name, chosen[name]]),
  )
  if (overrides === undefined) return { ...base, ...whole }
  const issuers = { ...(isJsonObject(base['issuers']) ? base['issuers'] : {}) }
  for (const [name, members] of Object.entries(objectAt(overrides, `stages.${stage}.issuers`, addProblem))) {
    if (!Object.hasOwn(issuers, name)) {
      addProblem(
        `stages.${stage}.issuers.${name}`,
        `overrides an issuer that is not configured; configured: ${list(Object.keys(issuers))}`,
      )
    }
    const path = `stages.${stage}.issuers.${name}`
    const given = objectAt(members, path, addProblem)
    issuers[name] = { ...(isJsonObject(issuers[name]) ? issuers[name] : {}), ...given }
  }
  return { ...base, ...whole, issuers }
}
