// The binding of the Worker to the store of revocations, in one environment of wrangler.toml:
// `revocation.durableObject` names it. Refuses an object of the Worker itself, which would bring migrations to it, and
// with them an end to rollbacks.
// https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/

import type { WranglerSettings } from './route-patterns.ts'
import type { StageFindings } from './stage-findings.ts'
import type { WorkerEnvironment } from './worker-environments.ts'

interface ObjectBinding {
  readonly name: string
  readonly class_name?: unknown
  readonly script_name?: unknown
}

const STORE_CLASS = 'RevocationStore'

const objectsOf = ({ durable_objects: objects }: WranglerSettings): readonly ObjectBinding[] =>
  (objects as { bindings?: readonly ObjectBinding[] } | undefined)?.bindings ?? []

/** Names of the Durable Objects that are bound in every environment that runs the stage. */
export function objectsBoundIn(
  environments: readonly WorkerEnvironment[],
  stage: string | undefined,
): readonly string[] {
  const [first, ...others] = environments
    .filter((environment) => (environment.stage || undefined) === stage)
    .map(({ settings }) => objectsOf(settings).map(({ name }) => name))
  return (first ?? []).filter((name) => others.every((names) => names.includes(name)))
}

function findWrongBinding(settings: WranglerSettings, name: string): readonly string[] {
  const binding = objectsOf(settings).find((each) => each.name === name)
  if (binding === undefined)
    return [
      `durable_objects: has no binding ${name}, which is revocation.durableObject; add it (an environment inherits no binding)`,
    ]
  const { class_name: className, script_name: script } = binding
  return [
    ...(className === STORE_CLASS
      ? []
      : [`durable_objects: ${name} has the class_name ${JSON.stringify(className)}; it is ${STORE_CLASS}`]),
    ...(script !== undefined && script !== settings['name']
      ? []
      : [
          `durable_objects: ${name} is an object of this Worker, which then needs migrations and cannot be rolled back; set script_name to the name of the store Worker`,
        ]),
  ]
}

/** The problems of an environment that runs a stage with `revocation`. */
export function findWrongStore(
  settings: WranglerSettings,
  { worker, lambda, unbound }: StageFindings,
): readonly string[] {
  const revocation = (worker.resolved ?? lambda.resolved ?? unbound)?.revocation
  if (revocation == null) return []
  if (revocation.durableObject !== null) return findWrongBinding(settings, revocation.durableObject)
  return [
    'durable_objects: the configuration has no revocation.durableObject, through which the Worker asks the store; add it',
  ]
}
