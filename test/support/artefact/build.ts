// Artefacts of `lanekeeper build` for tests, one build for each configuration in this process. A build gets the values
// of `${env:NAME}` and no secret: an edge gets its secrets when it starts.

import { bundleArtefact, type Artefact } from '../../../cli/artefact/build.ts'
import { ROOT } from '../../../cli/build.ts'
import type { EdgeName } from '../../../shared/edge.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'

export type Variables = Readonly<Record<string, string>>

/** The variables whose values stand in a configuration as `${env:NAME}`. */
export function substituted(config: LanekeeperConfig, env: Variables): Variables {
  const named = JSON.stringify(config).matchAll(/\$\{env:([^}]*)\}/g)
  return Object.fromEntries([...named].flatMap(([, name]) => (name! in env ? [[name!, env[name!]!]] : [])))
}

const artefacts = new Map<string, Promise<Artefact>>()

/**
 * The artefact of a configuration without stages.
 *
 * @throws {ConfigError} as `lanekeeper build` does.
 */
export function artefactOf(edge: EdgeName, config: LanekeeperConfig, env: Variables = {}): Promise<Artefact> {
  const key = JSON.stringify([edge, config, substituted(config, env)])
  const found =
    artefacts.get(key) ??
    bundleArtefact({
      config,
      edge,
      stage: '',
      env: substituted(config, env),
      project: ROOT,
      out: ROOT,
      metrics: null,
    })
  artefacts.set(key, found)
  return found
}
