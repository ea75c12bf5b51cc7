// Reads a plan when an edge starts: checks that it is for this edge and stage and that the environment has what it
// names. Nothing else is checked, because `lanekeeper build` has checked it.

import type { CoreConfig, ResolvedConfig, ResolvedRoute } from '../config/config.ts'
import { NO_CONDITIONS } from '../policy/no-conditions.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { decode } from './decode.ts'
import { findBindingProblem, findSecretProblem, type Variables } from './environment.ts'
import { PLAN_VERSION, type EdgeName, type Plan } from './plan.ts'

/** A route without the members that have their usual value, and without its name. */
export type PlannedRoute = Pick<ResolvedRoute, 'path' | 'methods'> & Partial<ResolvedRoute>

/** The configuration in a plan: the settings of the core, and those of the edge that the plan is for. */
export type PlannedConfig = CoreConfig & Partial<ResolvedConfig>

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

function findProblems(plan: Plan, edge: EdgeName | null, env: Variables): readonly (ConfigProblem | null)[] {
  const { version, stage, secrets, bindings } = plan
  if (version !== PLAN_VERSION)
    return [{ path: 'plan.version', message: `is ${version}; this edge reads ${PLAN_VERSION}` }]
  if (plan.edge !== edge) return [{ path: 'plan.edge', message: `is ${plan.edge}; this edge is ${edge}` }]
  const given = env['LANEKEEPER_STAGE'] ?? ''
  const isOther = given !== '' && given !== stage
  return [
    isOther
      ? {
          path: 'LANEKEEPER_STAGE',
          message: `is ${JSON.stringify(given)}, and this was built for ${stage === '' ? 'no stage' : `the stage ${JSON.stringify(stage)}`}`,
        }
      : null,
    ...secrets.map((secret) => findSecretProblem(secret, env, edge === 'cloudflare')),
    ...bindings.map((binding) => findBindingProblem(binding, env)),
  ]
}

/**
 * The configuration in a plan. `env`: the environment of the edge.
 *
 * @throws {ConfigError} with every problem, if the plan is for another edge, stage or version, or if the environment
 *   lacks a secret or a binding.
 */
export function fill(plan: Plan, edge: EdgeName | null, env: Variables): PlannedConfig {
  const problems = findProblems(plan, edge, env).filter((problem) => problem !== null)
  if (problems.length > 0) throw new ConfigError(problems, plan.stage)
  const config = decode(plan.config, plan.shared) as Omit<PlannedConfig, 'routes'> & {
    readonly routes: readonly PlannedRoute[]
  }
  return { ...config, routes: config.routes.map(toRoute) }
}
