// A server that breaks a kept-alive connection: before its answer the request is sent once more, in the middle of the
// answer it is not. Real sockets. An unhandled rejection fails the run, as it would end the function.

import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createHttpsFetch } from '../../../functions/aws/https-fetch.ts'
import type { HttpAnswer } from '../../../shared/index.ts'

const ask = createHttpsFetch()
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n'

/** Answers the first request, and calls `second` for the second one. */
async function startServer(second: (socket: Socket) => void) {
  let questions = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => {
      if (++questions === 2) second(socket)
      else socket.write(`${HEAD}good`)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { url, questions: () => questions, close: () => server.close() }
}

const send = (url: string) => ask(url, { signal: AbortSignal.timeout(2_000) })

async function read({ body }: HttpAnswer): Promise<string> {
  const reader = body!.getReader()
  let text = ''
  for (;;) {
    const { value } = await reader.read()
    if (value === undefined) return text
    text += new TextDecoder().decode(value)
  }
}

test('broken before the answer: the request is sent once more', async () => {
  const server = await startServer((socket) => socket.resetAndDestroy())
  for (const _ of [1, 2]) expect(await read(await send(server.url))).toBe('good')
  expect(server.questions()).toBe(3)
  server.close()
})

test('broken in the middle of the answer: reading it fails, and the request is not sent again', async () => {
  let reset: () => void = () => {}
  const server = await startServer((socket) => {
    socket.write(`${HEAD}go`)
    reset = () => socket.resetAndDestroy()
  })
  expect(await read(await send(server.url))).toBe('good')
  const answer = await send(server.url)
  server.close()
  reset()
  await expect(read(answer)).rejects.toThrow()
  expect(server.questions()).toBe(2)
})
