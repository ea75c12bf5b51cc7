// What a command of `lanekeeper` is: its name, what it may do to the outside, and how it reads its options.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs, parseEnv, type ParseArgsConfig } from 'node:util'
import type { Environment } from './stage-findings.ts'
import { Stop } from './stop.ts'

/** What a command has of the process that it runs in. */
export interface CommandIo {
  readonly cwd: string
  readonly env: Environment
  /** Writes a line to standard output. */
  readonly print: (text: string) => void
  /** Writes a line to standard error. */
  readonly printError: (text: string) => void
}

export interface Command {
  readonly name: string
  /** One line for `lanekeeper --help`. */
  readonly summary: string
  /**
   * Returns the exit code: 0, or 1 if there is a problem.
   *
   * @throws {Stop} With exit code 2 if the command is called in a wrong way.
   */
  run(args: readonly string[], io: CommandIo): Promise<number>
}

type Options = NonNullable<ParseArgsConfig['options']>
type Values<Given extends Options> = ReturnType<typeof parseArgs<{ options: Given }>>['values']

/**
 * The values of the options.
 *
 * @throws {Stop} If an option is unknown or lacks its value, with the text of `--help` (exit code 2).
 */
export function parseOptions<Given extends Options>(
  args: readonly string[],
  options: Given,
  help: string,
): Values<Given> {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new Stop(`${(error as Error).message.split(/\.\s/)[0]}.\n\n${help}`, 2)
  }
}

/**
 * The environment with the variables of a file in the format of `node --env-file`. A variable that the environment has
 * keeps its value.
 *
 * @throws {Stop} If the file cannot be read (exit code 2).
 */
export function readEnvironment({ cwd, env }: CommandIo, file: string | undefined): Environment {
  if (file === undefined) return env
  try {
    return { ...parseEnv(readFileSync(resolve(cwd, file), 'utf8')), ...env }
  } catch (error) {
    throw new Stop(`--env-file ${file}: cannot be read (${(error as NodeJS.ErrnoException).code}).`, 2)
  }
}
