// Checks of references to secrets: a reference names one store, which this edge can read. Refuses a value in place of a
// reference. A secret in an environment variable is checked for its form as well.

import { findSecretProblem } from '../plan/environment.ts'
import type { PlannedBinding, PlannedSecret } from '../plan/plan.ts'
import { SECRET_KINDS, type SecretKind, type SecretRef, type SecretUse } from '../secrets/secret-ref.ts'
import type { OpenSettings } from './open-settings.ts'
import { objectAt, isJsonObject, isNonEmptyString, list, type AddProblem } from './checks.ts'

/** The part of `ConfigEnvironment` that is about secrets. */
export interface SecretEnvironment {
  /**
   * Environment variables (`process.env`) or bindings of the Worker (`env`): values for `${env:NAME}` and for secrets.
   * Only strings are values; a binding is another type. Default: empty.
   */
  readonly env?: Readonly<Record<string, unknown>> | undefined
  /** Kinds of secrets that this edge can load. Default: not known, so no kind is refused. */
  readonly secretKinds?: readonly SecretKind[] | undefined
  /** Takes what an edge checks when it starts. It is not checked here then: a build has no secret and no binding. */
  readonly later?: Later | undefined
}

/** Secrets and bindings that a configuration names, and variables that are missing. */
export interface Later {
  secret(planned: PlannedSecret): void
  binding(planned: PlannedBinding): void
  readonly open: OpenSettings
}

const MEMBERS = [...SECRET_KINDS, 'field', 'versionStage']

/** A reference to a secret. A value in its place is a problem, because a configuration never holds a secret. */
export function checkSecret(
  value: unknown,
  use: SecretUse,
  path: string,
  { env = {}, secretKinds, later }: SecretEnvironment,
  addProblem: AddProblem,
): SecretRef {
  if (!isJsonObject(value)) {
    addProblem(
      path,
      value === undefined
        ? 'is missing; say where it is: { env }, { secretsStore } or { secretsManager }'
        : 'must say where the secret is, never what it is: { env }, { secretsStore } or { secretsManager }',
    )
    return { env: '' }
  }
  const given = objectAt(value, path, addProblem, MEMBERS)
  const kinds = SECRET_KINDS.filter((kind) => given[kind] !== undefined)
  if (kinds.length !== 1) {
    addProblem(path, `must have exactly one of ${list(SECRET_KINDS)}`)
    return { env: '' }
  }
  const kind = kinds[0]!
  for (const name of [kind, 'field', 'versionStage']) {
    if (given[name] !== undefined && !isNonEmptyString(given[name]))
      addProblem(`${path}.${name}`, 'must be a non-empty string')
    if (name !== kind && kind !== 'secretsManager' && given[name] !== undefined)
      addProblem(`${path}.${name}`, 'goes with secretsManager only')
  }
  const ref = given as SecretRef
  if (secretKinds !== undefined && !secretKinds.includes(kind))
    addProblem(
      `${path}.${kind}`,
      `cannot be read here; this edge reads: ${list(secretKinds) || 'no secrets'}`,
    )
  else if (later === undefined) {
    const problem = findSecretProblem({ path, ref, use }, env, secretKinds !== undefined)
    if (problem !== null) addProblem(problem.path, problem.message, problem.variable)
  } else later.secret({ path, ref, use })
  return ref
}
