// The origin behind the Workers, in a process of its own: answers every request with the same few bytes.

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { serveParent } from '../../local/processes/serve-parent.ts'

const BODY = JSON.stringify({ id: '4711', state: 'shipped' })
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`

serveParent(async () => {
  const server = createServer({ noDelay: true }, (socket) => {
    let received = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      received += chunk
      for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
        received = received.slice(end + 4)
        socket.write(ANSWER)
      }
    })
    socket.on('error', () => socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { ready: { url: `http://127.0.0.1:${port}` }, close: async () => void server.close() }
})
