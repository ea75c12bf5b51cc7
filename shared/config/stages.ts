// From the configuration as written to the one of a stage. Routes are the same in every stage.

import { isJsonObject, list, objectAt, optionalObjectAt, type AddProblem, type JsonObject } from './checks.ts'
import { STAGED_SECTION_NAMES, type StagedEdgeConfig } from './edges/index.ts'
import type { IssuerOverrides } from './issuers/issuer.ts'
import type { ResourceConfig } from './resources.ts'

/** What a deployment stage may change: where tokens come from and where requests go, never what a route demands. */
export interface StageOverrides extends StagedEdgeConfig {
  readonly issuers?: Readonly<Record<string, IssuerOverrides>>
  readonly resources?: readonly ResourceConfig[]
  readonly reportOnly?: boolean
  readonly publicUrls?: readonly string[]
}

/** Members that a stage replaces as a whole. Nothing about what a route demands is among them. */
export const REPLACED: readonly string[] = ['resources', ...STAGED_SECTION_NAMES, 'reportOnly', 'publicUrls']

/** Lays the stage over the configuration: issuers member by member, the others whole. */
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
        `overrides an issuer that is not configured; there is: ${list(Object.keys(issuers))}`,
      )
    }
    const path = `stages.${stage}.issuers.${name}`
    const given = objectAt(members, path, addProblem)
    issuers[name] = { ...(isJsonObject(issuers[name]) ? issuers[name] : {}), ...given }
  }
  return { ...base, ...whole, issuers }
}
