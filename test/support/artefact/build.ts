// Artefacts of `lanekeeper build` for tests, one build for each configuration in this process. A build gets the values
// of `${env:NAME}` and no secret: an edge gets its secrets when it starts.

import {
  bundleArtefact,
  buildArtefact,
  type Artefact,
  type BuildRequest,
} from '../../../cli/artefact/build.ts'
import { ROOT } from '../../../cli/build.ts'
import type { EdgeName } from '../../../shared/edge.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'

export type Variables = Readonly<Record<string, string>>

/** The variables whose values stand in a configuration as `${env:NAME}`. */
export function substituted(config: LanekeeperConfig, env: Variables): Variables {
  const named = JSON.stringify(config).matchAll(/\$\{env:([^}]*)\}/g)
  return Object.fromEntries([...named].flatMap(([, name]) => (name! in env ? [[name!, env[name!]!]] : [])))
}

const requestFor = (edge: EdgeName, config: LanekeeperConfig, env: Variables, out: string): BuildRequest => ({
  config,
  edge,
  stage: '',
  env: substituted(config, env),
  project: ROOT,
  out,
  metrics: null,
})

const artefacts = new Map<string, Promise<Artefact>>()

/**
 * The artefact of a configuration without stages.
 *
 * @throws {ConfigError} as `lanekeeper build` does.
 */
export function artefactOf(edge: EdgeName, config: LanekeeperConfig, env: Variables = {}): Promise<Artefact> {
  const key = JSON.stringify([edge, config, substituted(config, env)])
  const found = artefacts.get(key) ?? bundleArtefact(requestFor(edge, config, env, ROOT))
  artefacts.set(key, found)
  return found
}

/** Writes the artefact of a configuration without stages into a folder, which is emptied first. */
export const writeArtefact = (edge: EdgeName, config: LanekeeperConfig, out: string): Promise<Artefact> =>
  buildArtefact(requestFor(edge, config, {}, out))

/**
 * A file of an artefact with one line before its first: names of globals, for which this file then has the values that
 * stand in `globalThis` under the symbol `key`.
 */
export const withGlobals = (text: string, key: string, names: readonly string[]): string =>
  `const { ${names.join(', ')} } = globalThis[Symbol.for(${JSON.stringify(key)})];\n${text}`
