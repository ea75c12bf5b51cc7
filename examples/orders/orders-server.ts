// The orders API as a server behind the Worker. The identity is in header fields.

import { serve } from '@hono/node-server'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createOrdersApi } from './orders.ts'

const PREFIX = 'x-lanekeeper-'

const identify = (request: Request): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...request.headers]
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, value]) => [name.slice(PREFIX.length).replaceAll('-', '_'), value]),
  )

export interface OrdersServer {
  readonly url: string
  close(): Promise<void>
}

/** Starts the orders API on loopback. A port in use rejects with `EADDRINUSE`. */
export async function startOrdersServer(port: number): Promise<OrdersServer> {
  const server = serve({ fetch: createOrdersApi(identify).fetch, hostname: '127.0.0.1', port })
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
