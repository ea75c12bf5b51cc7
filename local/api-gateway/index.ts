// A local API Gateway: one loopback HTTP server for each API of a CloudFormation template, with the documented rules
// for routes, identity sources, Lambda authorizers, policies and answers. `osls package` writes the template; `invoke`
// runs a function (lambda-runtime.ts). A template with a property that is not emulated throws TemplateError at start.
// Throttling, TLS, custom domains, usage plans and Lambda permissions are not emulated.

import { createHttpApi } from './http-api.ts'
import type { InvokeFunction } from './invocation.ts'
import { startManagement, type ManagedApi } from './management.ts'
import { createRestApi } from './rest-api.ts'
import { startServer, type RunningServer } from './server.ts'
import { readTemplate } from './template.ts'
import { startWebSocketApi } from './websocket-api.ts'
import { UNDOCUMENTED_DEFAULTS, type UndocumentedChoices } from './undocumented.ts'

export { unpackDeploymentPackage } from './deployment-package.ts'
export type { InvokeFunction, InvokeResult } from './invocation.ts'
export { createLambdaRuntime, type LambdaRuntime, type LambdaRuntimeOptions } from './lambda-runtime.ts'
export { TemplateError } from './template.ts'
export { UNDOCUMENTED_DEFAULTS, type UndocumentedChoices } from './undocumented.ts'

export interface ApiGatewayOptions {
  /** Parsed CloudFormation JSON. */
  template: unknown
  invoke: InvokeFunction
  /** Default 127.0.0.1. The servers have no TLS and no rate limit, so use a loopback address only. */
  host?: string
  /** 0 picks a free port. The port of an API that the template does not have is ignored. */
  ports: {
    rest: number
    http: number
    webSocket?: number
    /** For the operations that remove cached answers. Default: they are not served. */
    management?: number
  }
  now?: () => number
  /** Behaviour that AWS does not document. Defaults: `UNDOCUMENTED_DEFAULTS`. */
  undocumented?: Partial<UndocumentedChoices>
}

export interface ApiGateway {
  /** With the stage: `http://127.0.0.1:4000/local`. Absent if the template has no REST API. */
  restUrl?: string
  /** With the stage unless it is `$default`. Absent if the template has no HTTP API. */
  httpUrl?: string
  /** With the stage: `ws://127.0.0.1:4002/local`. Absent if the template has no WebSocket API. */
  webSocketUrl?: string
  /** Removes every cached authorizer answer (on AWS: FlushStageAuthorizersCache, ResetAuthorizersCache). */
  flush(): void
  /** The endpoint of these two operations, and the ids and stages that they take. */
  management?: { url: string; apis: readonly Pick<ManagedApi, 'kind' | 'id' | 'stage'>[] }
  close(): Promise<void>
}

export async function startApiGateway({
  template,
  invoke,
  host = '127.0.0.1',
  ports,
  now = Date.now,
  undocumented = {},
}: ApiGatewayOptions): Promise<ApiGateway> {
  const { restApi, httpApi, webSocketApi } = readTemplate(template)
  const choices = { ...UNDOCUMENTED_DEFAULTS, ...undocumented }
  const servers: RunningServer[] = []
  const close = async () => void (await Promise.all(servers.map((server) => server.close())))
  const originOf = ({ port }: RunningServer) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const start = async (...[api, options]: Parameters<typeof startServer>) => {
    const server = await startServer(api, options)
    servers.push(server)
    return originOf(server)
  }

  try {
    const apis: ManagedApi[] = []
    const gateway: ApiGateway = { close, flush: () => apis.forEach(({ flush }) => flush()) }
    if (restApi) {
      const api = createRestApi(restApi, invoke, choices, now)
      apis.push({ kind: 'rest', id: restApi.id, stage: restApi.stage, flush: api.flush })
      const origin = await start(api, { name: 'REST API', host, port: ports.rest, now })
      gateway.restUrl = `${origin}/${restApi.stage}`
    }
    if (httpApi) {
      const api = createHttpApi(httpApi, invoke, choices, now)
      apis.push({ kind: 'http', id: httpApi.id, stage: httpApi.stage, flush: api.flush })
      const origin = await start(api, { name: 'HTTP API', host, port: ports.http, now })
      gateway.httpUrl = httpApi.stage === '$default' ? origin : `${origin}/${httpApi.stage}`
    }
    if (webSocketApi) {
      const options = { name: 'WebSocket API', host, port: ports.webSocket ?? 0, now }
      const server = await startWebSocketApi(webSocketApi, invoke, choices, options)
      servers.push(server)
      gateway.webSocketUrl = `ws://${host.includes(':') ? `[${host}]` : host}:${server.port}/${webSocketApi.stage}`
    }
    if (ports.management !== undefined) {
      const server = await startManagement(apis, { host, port: ports.management })
      servers.push(server)
      gateway.management = {
        url: originOf(server),
        apis: apis.map(({ kind, id, stage }) => ({ kind, id, stage })),
      }
    }
    return gateway
  } catch (error) {
    await close()
    throw error
  }
}
