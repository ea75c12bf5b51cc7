// The origin behind the Workers, in a process of its own: answers every request with the same few bytes, which say
// nothing about caching unless the options do.

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { serveParent } from '../../local/processes/serve-parent.ts'
import type { OriginOptions } from './origin-child.ts'

const BODY = JSON.stringify({ id: '4711', state: 'shipped' })

function toAnswer(cacheControl: string | null): string {
  const fields = ['Content-Type: application/json', `Content-Length: ${BODY.length}`]
  if (cacheControl !== null) fields.push(`Cache-Control: ${cacheControl}`)
  return ['HTTP/1.1 200 OK', ...fields, '', BODY].join('\r\n')
}

serveParent(async ({ cacheControl }: OriginOptions) => {
  const answer = toAnswer(cacheControl)
  const server = createServer({ noDelay: true }, (socket) => {
    let received = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      received += chunk
      for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
        received = received.slice(end + 4)
        socket.write(answer)
      }
    })
    socket.on('error', () => socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { ready: { url: `http://127.0.0.1:${port}` }, close: async () => void server.close() }
})
