// What a command of `lanekeeper` is: its name, what it may do to the outside, and how it reads its options.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs, parseEnv, type ParseArgsConfig } from 'node:util'
import type { Environment } from './stage-findings.ts'
import { Stop } from './stop.ts'

/** What a command has of the process that it runs in, and of the world outside. */
export interface CommandIo {
  readonly cwd: string
  readonly env: Environment
  /** Writes a line to standard output. */
  readonly print: (text: string) => void
  /** Writes a line to standard error. */
  readonly printError: (text: string) => void
  /** Shows what a long command is doing, on standard error, and only if that is a terminal. */
  readonly progress: (text: string) => void
  /** Asks the person a question and returns the line, trimmed. `null`: no person is there to answer. */
  readonly ask: ((question: string) => Promise<string>) | null
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Aborted when the person ends a command that runs until then. */
  readonly signal: AbortSignal
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
 * The values of the options, and the arguments `names` before, between and after them. All are required, unless
 * `--help` is given.
 *
 * @throws {Stop} If an option is unknown or lacks its value, or there are not as many arguments as names, with the text
 *   of `--help` (exit code 2). The message repeats no argument.
 */
export function parseArguments<Given extends Options>(
  args: readonly string[],
  names: readonly string[],
  options: Given,
  help: string,
): { readonly values: Values<Given>; readonly positionals: readonly string[] } {
  let parsed
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new Stop(`${(error as Error).message.split(/\.\s/)[0]}.\n\n${help}`, 2)
  }
  const { values, positionals } = parsed
  if (positionals.length !== names.length && (values as { help?: boolean }).help !== true)
    throw new Stop(`The arguments are ${names.join(' ')}; ${positionals.length} are given.\n\n${help}`, 2)
  return { values, positionals }
}

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
