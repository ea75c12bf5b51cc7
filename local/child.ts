// One child process of the local run, seen from the parent. Options and answers are sent over IPC and never in
// arguments or the environment, because some of them are secrets. A child ends with its parent.

import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export interface Child {
  readonly name: string
  readonly pid: number
  /** Resolves when the process ends, with a sentence that says how it ended. */
  readonly ended: Promise<string>
  /** Sends a message to a service that is ready (`Service.onMessage`). */
  send(message: string): void
  stop(): Promise<void>
  /** Sends SIGKILL to the child and to every process that it started. */
  kill(): void
}

export interface ChildOptions {
  readonly name: string
  /** Name of a module in processes/ (`.ts`, or `.js` in the package), or the URL of another module. */
  readonly module: string | URL
  readonly options: unknown
  /** `advanced`: options may have maps and regular expressions, and answers no functions. Default `json`. */
  readonly serialization?: 'json' | 'advanced'
  /** Receives every line that the child writes to standard output or error. */
  readonly onLine: (line: string) => void
  /** Receives the child as soon as its process runs, before it is ready, so that the caller can stop it. */
  readonly onSpawn: (child: Child) => void
}

export type ChildMessage = { readonly ready: unknown } | { readonly failed: string }

const STOP_MS = 5_000
const READY_MS = 30_000

const readLines = (stream: Readable, onLine: (line: string) => void) =>
  createInterface({ input: stream }).on('line', onLine)

/** Starts a child and waits until it is ready. Returns its `ready` message; rejects with one sentence if it fails. */
export async function startChild<Ready>({
  name,
  module,
  options,
  serialization = 'json',
  onLine,
  onSpawn,
}: ChildOptions): Promise<Ready> {
  const address =
    module instanceof URL
      ? module
      : new URL(`./processes/${module}${extname(import.meta.filename)}`, import.meta.url)
  const child = fork(address, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization,
    // A process group of its own, so that processes that the child starts can be ended with it.
    detached: true,
  })
  let lastError = ''
  readLines(child.stdout!, onLine)
  readLines(child.stderr!, (line) => {
    // The last lines of an uncaught error say nothing about it.
    if (!/^\s*(?:[{}]|Node\.js v\S+|code: '\w+')?\s*$/.test(line)) lastError = line.trim()
    onLine(line)
  })
  const endGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // The whole group has ended.
    }
  }

  const ended = new Promise<string>((resolve) => {
    // An error with a pid comes from options that do not reach a child that is ending: `exit` reports that.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`${name} could not be started: ${error.message}`)
    })
    child.once('exit', (code, signal) => {
      endGroup()
      const ending = signal === null ? `with exit code ${code}` : `by ${signal}`
      resolve(`${name} ended unexpectedly ${ending}${lastError === '' ? '' : `: ${lastError}`}`)
    })
  })
  onSpawn({
    name,
    pid: child.pid!,
    ended,
    kill: endGroup,
    send: (message) => void (child.connected && child.send(message)),
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
