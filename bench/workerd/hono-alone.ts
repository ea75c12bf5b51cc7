// A Worker that verifies with hono/jwk and answers itself. The keys are in its options: with `jwks_uri` it would fetch
// them for every request.

import { Hono } from 'hono'
import { jwk } from 'hono/jwk'
import { env } from './bindings.ts'

const { algorithms, issuer, audience, typ, keys } = JSON.parse(env['EXPECTED']!)
const app = new Hono()
app.use('/orders/*', jwk({ keys, alg: algorithms, verification: { iss: issuer, aud: audience, typ } }))
app.get('/orders/:id', (context) => context.body('{}'))

export default app
