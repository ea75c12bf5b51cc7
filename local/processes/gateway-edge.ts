// Edge 2 as a process of its own: the local API Gateway with the functions of the deployment package, each in
// a process below this one. What the functions log is what this process prints.

import { readFile } from 'node:fs/promises'
import { createLambdaRuntime, startApiGateway, unpackDeploymentPackage } from '../api-gateway/index.ts'
import { serveParent } from './serve-parent.ts'

export interface GatewayEdgeOptions {
  /** cloudformation-template-update-stack.json, as `osls package` wrote it. */
  readonly template: string
  /** The zip that would be uploaded. */
  readonly archive: string
  /** A fresh directory to unpack it in. */
  readonly codeDirectory: string
  readonly environment: Record<string, string>
  readonly ports: { rest: number; http: number; webSocket: number }
}

serveParent(async ({ template: file, archive, codeDirectory, environment, ports }: GatewayEdgeOptions) => {
  await unpackDeploymentPackage(archive, codeDirectory)
  const template: unknown = JSON.parse(await readFile(file, 'utf8'))
  const runtime = createLambdaRuntime({
    template,
    codeDirectory,
    environment,
    onLog: (_, line) => console.log(line),
  })
  const gateway = await startApiGateway({ template, invoke: runtime.invoke, ports })
  return {
    ready: { restUrl: gateway.restUrl, httpUrl: gateway.httpUrl, webSocketUrl: gateway.webSocketUrl },
    hear: (word) => {
      if (word === 'flush') gateway.flush()
    },
    close: async () => {
      await gateway.close()
      await runtime.close()
    },
  }
})
