// The commands of `lanekeeper`, each in a file of its own that is loaded when the command is called.

import type { Command, CommandIo } from './command.ts'
import { describeError } from './describe-error.ts'
import { shownJson, shownOutput } from './shown.ts'
import { Stop } from './stop.ts'
import { readVersion } from './version.ts'

export const COMMANDS: readonly Command[] = [
  {
    name: 'init',
    summary: 'writes a configuration and the files of a deployment tool into a project',
    run: async (args, io) => (await import('./init-command.ts')).runInit(args, io),
  },
  {
    name: 'dev',
    summary: 'runs the edges on this machine, with local tokens that look like those of your providers',
    run: async (args, io) => (await import('./dev-command.ts')).runDevCommand(args, io),
  },
  {
    name: 'token',
    summary: 'prints a token of the lanekeeper dev that runs, good or wrong in a named way',
    run: async (args, io) => (await import('./token-command.ts')).runToken(args, io),
  },
  {
    name: 'check',
    summary: 'checks a configuration in every stage, and compares the files of its deployment with it',
    run: async (args, io) => (await import('./check.ts')).runCheck(args, io),
  },
  {
    name: 'build',
    summary: 'compiles one stage of a configuration into what is deployed',
    run: async (args, io) => (await import('./build-command.ts')).runBuild(args, io),
  },
  {
    name: 'routes',
    summary: 'lists the rules that are enforced, and what an edge cannot express of them',
    run: async (args, io) => (await import('./routes-command.ts')).runRoutes(args, io),
  },
  {
    name: 'explain',
    summary: 'says what a stage decides about one request with its token, why, and whose move it is',
    run: async (args, io) => (await import('./explain-command.ts')).runExplain(args, io),
  },
  {
    name: 'revoke',
    summary: 'revokes access tokens before they expire, on every edge of a stage',
    run: async (args, io) => (await import('./revoke-command.ts')).runRevoke(args, io),
  },
  {
    name: 'unrevoke',
    summary: 'takes back a revocation',
    run: async (args, io) => (await import('./unrevoke-command.ts')).runUnrevoke(args, io),
  },
  {
    name: 'revocations',
    summary: 'lists what is revoked, or who revoked it',
    run: async (args, io) => (await import('./revocations-command.ts')).runRevocations(args, io),
  },
]

/** The exit code of a command that the person has ended (128 + SIGINT). */
const SIGNALLED = 130

const WIDTH = Math.max(...COMMANDS.map(({ name }) => name.length), '--version'.length)

const HELP = `lanekeeper COMMAND [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(WIDTH)}  ${summary}`).join('\n')}

  ${'--help'.padEnd(WIDTH)}  this text; after a command, its options
  ${'--version'.padEnd(WIDTH)}  the version of Lanekeeper`

/** `io`, with every character escaped that foreign text could do harm with. */
const shownIo = (io: CommandIo): CommandIo => ({
  ...io,
  print: (text) => io.print(shownOutput(text)),
  printError: (text) => io.printError(shownOutput(text)),
  progress: (text) => io.progress(shownOutput(text)),
})

/**
 * With `--json`, standard output has one JSON document also where the command has failed; a wrong call is a text on
 * standard error all the same.
 */
function printFailure(message: string, exitCode: number, args: readonly string[], io: CommandIo): void {
  if (exitCode === 1 && args.includes('--json'))
    io.print(shownJson({ version: 1, ok: false, error: message }))
  else io.printError(message)
}

/** Runs a command. Returns the exit code: 0, 1 if there is a problem, 2 if it was called in a wrong way. */
export async function runCommand([name, ...args]: readonly string[], givenIo: CommandIo): Promise<number> {
  const io = shownIo(givenIo)
  if (name === '--help' || name === '-h') return (io.print(HELP), 0)
  if (name === '--version' || name === '-v') return (io.print(readVersion()), 0)
  const command = COMMANDS.find((each) => each.name === name)
  if (command === undefined) {
    const mistake = name === undefined ? 'No command is given.' : `There is no command ${name}.`
    io.printError(`${mistake}\n\n${HELP}`)
    return 2
  }
  try {
    return await command.run(args, io)
  } catch (error) {
    const exitCode = error instanceof Stop ? error.exitCode : 1
    if (io.signal.aborted) return SIGNALLED
    const message = io.env['LANEKEEPER_STACK'] ? String((error as Error).stack) : describeError(error, io.cwd)
    printFailure(message, exitCode, args, io)
    return exitCode
  }
}
