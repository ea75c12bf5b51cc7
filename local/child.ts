// One child process of the local run, seen from the parent. Options and answers go over IPC, never through
// arguments or the environment, because some of them are secrets. A child ends when its parent does.

import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export interface Child {
  readonly name: string
  readonly pid: number
  /** Settles when the process ends, with a sentence that says how. */
  readonly ended: Promise<string>
  /** A word to a service that is ready (`Service.hear`). */
  tell(word: string): void
  stop(): Promise<void>
  /** SIGKILL to it and to whatever it has started. */
  kill(): void
}

export interface ChildOptions {
  readonly name: string
  /** Module under processes/, or the address of one elsewhere. */
  readonly module: string | URL
  readonly options: unknown
  /** Receives every line the child writes to standard output or error. */
  readonly onLine: (line: string) => void
  /** Receives the child as soon as it runs, ready or not, so that it can be watched and stopped. */
  readonly onSpawn: (child: Child) => void
}

export type ChildMessage = { readonly ready: unknown } | { readonly failed: string }

const STOP_MS = 5_000
const READY_MS = 30_000

const readLines = (stream: Readable, onLine: (line: string) => void) =>
  createInterface({ input: stream }).on('line', onLine)

/** Starts a child and waits until it is ready. Returns what it said then; rejects with one sentence when it fails instead. */
export async function startChild<Ready>({
  name,
  module,
  options,
  onLine,
  onSpawn,
}: ChildOptions): Promise<Ready> {
  const address = module instanceof URL ? module : new URL(`./processes/${module}.ts`, import.meta.url)
  const child = fork(address, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own, so that whatever the child has started can be ended with it.
    detached: true,
  })
  let lastError = ''
  readLines(child.stdout!, onLine)
  readLines(child.stderr!, (line) => {
    if (line.trim() !== '') lastError = line.trim()
    onLine(line)
  })
  const endGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // Nothing of it is left.
    }
  }

  const ended = new Promise<string>((resolve) => {
    // Also of options that no longer reach a child that is being stopped: how it ends says it all.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`${name} could not be started: ${error.message}`)
    })
    child.once('exit', (code, signal) => {
      endGroup()
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`
      resolve(`${name} ended unexpectedly ${how}${lastError === '' ? '' : `: ${lastError}`}`)
    })
  })
  onSpawn({
    name,
    pid: child.pid!,
    ended,
    kill: endGroup,
    tell: (word) => void (child.connected && child.send(word)),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      if (child.connected) child.disconnect()
      const timer = setTimeout(endGroup, STOP_MS)
      await ended
      clearTimeout(timer)
    },
  })
  const message = await Promise.race([
    new Promise<ChildMessage>((resolve) => {
      child.once('message', resolve)
      child.send(options as object)
    }),
    ended.then((sentence): never => {
      throw new Error(sentence)
    }),
    new Promise<never>((_, reject) => {
      const late = () => reject(new Error(`${name} was not ready within ${READY_MS / 1000} seconds`))
      setTimeout(late, READY_MS).unref()
    }),
  ])
  if ('failed' in message) throw new Error(`${name} could not start: ${message.failed}`)
  return message.ready as Ready
}
