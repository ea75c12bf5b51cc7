// A lease on keys: the search that found them need not be repeated while it lasts. It begins and ends at stated times,
// and earlier as soon as anything about the keys of the issuer changes. The lease is one small object, because a check
// touches nothing else: with a thousand issuers, reading the key store instead takes longer than the search.

/** Given by a key store with the keys that it found; the store alone ends it. All times in milliseconds. */
export interface KeyLease {
  readonly fromMs: number
  readonly untilMs: number
  readonly isOver: boolean
}

/** Whether the store that gave the lease would now find the same keys, and would do nothing else. */
export const isInForce = ({ isOver, fromMs, untilMs }: KeyLease, nowMs: number): boolean =>
  !isOver && nowMs >= fromMs && nowMs < untilMs
