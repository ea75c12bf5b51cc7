// `node cli/run.js NAME [options]` runs the commands of package.json. It is plain JavaScript, so that every version of
// Node can read it; a Node that cannot run TypeScript starts the one in node_modules. An uncaught error is printed as
// one line with its location (LANEKEEPER_STACK=1 prints the stack). A command ends, with every process that it started,
// when the process that started it has ended. It has to look for that itself: npm sends SIGTERM to a shell that does
// not forward it, and a SIGHUP that ends npm does not end that shell.

import { spawn } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const COMMANDS = {
  start: '../local/start.ts',
  'check:config': './check-config.ts',
  'example:bound': '../local/bound/start.ts',
  'example:revocation': '../local/revocation/start.ts',
  lanekeeper: './lanekeeper.ts',
  'build:schema': './schema/write.ts',
  attacks: '../test/attacks/run.ts',
  fuzz: '../test/fuzz/run.ts',
  drill: '../test/drill/drill.ts',
  'drill:revocation': '../test/drill/revocation/drill.ts',
  'drill:dpop': '../test/drill/dpop/drill.ts',
  soak: '../test/drill/soak.ts',
  bench: '../bench/run.ts',
  'test:vectors': '../test/vectors/run.ts',
  'test:dpop': '../test/dpop-mutants/run.ts',
  'test:mtls': '../test/mtls-mutants/run.ts',
  'test:openssl': '../test/openssl/run.ts',
  'test:moto': '../test/support/run-moto.ts',
  'test:deploy': '../test/support/run-deploy.ts',
  'test:migrations': '../test/migrations/run.ts',
  'test:operate': '../test/operate/run.ts',
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
const PARENT_POLL_MS = 250
const HANDED_OVER = 'LANEKEEPER_HANDED_OVER'

const [, launcher, name = '', ...args] = process.argv
const target = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

/** @returns {never} */
function fail(message, exitCode) {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}

/** The running child processes. */
const children = new Set()

function endChildren(signal) {
  for (const { pid } of children) {
    // The process group, if the child leads one, else the child alone.
    for (const id of [-pid, pid]) {
      try {
        process.kill(id, signal)
        break
      } catch {
        // The child leads no group, or its processes have ended.
      }
    }
  }
}

/** The parent of the process `pid`, from /proc. `null`: the system has no /proc, or the process has ended. */
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
      // A command with a signal handler of its own ends its child processes itself.
      if (process.listenerCount(signal) > 1) return
      endChildren('SIGTERM')
      process.exit(exitCode)
    })
  process.on('exit', () => endChildren('SIGKILL'))
  const parent = process.ppid
  // The parent of the shell that npm starts between itself and this process.
  const npm = process.env['npm_lifecycle_event'] === undefined ? null : parentOf(parent)
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === null || parentOf(parent) === npm)) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, PARENT_POLL_MS)
  timer.unref()
}

if (target === undefined) fail(`Name one of: ${Object.keys(COMMANDS).join(', ')}.`, 2)
if (process.features.typescript) {
  watchOver()
  // The command reads its options from process.argv.
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
