// An origin that answers with the request that reached it. It adds the fields that the request asks for: `x-echo-vary:
// Cookie` makes it send `vary: Cookie`.

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { reportRequest, serve } from './serve.ts'

export interface SeenRequest {
  readonly method: string
  readonly target: string
  /** As on the wire: name, value, name, value... */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

const server = createServer({ maxHeaderSize: 65_536 }, async (request, response) => {
  const body = await text(request).catch(() => null)
  if (body === null) return
  const seen: SeenRequest = {
    method: request.method ?? '',
    target: request.url ?? '',
    rawHeaders: request.rawHeaders,
    body,
  }
  await reportRequest(seen)
  for (const [name, value] of Object.entries(request.headers))
    if (name.startsWith('x-echo-')) response.setHeader(name.slice('x-echo-'.length), String(value))
  response.end('from the origin')
})

await serve(server)
