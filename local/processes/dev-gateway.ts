// The child process of API Gateway in `lanekeeper dev`: the APIs of a model, with the authorizer artefact of the run
// and the functions of the user, each in a process of its own below this one. It prints what they log.

import { startGateway, type Model } from '../api-gateway/index.ts'
import { createFunction } from '../api-gateway/lambda-runtime.ts'
import type { LambdaFunction } from '../api-gateway/model.ts'
import { importTool } from '../../cli/project-tool.ts'
import { ORIGIN_ID, SOCKET_ID } from '../dev/api-model.ts'
import { isObject } from '../dev/json-object.ts'
import { invokeOrigin } from '../dev/proxy.ts'
import { answerSocket } from '../dev/socket-echo.ts'
import { serveParent } from './serve-parent.ts'

export interface DevFunction {
  readonly lambda: Omit<LambdaFunction, 'environment'>
  readonly codeDirectory: string
  readonly variables: Readonly<Record<string, string>>
}

export interface DevGatewayOptions {
  readonly model: Model
  readonly functions: readonly DevFunction[]
  readonly origin: string
  readonly ports: { readonly rest: number; readonly http: number; readonly webSocket: number }
  /** The path of the package `ws`; `null`: no WebSocket API runs. */
  readonly ws: string | null
}

type Ws = Pick<typeof import('ws'), 'WebSocketServer'>

serveParent(async ({ model, functions, origin, ports, ws }: DevGatewayOptions) => {
  const processes = new Map(
    functions.map(({ lambda, codeDirectory, variables }) => [
      lambda.logicalId,
      createFunction(lambda, codeDirectory, variables, (line) => console.log(line)),
    ]),
  )
  const gateway = await startGateway(model, {
    ports,
    async invoke(id, event) {
      const given = isObject(event) ? event : {}
      if (id === ORIGIN_ID) return { ok: true, payload: await invokeOrigin(origin, given) }
      if (id === SOCKET_ID) return { ok: true, payload: answerSocket(given) }
      const found = processes.get(id)
      if (found === undefined) throw new Error(`there is no function ${id}`)
      return found.invoke(event)
    },
    ...(ws !== null && {
      loadWebSocketServer: async () => (await importTool<Ws>(ws)).WebSocketServer!,
    }),
  })
  const { restUrl, httpUrl, webSocketUrl } = gateway
  return {
    ready: { restUrl, httpUrl, webSocketUrl },
    close: async () => {
      await gateway.close()
      await Promise.all([...processes.values()].map((one) => one.close()))
    },
  }
})
