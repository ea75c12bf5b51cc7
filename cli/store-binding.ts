// The bindings of the Worker to the stores of revocations and of used DPoP proofs, in one environment of wrangler.toml:
// `revocation.durableObject` and `dpop.replay.durableObject` name them. Refuses an object of the Worker itself, which
// would bring migrations to it, and with them an end to rollbacks.
// https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/

import { asksReplayStore } from '../shared/compiler.ts'
import type { ResolvedConfig } from '../shared/index.ts'
import type { WranglerSettings } from './route-patterns.ts'
import type { StageFindings } from './stage-findings.ts'
import type { WorkerEnvironment } from './worker-environments.ts'

interface ObjectBinding {
  readonly name: string
  readonly class_name?: unknown
  readonly script_name?: unknown
}

/** A store by the setting that names its binding, and the class of its objects. */
interface Store {
  readonly setting: string
  readonly className: string
}

const REVOCATIONS: Store = { setting: 'revocation.durableObject', className: 'RevocationStore' }
const REPLAYS: Store = { setting: 'dpop.replay.durableObject', className: 'ReplayStore' }

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

function findWrongBinding(
  settings: WranglerSettings,
  name: string,
  { setting, className: wanted }: Store,
): readonly string[] {
  const binding = objectsOf(settings).find((each) => each.name === name)
  if (binding === undefined)
    return [
      `durable_objects: has no binding ${name}, which is ${setting}; add it (an environment inherits no binding)`,
    ]
  const { class_name: className, script_name: script } = binding
  return [
    ...(className === wanted
      ? []
      : [`durable_objects: ${name} has the class_name ${JSON.stringify(className)}; it is ${wanted}`]),
    ...(script !== undefined && script !== settings['name']
      ? []
      : [
          `durable_objects: ${name} is an object of this Worker, which then needs migrations and cannot be rolled back; set script_name to the name of the store Worker`,
        ]),
  ]
}

function findWrongRevocations(settings: WranglerSettings, { revocation }: ResolvedConfig): readonly string[] {
  if (revocation == null) return []
  if (revocation.durableObject !== null)
    return findWrongBinding(settings, revocation.durableObject, REVOCATIONS)
  return [
    'durable_objects: the configuration has no revocation.durableObject, through which the Worker asks the store; add it',
  ]
}

function findWrongReplays(settings: WranglerSettings, config: ResolvedConfig): readonly string[] {
  const { dpop } = config
  if (dpop == null) return []
  if (dpop.replay.durableObject !== null)
    return findWrongBinding(settings, dpop.replay.durableObject, REPLAYS)
  return asksReplayStore(config)
    ? [
        'durable_objects: the configuration has no dpop.replay.durableObject, through which the Worker asks the store for routes with replay: "strong"; add it',
      ]
    : []
}

/** The problems of an environment that runs a stage with `revocation` or with a store of used DPoP proofs. */
export function findWrongStore(
  settings: WranglerSettings,
  { worker, lambda, unbound }: StageFindings,
): readonly string[] {
  const config = worker.resolved ?? lambda.resolved ?? unbound
  if (config == null) return []
  return [...findWrongRevocations(settings, config), ...findWrongReplays(settings, config)]
}
