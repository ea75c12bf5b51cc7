// A local API Gateway: one loopback HTTP server for each API of a CloudFormation template, with the documented rules
// for routes, identity sources, Lambda authorizers, policies and answers. `osls package` writes the template; `invoke`
// runs a function (lambda-runtime.ts). A template with a property that is not emulated throws TemplateError at start.
// REST and HTTP APIs can have a custom domain with mutual TLS, which is a second server, with real TLS; its resources
// in a template are not read. Throttling, other custom domains, usage plans and Lambda permissions are not emulated.

import { createHttpApi } from './http-api.ts'
import type { InvokeFunction } from './invocation.ts'
import type { MutualTls } from './mutual-tls.ts'
import { startManagement, type ManagedApi } from './management.ts'
import { createRestApi } from './rest-api.ts'
import { startServer, type ApiHandler, type RunningServer } from './server.ts'
import type { Model } from './model.ts'
import { readTemplate, TemplateError } from './template.ts'
import { startWebSocketApi, type WebSocketServerClass } from './websocket-api.ts'
import { UNDOCUMENTED_DEFAULTS, type UndocumentedChoices } from './undocumented.ts'

export { unpackDeploymentPackage } from './deployment-package.ts'
export type { InvokeFunction, InvokeResult } from './invocation.ts'
export type { Model } from './model.ts'
export { createLambdaRuntime, type LambdaRuntime, type LambdaRuntimeOptions } from './lambda-runtime.ts'
export type { MutualTls } from './mutual-tls.ts'
export { TemplateError }
export { UNDOCUMENTED_DEFAULTS, type UndocumentedChoices } from './undocumented.ts'

export interface ApiGatewayOptions extends GatewayOptions {
  /** Parsed CloudFormation JSON. */
  template: unknown
}

export interface GatewayOptions {
  invoke: InvokeFunction
  /** Default 127.0.0.1. Most servers have no TLS, and none a rate limit, so use a loopback address only. */
  host?: string
  /** 0 picks a free port. The port of an API that the template does not have is ignored. */
  ports: {
    rest: number
    http: number
    webSocket?: number
    /** For the operations that remove cached answers. Default: they are not served. */
    management?: number
  }
  /**
   * A custom domain with mutual TLS for the REST API and one for the HTTP API. Both have the empty base path, mapped to
   * the stage of the API, so their paths begin without a stage. Default: none.
   */
  mutualTls?: MutualTls & { ports: { rest: number; http: number } }
  now?: () => number
  /** Behaviour that AWS does not document. Defaults: `UNDOCUMENTED_DEFAULTS`. */
  undocumented?: Partial<UndocumentedChoices>
  /** Loads `ws` if there is a WebSocket API. Default: the package beside this one. */
  loadWebSocketServer?: () => Promise<WebSocketServerClass>
}

export interface ApiGateway {
  /** With the stage: `http://127.0.0.1:4000/local`. Absent if the template has no REST API. */
  restUrl?: string
  /** With the stage unless it is `$default`. Absent if the template has no HTTP API. */
  httpUrl?: string
  /** The custom domain of the REST API, without a path: `https://127.0.0.1:4010`. Absent without `mutualTls`. */
  restMutualTlsUrl?: string
  /** The custom domain of the HTTP API, without a path. */
  httpMutualTlsUrl?: string
  /** With the stage: `ws://127.0.0.1:4002/local`. Absent if the template has no WebSocket API. */
  webSocketUrl?: string
  /** Removes every cached authorizer answer (on AWS: FlushStageAuthorizersCache, ResetAuthorizersCache). */
  flush(): void
  /** The endpoint of these two operations, and the ids and stages that they take. */
  management?: { url: string; apis: readonly Pick<ManagedApi, 'kind' | 'id' | 'stage'>[] }
  close(): Promise<void>
}

/** The logical ids of the APIs that no client could reach. */
const unreachableApis = ({ restApi, httpApi }: Model): string[] =>
  [restApi, httpApi].flatMap((api) => (api?.isDefaultEndpointDisabled ? api.logicalId : []))

/**
 * @throws {TemplateError} if the template cannot run here as on AWS. That includes an API without its default endpoint
 *   (`DisableExecuteApiEndpoint`) where there is no `mutualTls`.
 */
export const startApiGateway = async ({ template, ...options }: ApiGatewayOptions): Promise<ApiGateway> =>
  startGateway(readTemplate(template), options)

/**
 * Starts the APIs of a model, which need not come from a template.
 *
 * @throws {TemplateError} if nobody could call one of the APIs, as `startApiGateway`.
 */
export async function startGateway(
  model: Model,
  {
    invoke,
    host = '127.0.0.1',
    ports,
    mutualTls,
    now = Date.now,
    undocumented = {},
    loadWebSocketServer = async () => (await import('ws')).WebSocketServer,
  }: GatewayOptions,
): Promise<ApiGateway> {
  const { restApi, httpApi, webSocketApi } = model
  const unreachable = mutualTls ? [] : unreachableApis(model)
  if (unreachable.length > 0)
    throw new TemplateError(
      unreachable.map(
        (id) => `${id}: DisableExecuteApiEndpoint: there is no custom domain here to call instead`,
      ),
    )
  const choices = { ...UNDOCUMENTED_DEFAULTS, ...undocumented }
  const servers: RunningServer[] = []
  const close = async () => void (await Promise.all(servers.map((server) => server.close())))
  const authorityOf = ({ port }: RunningServer) => `${host.includes(':') ? `[${host}]` : host}:${port}`
  const start = async (name: string, api: ApiHandler, port: number) => {
    const server = await startServer(api, { name, host, port, now })
    servers.push(server)
    return `http://${authorityOf(server)}`
  }
  const startMutualTls = async (name: string, api: ApiHandler, port: number, tls: MutualTls) => {
    const options = { name: `custom domain of the ${name}`, host, port, now, mutualTls: { tls, choices } }
    const server = await startServer(api, options)
    servers.push(server)
    return `https://${authorityOf(server)}`
  }

  try {
    const apis: ManagedApi[] = []
    const gateway: ApiGateway = { close, flush: () => apis.forEach(({ flush }) => flush()) }
    if (restApi) {
      const api = createRestApi(restApi, invoke, choices, now)
      apis.push({ kind: 'rest', id: restApi.id, stage: restApi.stage, flush: api.flush })
      gateway.restUrl = `${await start('REST API', api, ports.rest)}/${restApi.stage}`
      if (mutualTls)
        gateway.restMutualTlsUrl = await startMutualTls('REST API', api, mutualTls.ports.rest, mutualTls)
    }
    if (httpApi) {
      const api = createHttpApi(httpApi, invoke, choices, now)
      apis.push({ kind: 'http', id: httpApi.id, stage: httpApi.stage, flush: api.flush })
      const origin = await start('HTTP API', api, ports.http)
      gateway.httpUrl = httpApi.stage === '$default' ? origin : `${origin}/${httpApi.stage}`
      if (mutualTls)
        gateway.httpMutualTlsUrl = await startMutualTls('HTTP API', api, mutualTls.ports.http, mutualTls)
    }
    if (webSocketApi) {
      const options = { name: 'WebSocket API', host, port: ports.webSocket ?? 0, now }
      const server = await startWebSocketApi(
        webSocketApi,
        invoke,
        choices,
        options,
        await loadWebSocketServer(),
      )
      servers.push(server)
      gateway.webSocketUrl = `ws://${authorityOf(server)}/${webSocketApi.stage}`
    }
    if (ports.management !== undefined) {
      const server = await startManagement(apis, { host, port: ports.management })
      servers.push(server)
      gateway.management = {
        url: `http://${authorityOf(server)}`,
        apis: apis.map(({ kind, id, stage }) => ({ kind, id, stage })),
      }
    }
    return gateway
  } catch (error) {
    await close()
    throw error
  }
}
