// The slot for receivers: what takes messages from issuers over HTTP, such as logout tokens. A receiver decides about
// no request to the API. An edge finds it by its path before any rule, and translates.

import type { WaitUntil } from '../platform/ports.ts'

/** A request to a receiver. */
export interface ReceivedRequest {
  readonly method: string
  /** The value of the Content-Type field. */
  readonly contentType: string | null
  /** The body; `null` if it is larger than `maxBytes`. Read at most once. */
  body(maxBytes: number): Promise<Uint8Array | null>
}

/** The answer of a receiver, for an edge to send. */
export interface ReceiverAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** `null`: none. */
  readonly body: string | null
}

/** Takes the messages of issuers at one path. It decides about no request to the API. */
export interface Receiver {
  /** The exact path, as it is in the configuration. */
  readonly path: string
  /** Never rejects. */
  receive(request: ReceivedRequest, waitUntil: WaitUntil | undefined): Promise<ReceiverAnswer>
}
