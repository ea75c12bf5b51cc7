// Whether the environment of an edge has the secrets and bindings that a configuration names. It sends no request to a
// store: variables and bindings are present, and a secret in a variable has the right form.

import { kindOfSecret, readSecret } from '../secrets/secret-ref.ts'
import type { ConfigProblem } from './config-error.ts'
import type { Plan, PlannedBinding, PlannedSecret } from './plan.ts'

export type Variables = Readonly<Record<string, unknown>>

const valueOf = (env: Variables, name: string): unknown => (Object.hasOwn(env, name) ? env[name] : undefined)

/** `hasBindings`: whether bindings can be looked for. */
export function findSecretProblem(
  { path, ref, use }: PlannedSecret,
  env: Variables,
  hasBindings: boolean,
): ConfigProblem | null {
  const kind = kindOfSecret(ref)
  const name = String(ref[kind])
  const found = valueOf(env, name)
  if (kind === 'secretsStore' && hasBindings && typeof found !== 'object')
    return findBindingProblem({ path: `${path}.${kind}`, name }, env)
  if (kind !== 'env') return null
  const read = readSecret(found, ref, use)
  if ('value' in read) return null
  return read.problem === 'missing'
    ? {
        path: `${path}.env`,
        message: `needs the environment variable ${name}, which is not set`,
        variable: name,
      }
    : { path: `${path}.env`, message: `names ${name}, which is ${read.problem}` }
}

export const findBindingProblem = ({ path, name }: PlannedBinding, env: Variables): ConfigProblem | null =>
  typeof valueOf(env, name) === 'object'
    ? null
    : { path, message: `names ${name}, which is not bound to this Worker`, variable: name }

/** Every secret and binding of a plan that the environment lacks or that has the wrong form. */
export const findEnvironmentProblems = (
  { edge, secrets, bindings }: Plan,
  env: Variables,
): readonly (ConfigProblem | null)[] => [
  ...secrets.map((secret) => findSecretProblem(secret, env, edge !== 'aws')),
  ...bindings.map((binding) => findBindingProblem(binding, env)),
]
