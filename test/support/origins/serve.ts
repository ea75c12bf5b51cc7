// What every origin process does: it serves on loopback, prints its address, and sends the test each request. It ends
// when the test does.

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type OriginMessage = { readonly url: string } | { readonly id: number; readonly seen: unknown }

/** A message of the test: an acknowledgement, or an event to be sent. */
export type TestMessage = { readonly heard: number } | { readonly emit: string }

const waiting = new Map<number, () => void>()
let lastId = 0

/** Sends the test the request that has arrived. Settles when the test has it, so that the answer comes later. */
export function reportRequest(seen: unknown): Promise<void> {
  const id = lastId++
  send({ id, seen })
  return new Promise((resolve) => void waiting.set(id, resolve))
}

export async function serve(server: Server, onEmit: (text: string) => void = () => {}): Promise<void> {
  process.on('disconnect', () => process.exit())
  process.on('message', (message: TestMessage) => {
    if ('emit' in message) return onEmit(message.emit)
    waiting.get(message.heard)?.()
    waiting.delete(message.heard)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  send({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function send(message: OriginMessage): void {
  process.send!(message)
}
