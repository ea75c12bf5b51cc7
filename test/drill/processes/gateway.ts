// The local API Gateway with the functions of the drill, from the CloudFormation that osls wrote for this project. The
// process prints the functions' logs.

import { createLambdaRuntime, startApiGateway } from '../../../local/api-gateway/index.ts'
import { serveParent } from '../../../local/processes/serve-parent.ts'
import template from '../../local/api-gateway/osls-template.json' with { type: 'json' }

export interface GatewayOptions {
  readonly codeDirectory: string
  readonly environment: Record<string, string>
}

serveParent(async ({ codeDirectory, environment }: GatewayOptions) => {
  const runtime = createLambdaRuntime({
    template,
    codeDirectory,
    environment,
    onLog: (_, line) => console.log(line),
  })
  const gateway = await startApiGateway({ template, invoke: runtime.invoke, ports: { rest: 0, http: 0 } })
  return {
    ready: { restUrl: gateway.restUrl, httpUrl: gateway.httpUrl },
    close: async () => {
      await gateway.close()
      await runtime.close()
    },
  }
})
