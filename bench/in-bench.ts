// What a run needs around it: a world, a directory, and a list of cleanups that run however the run ends.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stop } from '../cli/stop.ts'
import { endProgress, progress } from './progress.ts'
import { WrongVerdict } from './rounds.ts'
import type { Bench } from './row.ts'
import type { RowName } from './rows.ts'
import { startWorld } from './world.ts'

/** Signals that end a run early. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Provides a world to measure in, and closes it at the end in any case. */
export async function inBench<Result>(
  quick: boolean,
  work: (benchFor: (row: RowName) => Bench) => Promise<Result>,
): Promise<Result> {
  const ends: (() => unknown)[] = []
  const endAll = async () => {
    endProgress()
    for (const end of ends.splice(0).reverse()) await end()
  }
  const stopped = Promise.withResolvers<never>()
  for (const signal of SIGNALS) process.once(signal, () => stopped.reject(new Stop('Stopped.', 130)))
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-bench-'))
  ends.push(() => rm(directory, { recursive: true, force: true }))
  try {
    const world = await startWorld()
    ends.push(() => world.close())
    const benchFor = (row: RowName): Bench => ({
      quick,
      world,
      directory,
      progress: (text) => progress(row, text),
      atEnd: (end) => void ends.push(end),
    })
    return await Promise.race([work(benchFor), stopped.promise])
  } catch (error) {
    throw error instanceof WrongVerdict ? new Stop(error.message, 1) : error
  } finally {
    await endAll()
  }
}
