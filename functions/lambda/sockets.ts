// dist/lambda/sockets.handler: the WebSocket side of the demo.

export { handler } from '../demo/sockets-function.ts'
