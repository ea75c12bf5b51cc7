// The child process of the demo origin.

import { startOrdersServer } from '../../examples/orders/orders-server.ts'
import { serveParent } from './serve-parent.ts'

serveParent(async ({ port }: { port: number }) => {
  const { close, ...ready } = await startOrdersServer(port)
  return { ready, close }
})
