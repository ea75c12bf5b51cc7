// Work that many lanes take from one counter.

/** Does the work `count` times, `atOnce` at a time. */
export async function inLanes(
  count: number,
  atOnce: number,
  work: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
}

/** Calls `say` after each tenth of `count`. */
export function createTenths(count: number, say: (done: number) => void): () => void {
  let done = 0
  return () => {
    done++
    if (Math.floor((done * 10) / count) > Math.floor(((done - 1) * 10) / count)) say(done)
  }
}
