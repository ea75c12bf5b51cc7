// The result of a drill of DPoP: the figures of each phase.

import type { ClockFigures } from './clocks.ts'
import type { Edge } from './edges.ts'
import type { FlatFigures } from './flat.ts'
import type { MixResult } from './mix.ts'
import type { OutageFigures } from './outage.ts'
import type { PairFigures } from './pairs.ts'

export interface DpopDrillResult {
  readonly pairs: Readonly<Record<Edge, PairFigures>>
  readonly mix: MixResult
  readonly outages: readonly OutageFigures[]
  readonly clocks: readonly ClockFigures[]
  readonly flat: readonly FlatFigures[]
  /** The setting `dpop.replay.memoryBytes` of the instances whose memory is measured. */
  readonly memoryBytes: number
}
