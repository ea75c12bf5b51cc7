// Everything that init does before it writes: the facts of the issuer, the configuration, checked as a stage is, and the
// texts of the files.

import type { CommandIo } from '../command.ts'
import { resolveStageConfig } from '../stage-config.ts'
import type { Answers } from './answers.ts'
import { toConfig } from './configuration.ts'
import type { ProjectFile } from './file.ts'
import { findIssuer, offlineIssuer, type FoundIssuer } from './issuer.ts'
import { nextSteps, type NextStep } from './next-steps.ts'
import { configFile, projectFiles } from './project-files.ts'

export interface Prepared {
  readonly answers: Answers
  readonly found: FoundIssuer
  readonly files: readonly ProjectFile[]
  readonly next: readonly NextStep[]
}

export interface Choices {
  /** No request is sent. */
  readonly isOffline: boolean
  /** Only lanekeeper.config.ts. */
  readonly isConfigOnly: boolean
}

/** @throws {ConfigError} If the configuration has a problem, with every problem and its path. */
export async function prepare(answers: Answers, choices: Choices, io: CommandIo): Promise<Prepared> {
  const found = choices.isOffline ? offlineIssuer(answers) : await findIssuer(answers, io)
  resolveStageConfig(toConfig(answers, found), undefined, {})
  return {
    answers,
    found,
    files: choices.isConfigOnly ? [configFile(answers, found)] : projectFiles(answers, found),
    next: nextSteps(answers, io.cwd),
  }
}
