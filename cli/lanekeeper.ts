#!/usr/bin/env node
// The executable `lanekeeper` of the package. Standard output has what the command prints. What a configuration or a
// tool logs goes to standard error.

import { Console } from 'node:console'
import { runCommand } from './commands.ts'

globalThis.console = new Console(process.stderr)

const exitCode = await runCommand(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  print: (text) => void process.stdout.write(`${text}\n`),
  printError: (text) => void process.stderr.write(`${text}\n`),
})
// A pipe takes its text later, and a tool that was loaded may keep the process alive.
process.stdout.write('', () => process.exit(exitCode))
