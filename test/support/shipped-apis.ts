// The deployment of serverless.yml, in this process: the packaged CloudFormation in the local API Gateway, the shipped
// configuration with an issuer of the tests, the real handlers. Returns the answer of each of the three APIs.

import { WebSocket } from 'ws'
import config from '../../lanekeeper.config.ts'
import { createHandler, type AuthorizerHandler } from '../../functions/aws/handler.ts'
import { handler as orders } from '../../examples/orders/orders-function.ts'
import { handler as sockets } from '../../examples/orders/sockets-function.ts'
import { startApiGateway, type UndocumentedChoices } from '../../local/api-gateway/index.ts'
import { readTemplate } from '../../local/api-gateway/template.ts'
import { send } from '../local/api-gateway/gateway-fixture.ts'
import { generateKey, startTestIssuer } from './test-issuer.ts'

const AUDIENCE = 'https://api.test.example'
export const APIS = ['rest', 'http', 'webSocket'] as const
export type Api = (typeof APIS)[number]

export interface Seen {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** How often an authorizer was called. */
  readonly calls: number
  readonly caller: Readonly<Record<string, unknown>>
}

export interface ApiRequest {
  readonly token?: string
  readonly method?: string
  readonly path?: string
  readonly headers?: [string, string][]
}

export interface ShippedApis {
  token(claims?: Record<string, unknown>): Promise<string>
  /** Sends one request from a page of another origin; on the WebSocket API, a handshake and a message. */
  ask(api: Api, sent: ApiRequest): Promise<Seen>
  /** Sets the time of the gateway and the functions, in milliseconds from now. */
  later(ms: number): void
  /** Whether fetches of the issuer's keys fail. */
  breakKeys(isBroken: boolean): void
  close(): Promise<void>
}

const ORIGIN: [string, string] = ['Origin', 'https://app.example']

async function shakeHands(url: string, token: string | undefined): Promise<Omit<Seen, 'calls'>> {
  const protocols = token === undefined ? [] : ['orders.v1', 'bearer', token]
  const socket = new WebSocket(url, protocols, { headers: Object.fromEntries([ORIGIN]) })
  try {
    return await new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('unexpected-response', (_, { statusCode = 0, headers }) =>
        resolve({ status: statusCode, headers, caller: {} }),
      )
      socket.on('open', () => socket.send('{}'))
      socket.on('message', (data) => {
        const { caller = {} } = JSON.parse(String(data)) as { caller?: object }
        resolve({ status: 101, headers: {}, caller: { ...caller } })
      })
    })
  } finally {
    socket.terminate()
  }
}

export async function startShippedApis(
  template: unknown,
  undocumented: Partial<UndocumentedChoices> = {},
): Promise<ShippedApis> {
  const issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'k')] })
  const { stages: _stages, ...shipped } = config
  const main = { issuer: issuer.issuer, audience: AUDIENCE, algorithms: ['ES256'] as const }
  const given = {
    ...shipped,
    issuers: { main: { ...main, profile: 'rfc9068', keys: { discovery: 'openid-configuration' } } },
  } as typeof config
  let shift = 0
  let isBroken = false
  let calls = 0
  const now = () => Date.now() + shift
  const handlers = new Map<string, AuthorizerHandler>()
  const startHandlers = () => {
    for (const { logicalId, environment } of readTemplate(template).functions) {
      const name = environment['LANEKEEPER_AUTHORIZER']
      if (typeof name !== 'string') continue
      const ports = {
        now,
        report: () => {},
        fetch: (url: string, init: RequestInit) =>
          isBroken ? Promise.reject(new Error('unreachable')) : fetch(url, init),
      }
      handlers.set(logicalId, createHandler(given, { LANEKEEPER_AUTHORIZER: name }, ports))
    }
  }
  startHandlers()

  async function invoke(functionId: string, event: unknown): Promise<unknown> {
    const authorizer = handlers.get(functionId)
    if (authorizer !== undefined) {
      calls++
      return authorizer(event as never)
    }
    return functionId.startsWith('Sockets') ? sockets(event as never) : orders(event as never)
  }
  const gateway = await startApiGateway({
    template,
    ports: { rest: 0, http: 0, webSocket: 0 },
    now,
    undocumented,
    invoke: (functionId, event) =>
      invoke(functionId, event).then(
        (payload) => ({ ok: true, payload: JSON.parse(JSON.stringify(payload)) }),
        ({ message }: Error) => ({ ok: false, reason: 'error', errorType: 'Error', errorMessage: message }),
      ),
  })

  return {
    token: (claims = {}) =>
      issuer.token({
        claims: { jti: crypto.randomUUID(), scope: 'orders:read', ...claims } as never,
      }),
    async ask(api, { token, method = 'GET', path = '/orders', headers = [] }) {
      const before = calls
      if (api === 'webSocket') {
        const seen = await shakeHands(gateway.webSocketUrl!, token)
        return { ...seen, calls: calls - before }
      }
      const url = new URL(api === 'rest' ? gateway.restUrl! : gateway.httpUrl!)
      const target = `${url.pathname.replace(/\/$/, '')}${path}`
      const bearer: [string, string][] = token === undefined ? [] : [['Authorization', `Bearer ${token}`]]
      const reply = await send(url.origin, target, { method, headers: [ORIGIN, ...bearer, ...headers] })
      const body = (reply.body === '' ? {} : JSON.parse(reply.body)) as { caller?: object }
      return { ...reply, calls: calls - before, caller: { ...body.caller } }
    },
    later: (ms) => void (shift = ms),
    breakKeys: (broken) => {
      isBroken = broken
      startHandlers()
    },
    close: async () => {
      await gateway.close()
      await issuer.close()
    },
  }
}
