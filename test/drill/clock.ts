// A clock that runs faster than real time, the same in every process of the drill: an hour of grace passes in a minute.
// Only readings of the clock are faster; timers and the timeouts of fetches stay real.

export interface FastClock {
  /** Real milliseconds since the epoch at which both clocks are equal. */
  readonly originMs: number
  /** Milliseconds of the fast clock in one real millisecond. */
  readonly speed: number
}

/** Milliseconds since the epoch on the fast clock, at a real time. */
export const fastTime = ({ originMs, speed }: FastClock, realMs: number): number =>
  Math.floor(originMs + (realMs - originMs) * speed)

/** The clock as a port. It keeps the `Date.now` of the time when it was created, so that it may replace `Date.now`. */
export function nowOn(clock: FastClock, realNow: () => number = Date.now): () => number {
  return () => fastTime(clock, realNow())
}
