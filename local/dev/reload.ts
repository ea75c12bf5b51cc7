// Turns changes of files into reloads: one after the other, and one for changes that come close together.

export interface Reloads {
  /** Something has changed. */
  changed(): void
  /** Resolves when nothing is left to reload. */
  settled(): Promise<void>
}

/** How long to wait for further changes, in milliseconds: an editor writes a file in several steps. */
const QUIET_MS = 150

/** `sleep`: that of the command, which rejects at its end. `reload` reports its own problems. */
export function createReloads(
  sleep: (milliseconds: number) => Promise<void>,
  reload: () => Promise<void>,
): Reloads {
  let isPending = false
  let running: Promise<void> | null = null

  async function work(): Promise<void> {
    while (isPending) {
      isPending = false
      await sleep(QUIET_MS)
      if (!isPending) await reload()
    }
  }

  function start(): Promise<void> {
    const ended = work()
      // The end of the command ends the waiting as well.
      .catch(() => void (isPending = false))
      .then(() => void (running = isPending ? start() : null))
    return ended
  }

  return {
    changed() {
      isPending = true
      running ??= start()
    },
    settled: async () => void (await running),
  }
}
