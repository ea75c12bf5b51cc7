// A `Date` with a clock of its own, for one artefact.

export const dateOf = (now: () => number): DateConstructor =>
  class extends Date {
    static override now = now
  } as DateConstructor
