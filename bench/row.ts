// The input and the result of a row of the bench.

import type { RowResult } from './result.ts'
import type { World } from './world.ts'

export interface Bench {
  readonly quick: boolean
  readonly world: World
  /** An empty directory, which is removed at the end. */
  readonly directory: string
  /** Shows the progress on one line that the next one replaces. */
  readonly progress: (text: string) => void
  /** Registers a cleanup, called when the bench ends, however it ends. */
  readonly atEnd: (end: () => unknown) => void
}

export type RunRow = (bench: Bench) => Promise<RowResult>
