// What a row of the bench is given and gives back.

import type { RowResult } from './result.ts'
import type { World } from './world.ts'

export interface Bench {
  readonly quick: boolean
  readonly world: World
  /** An empty directory that goes away. */
  readonly directory: string
  /** Says what is being done, on one line that the next one replaces. */
  readonly progress: (text: string) => void
  /** Ends what is left running. Called when the bench ends, however it ends. */
  readonly atEnd: (end: () => unknown) => void
}

export type RunRow = (bench: Bench) => Promise<RowResult>
