// What the drill and the soak share as commands: child processes that always end, a temporary directory, and one line
// for an error that needs no stack.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Child } from '../../local/child.ts'
import { describeError } from '../../cli/describe-error.ts'
import { Stop } from '../../cli/stop.ts'
import { paint } from '../../cli/table.ts'

export interface CommandContext {
  /** An empty directory. */
  readonly directory: string
  readonly onSpawn: (child: Child) => void
  readonly say: (text: string) => void
  readonly progress: (text: string) => void
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Runs the work, stops every child at its end, and ends the process: 0 only if `work` returns true. */
export async function runCommand(work: (context: CommandContext) => Promise<boolean>): Promise<never> {
  const children: Child[] = []
  const stopped = Promise.withResolvers<never>()
  let ending = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stopped.reject(new Stop('Stopped.', 130)))

  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-drill-'))
  let exitCode = 1
  try {
    const context: CommandContext = {
      directory,
      say,
      progress: (text) => ending || say(paint('dim', `- ${text}`)),
      onSpawn: (child) => void (ending ? child.kill() : children.push(child)),
    }
    exitCode = (await Promise.race([work(context), stopped.promise])) ? 0 : 1
  } catch (error) {
    const isStop = error instanceof Stop
    if (isStop) exitCode = error.exitCode
    const channel = isStop && (exitCode === 0 || exitCode === 130) ? process.stdout : process.stderr
    channel.write(`${isStop ? error.message : describeError(error)}\n`)
  } finally {
    ending = true
    await Promise.all(children.map((child) => child.stop()))
    await rm(directory, { recursive: true, force: true })
  }
  process.exit(exitCode)
}
