// From the configuration as written to the one of a stage: what the stage overrides, and values that the
// deployment's environment supplies. Routes are the same in every stage.

import {
  isJsonObject,
  isNonEmptyString,
  list,
  objectAt,
  optionalObjectAt,
  type AddProblem,
  type JsonObject,
} from './checks.ts'
import type { AwsConfig } from './edges/aws.ts'
import type { CorsConfig } from './edges/cors.ts'
import type { OriginConfig } from './edges/origin.ts'
import type { IssuerOverrides } from './issuers/issuer.ts'
import type { ResourceConfig } from './resources.ts'

/** What a deployment stage may change: where tokens come from and where requests go, never what a route demands. */
export interface StageOverrides {
  readonly issuers?: Readonly<Record<string, IssuerOverrides>>
  readonly resources?: readonly ResourceConfig[]
  readonly origin?: OriginConfig
  readonly aws?: AwsConfig
  readonly cors?: CorsConfig
  readonly reportOnly?: boolean
  readonly publicUrls?: readonly string[]
}

/** Replaces `${env:NAME}` in every string below `value`. */
export function substitute(value: unknown, env: JsonObject, path: string, addProblem: AddProblem): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{env:([^}]*)(\}?)/g, (whole, name: string, brace: string) => {
      const found = Object.hasOwn(env, name) ? env[name] : undefined
      if (brace === '') addProblem(path, `has a "${whole}" that does not end with "}"`)
      else if (!isNonEmptyString(found))
        addProblem(path, `needs the environment variable ${name}, which is not set`, name)
      else if (found.includes('${'))
        addProblem(path, `needs the environment variable ${name}, which has "\${" in it`)
      else return found
      return whole
    })
  }
  if (Array.isArray(value))
    return value.map((item, index) => substitute(item, env, `${path}[${index}]`, addProblem))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, substitute(item, env, `${path}.${name}`, addProblem)]),
  )
}

/** Members that a stage replaces as a whole. Nothing about what a route demands is among them. */
const REPLACED = [
  'resources',
  'origin',
  'aws',
  'cors',
  'reportOnly',
  'publicUrls',
] as const satisfies readonly (keyof StageOverrides)[]

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
