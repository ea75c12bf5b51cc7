// dist/orders/sockets.handler: the WebSocket side of the demo.

export { handler } from '../sockets-function.ts'
