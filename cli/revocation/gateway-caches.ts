// The answers that API Gateway caches for a stage, and how they are removed: FlushStageAuthorizersCache of a REST API,
// ResetAuthorizersCache of an HTTP API. With the credentials of whoever calls, as the AWS SDK finds them, which also
// reads AWS_ENDPOINT_URL_API_GATEWAY and AWS_ENDPOINT_URL_APIGATEWAYV2. Each client is loaded when it is needed.

import type { GatewayCacheConfig } from '../../shared/index.ts'
import { reasonOfSdk } from './aws-sdk.ts'

const REQUEST_MS = 15_000

export interface GatewayCache {
  /** As messages name it. */
  readonly name: string
  /** Removes the cached answers of every authorizer of the stage. Returns why it could not; `null`: it has. */
  flush(): Promise<string | null>
}

interface Client {
  destroy(): void
}

async function withClient<Opened extends Client>(
  client: Opened,
  work: (client: Opened, options: { abortSignal: AbortSignal }) => Promise<unknown>,
): Promise<void> {
  try {
    await work(client, { abortSignal: AbortSignal.timeout(REQUEST_MS) })
  } finally {
    client.destroy()
  }
}

const settingsFor = ({ region }: GatewayCacheConfig) => ({
  ...(region !== undefined && { region }),
  maxAttempts: 3,
})

async function flushRest(cache: GatewayCacheConfig & { readonly restApi: string }): Promise<void> {
  const { APIGatewayClient, FlushStageAuthorizersCacheCommand } = await import('@aws-sdk/client-api-gateway')
  const command = new FlushStageAuthorizersCacheCommand({ restApiId: cache.restApi, stageName: cache.stage })
  await withClient(new APIGatewayClient(settingsFor(cache)), (client, options) =>
    client.send(command, options),
  )
}

async function flushHttp(cache: GatewayCacheConfig & { readonly httpApi: string }): Promise<void> {
  const { ApiGatewayV2Client, ResetAuthorizersCacheCommand } = await import('@aws-sdk/client-apigatewayv2')
  const command = new ResetAuthorizersCacheCommand({ ApiId: cache.httpApi, StageName: cache.stage })
  await withClient(new ApiGatewayV2Client(settingsFor(cache)), (client, options) =>
    client.send(command, options),
  )
}

export function openCache(cache: GatewayCacheConfig): GatewayCache {
  const isRest = cache.restApi !== undefined
  const name = isRest
    ? `REST API ${cache.restApi}, stage ${cache.stage}`
    : `HTTP API ${cache.httpApi}, stage ${cache.stage}`
  return {
    name,
    async flush() {
      try {
        await (isRest ? flushRest(cache) : flushHttp(cache))
        return null
      } catch (error) {
        return reasonOfSdk(error, isRest ? '@aws-sdk/client-api-gateway' : '@aws-sdk/client-apigatewayv2')
      }
    },
  }
}
