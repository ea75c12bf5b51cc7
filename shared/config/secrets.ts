// Checks of references to secrets: they point at one place, at one that this edge can read, and at something
// of the right form where that can be seen before the first request.

import {
  kindOfSecret,
  readSecret,
  SECRET_KINDS,
  type SecretKind,
  type SecretRef,
  type SecretUse,
} from '../secrets/secret-ref.ts'
import { objectAt, isJsonObject, isNonEmptyString, list, type AddProblem } from './checks.ts'

/** What is known of the place where the configuration runs. */
export interface SecretEnvironment {
  /** Values for `${env:NAME}` and for secrets in variables. Only strings are used. */
  readonly env?: Readonly<Record<string, unknown>> | undefined
  /** Kinds of secrets that can be loaded here. Absent: not known, so nothing is said about them. */
  readonly secretKinds?: readonly SecretKind[] | undefined
}

const MEMBERS = [...SECRET_KINDS, 'field', 'versionStage']

/** Says what to change if a value stands where a reference should: a secret has no place in a configuration. */
export function checkSecret(
  value: unknown,
  use: SecretUse,
  path: string,
  { env, secretKinds }: SecretEnvironment,
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
      addProblem(`${path}.${name}`, 'must be a text')
    if (name !== kind && kind !== 'secretsManager' && given[name] !== undefined)
      addProblem(`${path}.${name}`, 'goes with secretsManager only')
  }
  const ref = given as SecretRef
  if (secretKinds !== undefined && !secretKinds.includes(kind))
    addProblem(
      `${path}.${kind}`,
      `cannot be read here; this edge reads: ${list(secretKinds) || 'no secrets'}`,
    )
  else checkPresence(ref, use, path, { env, secretKinds }, addProblem)
  return ref
}

/** What can be known before anything is asked: variables and bindings are there, and variables look right. */
function checkPresence(
  ref: SecretRef,
  use: SecretUse,
  path: string,
  { env = {}, secretKinds }: SecretEnvironment,
  addProblem: AddProblem,
): void {
  const kind = kindOfSecret(ref)
  const name = String(ref[kind])
  const found = Object.hasOwn(env, name) ? env[name] : undefined
  if (kind === 'secretsStore' && secretKinds !== undefined && typeof found !== 'object')
    addProblem(`${path}.${kind}`, `names ${name}, which is not bound to this Worker`, name)
  if (kind !== 'env') return
  const read = readSecret(found, ref, use)
  if ('value' in read) return
  if (read.problem === 'missing')
    addProblem(`${path}.env`, `needs the environment variable ${name}, which is not set`, name)
  else addProblem(`${path}.env`, `names ${name}, which is ${read.problem}`)
}
