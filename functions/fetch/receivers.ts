// Requests to the receivers of a Fetch edge: each has a path of its own, at which issuers send messages such as logout
// tokens. Neither a rule nor CORS applies there, and nothing of such a request reaches the origin.

import type { ReceivedRequest, Receiver, WaitUntil } from '../../shared/edge.ts'

/** The receiver at a path; `null` where there is none. */
export const findReceiver = (path: string, receivers: readonly Receiver[]): Receiver | null =>
  receivers.find((receiver) => receiver.path === path) ?? null

/** Reads no further than the chunk that exceeds the limit. */
async function readBody({ body }: Request, maxBytes: number): Promise<Uint8Array | null> {
  if (body === null) return new Uint8Array()
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { value } = await reader.read()
    if (value === undefined) break
    size += value.byteLength
    if (size > maxBytes) {
      void reader.cancel().catch(() => {})
      return null
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(size)
  chunks.reduce((at, chunk) => (bytes.set(chunk, at), at + chunk.byteLength), 0)
  return bytes
}

/** The response of a receiver. */
export async function answerReceived(
  request: Request,
  receiver: Receiver,
  waitUntil: WaitUntil | undefined,
): Promise<Response> {
  const received: ReceivedRequest = {
    method: request.method,
    contentType: request.headers.get('content-type'),
    body: (maxBytes) => readBody(request, maxBytes),
  }
  const { status, headers, body } = await receiver.receive(received, waitUntil)
  return new Response(body, { status, headers })
}

/** Fills the slot for receivers. */
export const RECEIVERS_PART = { find: findReceiver, answer: answerReceived }

export type ReceiversPart = typeof RECEIVERS_PART
