// The configuration of a stage for commands that run outside of a deployment: as a build resolves it, without looking
// for secrets and bindings, which only the deployment has.

import { compileFor, type EdgeCompiler } from '../shared/compiler.ts'
import type { LanekeeperConfig, ResolvedConfig } from '../shared/index.ts'
import { Stop } from './stop.ts'

const NO_EDGE: EdgeCompiler = {
  name: 'aws',
  environment: {},
  sections: [],
  compile: () => ({ derived: {}, parts: [] }),
}

export interface StageConfig {
  readonly config: ResolvedConfig
  /** Settings that have a placeholder, because their variable is missing. */
  readonly open: readonly { readonly path: string; readonly variable: string }[]
}

/** @throws {ConfigError} with every problem and its path. */
export function resolveStageConfig(
  given: LanekeeperConfig,
  stage: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): StageConfig {
  const { config, open } = compileFor(NO_EDGE, given, { stage, env }, true)
  return { config, open }
}

/** @throws {Stop} If `--stage` names none of the stages (exit code 2). */
export function checkStageName(stage: string | undefined, stages: object): void {
  if (stage === undefined || Object.hasOwn(stages, stage)) return
  const names = Object.keys(stages).join(', ')
  throw new Stop(
    `--stage ${stage}: the configuration has ${names === '' ? 'no stages' : `the stages ${names}`}.`,
    2,
  )
}
