// A clock that runs faster than real time, the same in every process of the drill: an hour of grace passes in a
// minute. Only what is asked of it runs faster; timers and the time-outs of fetches stay real.

export interface FastClock {
  /** Real milliseconds since the epoch at which both clocks show the same. */
  readonly originMs: number
  /** Milliseconds of the fast clock in one real millisecond. */
  readonly speed: number
}

/** Milliseconds since the epoch on the fast clock, at a real time. */
export const fastTime = ({ originMs, speed }: FastClock, realMs: number): number =>
  Math.floor(originMs + (realMs - originMs) * speed)

/** The clock as a port. Keeps the `Date.now` of its making, so that it may replace `Date.now` itself. */
export function nowOn(clock: FastClock, realNow: () => number = Date.now): () => number {
  return () => fastTime(clock, realNow())
}
