// Reads a plan when an edge starts: checks that it is for this edge and stage and that the environment has what it
// names. Nothing else is checked, because `lanekeeper build` has checked it, except values that were missing then: the
// part `slots` checks these.

import type { ResolvedRoute } from '../config/config.ts'
import { NO_CONDITIONS } from '../policy/no-conditions.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { decode } from './decode.ts'
import type { findEnvironmentProblems, Variables } from './environment.ts'
import { PLAN_VERSION, type EdgeName, type Plan, type PlannedConfig } from './plan.ts'
import type { FillSlots, SlotContent } from './slots.ts'

/** A route without the members that have their usual value, and without its name. */
export type PlannedRoute = Pick<ResolvedRoute, 'path' | 'methods'> & Partial<ResolvedRoute>

export const nameOfRoute = ({ methods, path }: Pick<ResolvedRoute, 'methods' | 'path'>): string =>
  `${methods.join(',')} ${path}`

const NONE: readonly never[] = []

/** The usual values. */
export const USUAL_ROUTE = {
  demand: null,
  issuer: null,
  conditions: NO_CONDITIONS,
  resources: NONE,
  sharedCaches: false,
  reportOnly: false,
} as const satisfies Omit<ResolvedRoute, 'path' | 'methods' | 'name'>

const toRoute = (route: PlannedRoute): ResolvedRoute => ({
  ...USUAL_ROUTE,
  ...route,
  name: nameOfRoute(route),
})

/** What `fill` needs for some plans. */
export interface FillParts {
  /** For plans with secrets or bindings. */
  readonly findEnvironmentProblems?: typeof findEnvironmentProblems
  /** For plans with slots. */
  readonly fillSlots?: FillSlots
}

function findWrongPlan({ version, edge }: Plan, running: EdgeName | null): ConfigProblem | null {
  if (version !== PLAN_VERSION)
    return { path: 'plan.version', message: `is ${version}; this edge reads ${PLAN_VERSION}` }
  return edge === running ? null : { path: 'plan.edge', message: `is ${edge}; this edge is ${running}` }
}

function findProblems(plan: Plan, env: Variables, parts: FillParts): ConfigProblem[] {
  const { stage, secrets, bindings } = plan
  const given = env['LANEKEEPER_STAGE'] ?? ''
  const isOther = given !== '' && given !== stage
  return [
    isOther
      ? {
          path: 'LANEKEEPER_STAGE',
          message: `is ${JSON.stringify(given)}, and this was built for ${stage === '' ? 'no stage' : `the stage ${JSON.stringify(stage)}`}`,
        }
      : null,
    ...(secrets.length + bindings.length === 0 ? [] : parts.findEnvironmentProblems!(plan, env)),
  ].filter((problem) => problem !== null)
}

/** What a plan holds as JSON. A section that has slots is in `slots` alone. */
type PlannedContent = Omit<PlannedConfig, 'routes'> & {
  readonly routes: readonly PlannedRoute[]
  readonly slots?: SlotContent
}

/**
 * The configuration in a plan. `env`: the environment of the edge. `parts`: those of the plan; a plan with slots cannot
 * be read without the part `slots`, nor one with secrets or bindings without the part `environment`.
 *
 * @throws {ConfigError} with every problem, if the plan is for another edge, stage or version, or if the environment
 *   lacks a secret, a binding or a value, or has one that cannot be used.
 */
export function fill(
  plan: Plan,
  edge: EdgeName | null,
  env: Variables,
  parts: FillParts = {},
): PlannedConfig {
  const wrong = findWrongPlan(plan, edge)
  if (wrong !== null) throw new ConfigError([wrong], plan.stage)
  const problems = findProblems(plan, env, parts)
  const { slots, ...content } = decode(plan.config, plan.shared) as PlannedContent
  const config = { ...content, routes: content.routes.map(toRoute) }
  const filled = slots === undefined ? config : parts.fillSlots!(config, slots, env, problems)
  if (problems.length > 0) throw new ConfigError(problems, plan.stage)
  return { ...filled, bundledKeys: plan.bundledKeys }
}
