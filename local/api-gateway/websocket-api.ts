// One WebSocket API (developer guide, "WebSocket APIs in API Gateway", "Control access to WebSocket APIs with Lambda
// authorizers"). The authorizer and the $connect route decide about the handshake. Every later message goes to a route
// with the context of that decision, even if the token has expired since. The management API, idle and connection
// limits and binary messages are not emulated. Plain HTTP requests get 403 (the answer of AWS is undocumented).

import { randomBytes } from 'node:crypto'
import { createServer, STATUS_CODES, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import { evaluateAnswer, parseRestAnswer } from './authorizer-answer.ts'
import { readIdentity } from './identity-source.ts'
import { invokeWithin, type InvokeFunction } from './invocation.ts'
import { isObject, type JsonObject } from './json.ts'
import type { RequestAuthorizer, WebSocketApi, WebSocketRoute } from './model.ts'
import { executeApiArn, policyRequest } from './policy-request.ts'
import { domainName, queryPairs, requestTime, toReceivedRequest, type ReceivedRequest } from './request.ts'
import { allValues, lastValues } from './request.ts'
import type { RunningServer, ServerOptions } from './server.ts'
import type { UndocumentedChoices } from './undocumented.ts'

/** Documented quota of a message's size. */
const MAX_MESSAGE_BYTES = 128 * 1024

/** The class `WebSocketServer` of the package `ws`, which only a WebSocket API needs. */
export type WebSocketServerClass = typeof WebSocketServer

type Handshake =
  | { refusalStatus: number }
  | { authorizer: JsonObject | undefined; protocol: string | undefined }

export async function startWebSocketApi(
  api: WebSocketApi,
  invoke: InvokeFunction,
  choices: UndocumentedChoices,
  { name, host, port, now }: ServerOptions,
  WebSocketServer: WebSocketServerClass,
): Promise<RunningServer> {
  const routeOf = (key: string) => api.routes.find((route) => route.key === key)
  const sockets = new Set<WebSocket>()
  const newId = () => randomBytes(11).toString('base64')

  const contextOf = (received: ReceivedRequest, connectionId: string, connectedAt: number): JsonObject => ({
    apiId: api.id,
    connectedAt,
    connectionId,
    domainName: domainName(received),
    extendedRequestId: received.id,
    identity: { sourceIp: received.sourceIp },
    messageDirection: 'IN',
    requestId: received.id,
    requestTime: requestTime(received),
    requestTimeEpoch: received.timeMs,
    stage: api.stage,
  })

  function handshakeMembers(received: ReceivedRequest): JsonObject {
    const query = queryPairs(received)
    return {
      headers: lastValues(received.headers),
      multiValueHeaders: allValues(received.headers),
      ...(query.length > 0 && {
        queryStringParameters: lastValues(query),
        multiValueQueryStringParameters: allValues(query),
      }),
      ...(Object.keys(api.stageVariables).length > 0 && { stageVariables: api.stageVariables }),
    }
  }

  async function authorize(
    authorizer: RequestAuthorizer,
    received: ReceivedRequest,
    context: JsonObject,
  ): Promise<{ refusalStatus: number } | { authorizer: JsonObject }> {
    if (!readIdentity(authorizer.identitySources, received, {}, api.stageVariables))
      return { refusalStatus: 401 }
    // The ARN of the handshake ends with the route key, without method and path.
    const methodArn = executeApiArn(api.id, api.stage, '$connect', '').replace(/\/$/, '')
    const event = { type: 'REQUEST', methodArn, ...handshakeMembers(received), requestContext: context }
    const result = await invokeWithin(choices.restAuthorizerTimeoutMs, invoke, authorizer.functionId, event)
    if (!result.ok)
      return {
        refusalStatus: result.reason === 'error' && result.errorMessage === 'Unauthorized' ? 401 : 500,
      }
    const answer = parseRestAnswer(result.payload, choices)
    if (answer?.form !== 'policy') return { refusalStatus: 500 }
    if (evaluateAnswer(answer, policyRequest(received, methodArn)) !== 'allow') return { refusalStatus: 403 }
    return { authorizer: { ...answer.context, principalId: answer.principalId, integrationLatency: 0 } }
  }

  async function performHandshake(received: ReceivedRequest, context: JsonObject): Promise<Handshake> {
    if (received.path !== `/${api.stage}` && received.path !== `/${api.stage}/`) return { refusalStatus: 403 }
    const route = routeOf('$connect')
    if (!route) return { authorizer: undefined, protocol: undefined }
    const connectContext = { ...context, routeKey: '$connect', eventType: 'CONNECT' }
    const authorization = route.authorizer
      ? await authorize(route.authorizer, received, connectContext)
      : { authorizer: undefined }
    if ('refusalStatus' in authorization) return authorization
    const { authorizer } = authorization
    const event = {
      ...handshakeMembers(received),
      requestContext: { ...connectContext, ...(authorizer && { authorizer }) },
      isBase64Encoded: false,
    }
    const result = await invokeWithin(route.timeoutMs, invoke, route.functionId, event)
    const payload = result.ok && isObject(result.payload) ? result.payload : {}
    const status = Number(payload['statusCode'])
    if (!(status >= 200 && status < 300))
      return { refusalStatus: status >= 400 && status < 600 ? status : 502 }
    const headers = isObject(payload['headers']) ? Object.entries(payload['headers']) : []
    const [, protocol] = headers.find(([header]) => header.toLowerCase() === 'sec-websocket-protocol') ?? []
    return { authorizer, protocol: protocol === undefined ? undefined : String(protocol) }
  }

  function selectRoute(message: string): WebSocketRoute | undefined {
    let key: unknown
    try {
      const body: unknown = JSON.parse(message)
      key = isObject(body) ? body[api.routeMember] : undefined
    } catch {
      key = undefined
    }
    return (typeof key === 'string' ? routeOf(key) : undefined) ?? routeOf('$default')
  }

  function handleConnection(
    socket: WebSocket,
    context: JsonObject,
    authorizer: JsonObject | undefined,
  ): void {
    const { connectionId } = context
    const messageContext = (more: JsonObject) => ({
      ...context,
      ...more,
      requestId: newId(),
      requestTimeEpoch: now(),
      ...(authorizer && { authorizer }),
    })
    const call = ({ key, functionId, timeoutMs }: WebSocketRoute, eventType: string, body?: string) =>
      invokeWithin(timeoutMs, invoke, functionId, {
        requestContext: messageContext({ routeKey: key, eventType }),
        ...(body !== undefined && { body }),
        isBase64Encoded: false,
      })
    const sendError = (message: string) =>
      socket.send(JSON.stringify({ message, connectionId, requestId: newId() }))

    sockets.add(socket)
    socket.on('error', () => socket.terminate())
    socket.on('message', (data) => {
      const body = String(data)
      const route = selectRoute(body)
      if (!route) return sendError('Forbidden')
      call(route, 'MESSAGE', body).then(
        (result) => {
          if (!result.ok) return sendError('Internal server error')
          const answer = isObject(result.payload) ? result.payload['body'] : undefined
          if (route.sendsResponse && typeof answer === 'string') socket.send(answer)
        },
        () => sendError('Internal server error'),
      )
    })
    socket.on('close', () => {
      sockets.delete(socket)
      const route = routeOf('$disconnect')
      if (route) call(route, 'DISCONNECT').catch(() => {})
    })
  }

  async function upgrade(message: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const facts = { id: newId(), timeMs: now(), body: Buffer.alloc(0), endpoint: 'default' } as const
    const received = toReceivedRequest(message, facts)
    const context = contextOf(received, newId(), received.timeMs)
    const handshake = await performHandshake(received, context)
    if ('refusalStatus' in handshake) return refuse(stream, handshake.refusalStatus)
    const server = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      handleProtocols: () => handshake.protocol ?? false,
    })
    server.handleUpgrade(message, stream, head, (socket) =>
      handleConnection(socket, context, handshake.authorizer),
    )
  }

  const server = createServer((_, response) => {
    response.writeHead(403, { 'Content-Type': 'application/json' }).end('{"message":"Forbidden"}')
  })
  server.on('upgrade', (message, stream, head) => {
    stream.on('error', () => stream.destroy())
    upgrade(message, stream, head).catch((error: unknown) => {
      console.error(`${name}: a handshake failed`, error)
      refuse(stream, 500)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuse(stream: Duplex, status: number): void {
  if (!stream.writable) return void stream.destroy()
  const body = JSON.stringify({ message: STATUS_CODES[status] ?? 'Error' })
  stream.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  )
}
