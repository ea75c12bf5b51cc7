// The orders API as a Lambda function behind API Gateway. The identity is in the request context.

import { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import { createOrdersApi } from './orders.ts'

/** A REST API puts the authorizer's context beside principalId, an HTTP API under `lambda`. */
function identify(_: Request, env: unknown): Readonly<Record<string, unknown>> {
  const { authorizer } = ((env as { event?: LambdaEvent }).event?.requestContext ?? {}) as {
    authorizer?: Record<string, unknown>
  }
  const { lambda, principalId: _principal, integrationLatency: _latency, ...rest } = authorizer ?? {}
  return (lambda as Record<string, unknown> | undefined) ?? rest
}

/**
 * Scripts of any origin may read the answers. On a REST API the function sets this header; an HTTP API with CORS
 * replaces it.
 */
const app = new Hono()
app.use(async (context, next) => {
  await next()
  context.header('access-control-allow-origin', '*')
})
app.route('/', createOrdersApi(identify))

export const handler = handle(app)
