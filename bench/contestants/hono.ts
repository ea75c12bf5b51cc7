// hono/jwk in a Hono app. The keys are in its options: with `jwks_uri` it would fetch them for every request.

import { Hono } from 'hono'
import { jwk } from 'hono/jwk'
import { AUDIENCE } from '../world.ts'
import type { Contestant } from './contestant.ts'

export const HONO: Contestant = {
  name: 'hono/jwk',
  unchecked: 'scope',
  async create({ issuer, keys }, algorithm) {
    const app = new Hono()
    app.use(
      '/orders/*',
      jwk({
        keys: Object.values(keys).map(({ publicJwk }) => publicJwk as never),
        alg: [algorithm],
        verification: { iss: issuer, aud: AUDIENCE, typ: 'at+jwt' },
      }),
    )
    app.get('/orders/:id', (context) => context.body(null, 204))
    return async (authorization) => {
      const request = new Request('http://localhost/orders/4711', { headers: { authorization } })
      return (await app.fetch(request)).status === 204
    }
  },
}
