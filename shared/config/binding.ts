// The name of a binding to a Durable Object of the store Worker.

import { findBindingProblem } from '../plan/environment.ts'
import { isNonEmptyString, type AddProblem } from './checks.ts'
import type { EdgeEnvironment } from './edges/section.ts'

/** Only an edge that uses the binding must have it. */
export function checkBinding(
  value: unknown,
  path: string,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): string | null {
  if (value === undefined) return null
  if (!isNonEmptyString(value)) addProblem(path, 'must be the name of a binding')
  else if (environment.needsOrigin === true || environment.isStore === true) {
    const binding = { path, name: value }
    const problem =
      environment.later === undefined ? findBindingProblem(binding, environment.env ?? {}) : null
    if (problem !== null) addProblem(problem.path, problem.message, problem.variable)
    environment.later?.binding(binding)
  }
  return String(value)
}
