// dist/orders/orders.handler: the orders API of the demo.

export { handler } from '../orders-function.ts'
