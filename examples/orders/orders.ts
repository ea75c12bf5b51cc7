// The orders API of the tour: an example of an API behind an edge. It checks nothing itself and returns the identity
// that it receives, so that a person can see it. Not part of the product.

import { Hono } from 'hono'

interface Order {
  readonly id: string
  readonly item: string
}

const ORDERS: readonly Order[] = [
  { id: '1001', item: 'lamp' },
  { id: '1002', item: 'chair' },
]

type Identity = Readonly<Record<string, unknown>>

/** `identify` reads the identity that the edge has added to the request. */
export function createOrdersApi(identify: (request: Request, env: unknown) => Identity) {
  const app = new Hono()
  app.get('/health', (context) => context.json({ status: 'up' }))
  for (const kind of ['orders', 'invoices']) {
    app.get(`/${kind}`, (context) =>
      context.json({ [kind]: ORDERS, caller: identify(context.req.raw, context.env) }),
    )
    app.post(`/${kind}`, (context) =>
      context.json({ created: true, caller: identify(context.req.raw, context.env) }, 201),
    )
  }
  app.get('/orders/:id', (context) => {
    const order = ORDERS.find(({ id }) => id === context.req.param('id'))
    return order === undefined
      ? context.json({ title: 'Not Found', status: 404 }, 404)
      : context.json({ order })
  })
  // For routes other than the demo's: returns method, path and identity of the request.
  app.all('*', ({ req, env, json }) =>
    json({ method: req.method, path: req.path, caller: identify(req.raw, env) }),
  )
  return app
}
