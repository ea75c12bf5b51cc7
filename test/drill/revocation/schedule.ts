// What happens to the stores and to the clocks of the edges, and when. In real time: a shorter drill has shorter
// phases, and the edges are configured with shorter times.

/** The settings of the edges, in seconds. */
export interface Times {
  readonly refreshSeconds: number
  readonly staleSeconds: number
}

/**
 * `killed`: the process of the store Worker gets SIGKILL, and DynamoDB refuses connections. `slow`: each answer of both
 * comes later than an edge waits. `clocks`: the clocks of the edges are set forward and back.
 */
export type Fault = 'none' | 'killed' | 'slow' | 'clocks'

export interface Phase {
  readonly name: string
  readonly fault: Fault
  readonly seconds: number
  /** So long after the stores were broken, the clock of one instance of each edge is set back, in milliseconds. */
  readonly setBack?: { readonly afterMs: number; readonly byMs: number }
}

/** The length that the phases are written for. */
export const USUAL_SECONDS = 300
const USUAL: Times = { refreshSeconds: 5, staleSeconds: 60 }

/** How late a slow store answers, in milliseconds: an edge with older news waits for 1 000. */
export const SLOW_MS = 1_500

export const timesFor = (seconds: number): Times => {
  const part = seconds / USUAL_SECONDS
  const refreshSeconds = Math.max(1, Math.round(USUAL.refreshSeconds * part))
  return {
    refreshSeconds,
    staleSeconds: Math.max(refreshSeconds + 2, Math.round(USUAL.staleSeconds * part)),
  }
}

/** In seconds: the length in a drill of the usual length, and the least one. */
type Length = readonly [usual: number, least: number]

const PHASES: readonly (readonly [name: string, fault: Fault, length: Length])[] = [
  ['usual', 'none', [40, 2]],
  ['store killed', 'killed', [30, 1.5]],
  ['back again', 'none', [25, 3]],
  ['store killed past staleSeconds, two clocks set back', 'killed', [120, 5]],
  ['back again', 'none', [15, 3]],
  ['store slow', 'slow', [20, 2]],
  ['back again', 'none', [10, 2]],
  ['clocks set forward and back', 'clocks', [27, 2.5]],
  ['usual', 'none', [13, 1]],
]

export function phasesFor(seconds: number): readonly Phase[] {
  const part = seconds / USUAL_SECONDS
  const staleMs = timesFor(seconds).staleSeconds * 1000
  return PHASES.map(([name, fault, [usual, least]]) => {
    const phase = { name, fault, seconds: Math.max(least, usual * part) }
    const isPastStale = fault === 'killed' && phase.seconds * 1000 > staleMs
    return isPastStale ? { ...phase, setBack: { afterMs: staleMs * 0.75, byMs: staleMs * 0.6 } } : phase
  })
}

/** By how much the clocks of the edges are ahead, one after the other, in milliseconds. The last one is none. */
export const CLOCK_STEPS = [2_000, 500, 60_000, 55_000, -3_000, 1_800_000, -1_800_000, -1_803_000, 0] as const
