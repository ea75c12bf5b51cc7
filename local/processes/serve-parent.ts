// The child's side of child.ts: waits for its options, starts, says so, and ends with its parent.
// Ctrl-C does not reach it: it has a process group of its own, and follows its parent.

import type { ChildMessage } from '../child.ts'
import { describeError } from '../../cli/describe-error.ts'

export interface Service<Ready> {
  readonly ready: Ready
  /** Receives what the parent tells it later. */
  hear?(word: unknown): void
  close(): Promise<void>
}

/** A parent that has gone is told nothing: its end is heard as `disconnect`. */
const send = (message: ChildMessage): void =>
  void (process.connected && process.send!(message, undefined, undefined, () => {}))

const CLOSE_MS = 4_000

/** Starts the service with the options the parent sends. */
export function serveParent<Options, Ready>(start: (options: Options) => Promise<Service<Ready>>): void {
  let service: Service<Ready> | null = null
  process.once('disconnect', async () => {
    setTimeout(() => process.exit(0), CLOSE_MS).unref()
    await service?.close()
    process.exit(0)
  })
  process.once('message', async (options) => {
    try {
      service = await start(options as Options)
      process.on('message', (word) => service?.hear?.(word))
      send({ ready: service.ready })
    } catch (error) {
      send({ failed: describeError(error) })
    }
  })
}
