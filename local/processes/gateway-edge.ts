// The child process of the Lambda edge: the local API Gateway. Each function of the deployment package has a child
// process of its own below this one. This process prints what the functions log.

import { readFile } from 'node:fs/promises'
import {
  createLambdaRuntime,
  startApiGateway,
  unpackDeploymentPackage,
  type ApiGatewayOptions,
} from '../api-gateway/index.ts'
import { serveParent } from './serve-parent.ts'

export interface GatewayEdgeOptions {
  /** The path of cloudformation-template-update-stack.json, which `osls package` wrote. */
  readonly template: string
  /** The path of the zip that would be uploaded. */
  readonly archive: string
  /** A new directory for the unpacked zip. */
  readonly codeDirectory: string
  readonly environment: Record<string, string>
  readonly ports: { rest: number; http: number; webSocket: number; management?: number }
  readonly mutualTls?: NonNullable<ApiGatewayOptions['mutualTls']>
}

serveParent(async (options: GatewayEdgeOptions) => {
  const { template: file, archive, codeDirectory, environment, ports, mutualTls } = options
  await unpackDeploymentPackage(archive, codeDirectory)
  const template: unknown = JSON.parse(await readFile(file, 'utf8'))
  const runtime = createLambdaRuntime({
    template,
    codeDirectory,
    environment,
    onLog: (_, line) => console.log(line),
  })
  const gateway = await startApiGateway({
    template,
    invoke: runtime.invoke,
    ports,
    ...(mutualTls && { mutualTls }),
  })
  const { restUrl, httpUrl, webSocketUrl, restMutualTlsUrl, httpMutualTlsUrl } = gateway
  return {
    ready: { restUrl, httpUrl, webSocketUrl, restMutualTlsUrl, httpMutualTlsUrl },
    onMessage: (message) => {
      if (message === 'flush') gateway.flush()
    },
    close: async () => {
      await gateway.close()
      await runtime.close()
    },
  }
})
