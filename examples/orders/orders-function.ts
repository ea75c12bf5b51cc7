// The orders API as a Lambda function behind API Gateway: the identity is in the request context.

import { Hono } from 'hono'
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import { createOrdersApi } from './orders.ts'

/** REST APIs put the authorizer's context beside its principalId, HTTP APIs under `lambda`. */
function identify(_: Request, env: unknown): Readonly<Record<string, unknown>> {
  const { authorizer } = ((env as { event?: LambdaEvent }).event?.requestContext ?? {}) as {
    authorizer?: Record<string, unknown>
  }
  const { lambda, principalId: _principal, integrationLatency: _latency, ...rest } = authorizer ?? {}
  return (lambda as Record<string, unknown> | undefined) ?? rest
}

/** Scripts of any origin may read it. A REST API leaves this header to the function; an HTTP API with CORS writes its own. */
const app = new Hono()
app.use(async (context, next) => {
  await next()
  context.header('access-control-allow-origin', '*')
})
app.route('/', createOrdersApi(identify))

export const handler = handle(app)
