// The stage `local` of a configuration, for a run on this machine: the one of the configuration, or one that is derived
// from its base. Issuers keep their `iss`, profile, audience and algorithms. Their keys and endpoints become those of
// the local issuer, whose keys end with the run. Nothing is written: the configuration of every other stage stays as it
// is, and refuses what this one accepts.

import { applyStage } from '../../shared/compiler.ts'
import { ConfigError, type ConfigProblem, type LanekeeperConfig } from '../../shared/index.ts'
import { deriveIssuer } from './derive-issuer.ts'
import { isObject, type JsonObject } from './json-object.ts'
import { fillIn, placeholderIn } from './placeholders.ts'

export const LOCAL_STAGE = 'local'

export interface Addresses {
  /** The local issuer. */
  readonly issuer: string
  /** Where requests go that are allowed, if the stage `local` says nothing else. */
  readonly origin: string
  /** Whether that origin was named for this run, and so is the one in any case. */
  readonly isOriginNamed: boolean
}

export interface DerivedStage {
  /** It has the stage `local` alone. */
  readonly config: LanekeeperConfig
  /** Issuers that the stage `local` gives keys or endpoints of its own on loopback. */
  readonly foreign: ReadonlySet<string>
  /** Issuers with a shared secret, and the variable that has it. */
  readonly sharedSecrets: ReadonlyMap<string, string>
  /** What is another way here than where it is deployed, for the person. */
  readonly notes: readonly string[]
}

const LEFT_OUT = {
  revocation: 'revocation: no store runs here, so no token is revoked (npm run example:revocation shows it)',
  dpop: 'dpop: bound tokens are not made here; plain ones are accepted in their place',
  mtls: 'mtls: bound tokens are not made here; plain ones are accepted in their place',
} as const

const BOUND = 'senderConstraint: bound tokens are not made here; plain ones are accepted in their place'

/** The members of a route that need a section that is left out. */
const ROUTE_MEMBERS = ['revocation', 'replay', 'senderConstraint']

function withoutLeftOut(staged: JsonObject, notes: Set<string>): JsonObject {
  for (const [name, note] of Object.entries(LEFT_OUT)) if (staged[name] !== undefined) notes.add(note)
  const kept = Object.entries(staged).filter(([name]) => !(name in LEFT_OUT) && name !== 'publicUrls')
  const { routes } = staged
  if (!Array.isArray(routes)) return Object.fromEntries(kept)
  const plain = routes.map((route: unknown) => {
    if (!isObject(route)) return route
    if (route['senderConstraint'] !== undefined) notes.add(BOUND)
    return Object.fromEntries(Object.entries(route).filter(([name]) => !ROUTE_MEMBERS.includes(name)))
  })
  return { ...Object.fromEntries(kept), routes: plain }
}

/** Replaces references to secrets that only a deployment can read by names of variables. */
function withLocalSecrets(value: unknown, next: () => string): unknown {
  if (Array.isArray(value)) return value.map((one) => withLocalSecrets(one, next))
  if (!isObject(value)) return value
  if (typeof value['secretsStore'] === 'string' || typeof value['secretsManager'] === 'string')
    return { env: next() }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withLocalSecrets(one, next)]))
}

/** The origin of the Worker: the one of this run, unless the stage `local` has one with a URL. */
function deriveOrigin(given: unknown, isOfStage: boolean, { origin, isOriginNamed }: Addresses): object {
  const { url, binding: _, sameZone: __, ...settings } = isObject(given) ? given : {}
  const isKept = isOfStage && !isOriginNamed && typeof url === 'string' && placeholderIn(url) === null
  return { ...settings, url: isKept ? url : origin }
}

/** @throws {ConfigError} if `stages` is malformed. */
function applyLocal(given: JsonObject, hasStage: boolean): JsonObject {
  const problems: ConfigProblem[] = []
  const { stages: _, ...base } = given
  const staged = applyStage(
    hasStage ? given : base,
    hasStage ? LOCAL_STAGE : undefined,
    (path, message) => void problems.push({ path, message }),
  )
  if (problems.length > 0) throw new ConfigError(problems, LOCAL_STAGE)
  return staged
}

/**
 * Derives the stage. Checks nothing that a build checks. `env`: values for `${env:NAME}`.
 *
 * @throws {ConfigError} if the stages of the configuration cannot be read.
 */
export function deriveStage(
  given: LanekeeperConfig,
  env: Readonly<Record<string, string | undefined>>,
  addresses: Addresses,
): DerivedStage {
  const { stages } = given
  const stage = isObject(stages) && isObject(stages[LOCAL_STAGE]) ? stages[LOCAL_STAGE] : null
  const notes = new Set<string>()
  const foreign = new Set<string>()
  const sharedSecrets = new Map<string, string>()
  let secrets = 0
  const staged = withoutLeftOut(applyLocal(given as unknown as JsonObject, stage !== null), notes)
  const overrides = stage !== null && isObject(stage['issuers']) ? stage['issuers'] : {}
  const issuers = Object.fromEntries(
    Object.entries(isObject(staged['issuers']) ? staged['issuers'] : {}).map(([name, issuer]) => {
      if (!isObject(issuer)) return [name, issuer]
      const derived = deriveIssuer(fillIn(issuer, env) as JsonObject, {
        name,
        url: `${addresses.issuer}/${name}`,
        override: isObject(overrides[name]) ? (fillIn(overrides[name], env) as JsonObject) : {},
      })
      if (derived.isForeign) foreign.add(name)
      if (derived.sharedSecret !== null) sharedSecrets.set(name, derived.sharedSecret)
      for (const note of derived.notes) notes.add(note)
      return [name, derived.issuer]
    }),
  )
  const origin = deriveOrigin(fillIn(staged['origin'], env), stage?.['origin'] !== undefined, addresses)
  const local = withLocalSecrets({ ...staged, issuers, origin }, () => `LANEKEEPER_LOCAL_SECRET_${++secrets}`)
  return {
    config: { ...(local as LanekeeperConfig), stages: { [LOCAL_STAGE]: {} } },
    foreign,
    sharedSecrets,
    notes: [...notes],
  }
}
