// The child's side of child.ts: waits for its options, starts, says so, and ends with its parent.
// Ctrl-C does not reach it: it has a process group of its own, and follows its parent.

import type { ChildMessage } from '../child.ts'

export interface Service<Ready> {
  readonly ready: Ready
  close(): Promise<void>
}

const send = (message: ChildMessage): void => void (process.connected && process.send!(message))

/** Starts the service with the options the parent sends. */
export function serveParent<Options, Ready>(start: (options: Options) => Promise<Service<Ready>>): void {
  process.once('message', async (options) => {
    try {
      const service = await start(options as Options)
      process.once('disconnect', async () => {
        await service.close()
        process.exit(0)
      })
      send({ ready: service.ready })
    } catch (error) {
      send({ failed: error instanceof Error ? error.message : String(error) })
    }
  })
  process.once('disconnect', () => setTimeout(() => process.exit(0), 4_000).unref())
}
