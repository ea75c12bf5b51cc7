// The child's side of child.ts: waits for its options, starts the service, sends `ready` or `failed`, and ends with its
// parent. Ctrl-C does not reach it, because it has a process group of its own.

import type { ChildMessage } from '../child.ts'
import { describeError } from '../../cli/describe-error.ts'

export interface Service<Ready> {
  readonly ready: Ready
  /** Receives messages of the parent after the start. */
  onMessage?(message: unknown): void
  close(): Promise<void>
}

/** Sends a message unless the parent has ended, which the event `disconnect` reports. */
const send = (message: ChildMessage): void =>
  void (process.connected && process.send!(message, undefined, undefined, () => {}))

const CLOSE_MS = 4_000

/** Starts the service with the options that the parent sends. */
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
      process.on('message', (message) => service?.onMessage?.(message))
      send({ ready: service.ready })
    } catch (error) {
      send({ failed: describeError(error) })
    }
  })
}
