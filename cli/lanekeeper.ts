#!/usr/bin/env node
// The executable `lanekeeper` of the package. Standard output has what the command prints. What a configuration or a
// tool logs goes to standard error. The first Ctrl-C asks a command to end, the second ends it. One that npm has started ends with npm.

import { Console } from 'node:console'
import { runCommand } from './commands.ts'
import { watchParent } from './parent.ts'
import { createProcessIo } from './process-io.ts'

globalThis.console = new Console(process.stderr)

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ended.abort())
if (process.env['npm_command'] !== undefined) watchParent(() => ended.abort())

const exitCode = await runCommand(process.argv.slice(2), createProcessIo(ended.signal))
// A pipe takes its text later, and a tool that was loaded may keep the process alive.
process.stdout.write('', () => process.exit(exitCode))
