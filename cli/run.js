// `node cli/run.js NAME [options]`: what the commands of package.json start. Plain JavaScript, so that every
// version of Node can read it: one that cannot run TypeScript hands over to the one in node_modules. An error that a
// command does not explain itself is one line with its place (LANEKEEPER_STACK=1 shows the rest), and a command ends, with
// every process that it started, when whatever started it has gone: npm passes SIGTERM to a shell that does not pass it
// on, and a SIGHUP that ends npm leaves that shell where it is.

import { spawn } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const COMMANDS = {
  start: '../local/start.ts',
  'check:config': './check-config.ts',
  attacks: '../test/attacks/run.ts',
  fuzz: '../test/fuzz/run.ts',
  drill: '../test/drill/drill.ts',
  soak: '../test/drill/soak.ts',
  bench: '../bench/run.ts',
  'test:vectors': '../test/vectors/run.ts',
  'test:moto': '../test/support/run-moto.ts',
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
const LOOK_MS = 250
const HANDED_OVER = 'LANEKEEPER_HANDED_OVER'

const [, launcher, name = '', ...args] = process.argv
const target = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

/** @returns {never} */
function fail(message, exitCode) {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}

/** Every process that this one has started and that has not ended. */
const children = new Set()

function endChildren(signal) {
  for (const { pid } of children) {
    // The group of a process that has one of its own, and the process itself otherwise.
    for (const id of [-pid, pid]) {
      try {
        process.kill(id, signal)
        break
      } catch {
        // There is no such group, or nothing is left of it.
      }
    }
  }
}

/** What started the process `pid`, where /proc tells. `null`: unknown, or the process has gone. */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
  } catch {
    return null
  }
}

function watchOver() {
  subscribe('child_process', ({ process: child }) => {
    child.once('spawn', () => children.add(child))
    child.once('exit', () => children.delete(child))
  })
  for (const [signal, exitCode] of Object.entries(SIGNALS))
    process.on(signal, () => {
      // A command with a handler of its own ends its processes itself.
      if (process.listenerCount(signal) > 1) return
      endChildren('SIGTERM')
      process.exit(exitCode)
    })
  process.on('exit', () => endChildren('SIGKILL'))
  const parent = process.ppid
  // That of the shell between npm and this process.
  const npm = process.env['npm_lifecycle_event'] === undefined ? null : parentOf(parent)
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === null || parentOf(parent) === npm)) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, LOOK_MS)
  timer.unref()
}

if (target === undefined) fail(`Name one of: ${Object.keys(COMMANDS).join(', ')}.`, 2)
if (process.features.typescript) {
  watchOver()
  // What the command reads its options from.
  process.argv.splice(1, process.argv.length - 1, fileURLToPath(new URL(target, import.meta.url)), ...args)
  const { describeError } = await import('./describe-error.ts')
  try {
    await import(target)
  } catch (error) {
    fail(process.env['LANEKEEPER_STACK'] ? error?.stack : describeError(error), 1)
  }
} else if (!existsSync(node) || process.env[HANDED_OVER])
  fail(`Node ${process.version} cannot run this. Run: npm ci && npm run ${name}`, 1)
else {
  watchOver()
  const env = { ...process.env, [HANDED_OVER]: '1' }
  const child = spawn(node, [launcher, name, ...args], { stdio: 'inherit', env })
  for (const signal of Object.keys(SIGNALS)) process.on(signal, () => child.kill(signal))
  child.once('exit', (code, signal) => process.exit(code ?? SIGNALS[signal] ?? 1))
}
