// How long a secret is used, and when it is loaded again.

/** All in milliseconds. */
export const SECRET_TIMES = {
  /** How long a loaded secret is used before it is loaded again. */
  freshMs: 5 * 60_000,
  /** How long a loaded secret is used if it cannot be loaded again. */
  usableMs: 60 * 60_000,
  /** A refused secret is loaded again at most this often. */
  renewalMs: 10_000,
  /** A secret that does not verify a token, or lacks the token's key, is loaded again at most this often. */
  missMs: 30_000,
  /** Pause after a load that failed. */
  retryMs: 5_000,
  /** Time limit of one load. */
  loadMs: 3_000,
} as const
