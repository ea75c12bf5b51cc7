// Requests to the receivers of a Fetch edge: each has a path of its own, at which issuers send messages such as logout
// tokens. Neither a rule nor CORS applies there, and nothing of such a request reaches the origin.

import { readBounded, type ReceivedRequest, type Receiver, type WaitUntil } from '../../shared/edge.ts'

/** The receiver at a path; `null` where there is none. */
export const findReceiver = (path: string, receivers: readonly Receiver[]): Receiver | null =>
  receivers.find((receiver) => receiver.path === path) ?? null

/** The response of a receiver. */
export async function answerReceived(
  request: Request,
  receiver: Receiver,
  waitUntil: WaitUntil | undefined,
): Promise<Response> {
  const received: ReceivedRequest = {
    method: request.method,
    contentType: request.headers.get('content-type'),
    body: async (maxBytes) =>
      request.body === null ? new Uint8Array() : readBounded(request.body.getReader(), maxBytes),
  }
  const { status, headers, body } = await receiver.receive(received, waitUntil)
  return new Response(body, { status, headers })
}

/** Fills the slot for receivers. */
export const RECEIVERS_PART = { find: findReceiver, answer: answerReceived }

export type ReceiversPart = typeof RECEIVERS_PART
