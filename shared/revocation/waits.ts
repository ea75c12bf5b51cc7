// How long an edge waits for a store of revocations.

/** For the news of a store before it answers from older news, in milliseconds. */
export const STORE_WAIT_MS = 1_000

/** After a store could not be read: for how long requests are not kept waiting for it again, in milliseconds. */
export const STORE_RETRY_MS = 1_000
