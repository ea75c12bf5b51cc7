// A running gateway whose functions return fixed values, a record of their calls, and a client that sends request
// targets and header lines exactly as given.

import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import {
  startApiGateway,
  type ApiGatewayOptions,
  type InvokeResult,
  type UndocumentedChoices,
} from '../../../local/api-gateway/index.ts'

export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface Sending {
  method?: string
  headers?: [string, string][]
  body?: string | Buffer
}

type Outcome = InvokeResult | ((event: any) => InvokeResult | Promise<InvokeResult>)

export interface FixtureOptions {
  auth?: Outcome
  backend?: Outcome
  undocumented?: Partial<UndocumentedChoices>
  now?: () => number
  mutualTls?: ApiGatewayOptions['mutualTls']
}

export const answer = (payload: unknown): InvokeResult => ({ ok: true, payload })
export const thrown = (errorMessage: string): InvokeResult => ({
  ok: false,
  reason: 'error',
  errorType: 'Error',
  errorMessage,
})
export const timedOut: InvokeResult = { ok: false, reason: 'timeout', timeoutMs: 5000 }

export const policyAnswer = (effect: string, resource: unknown = '*', more: object = {}) => ({
  principalId: 'someone',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resource }],
  },
  ...more,
})

export async function startFixture(
  template: unknown,
  {
    auth = answer(policyAnswer('Allow')),
    backend = answer({ statusCode: 200, body: 'backend' }),
    undocumented = {},
    now,
    mutualTls,
  }: FixtureOptions = {},
) {
  const calls: { function: string; event: any }[] = []
  const gateway = await startApiGateway({
    template,
    ports: { rest: 0, http: 0 },
    undocumented,
    ...(now && { now }),
    ...(mutualTls && { mutualTls }),
    invoke: async (functionId, event) => {
      calls.push({ function: functionId, event })
      const outcome = functionId === 'Auth' ? auth : backend
      return typeof outcome === 'function' ? outcome(event) : outcome
    },
  })
  onTestFinished(() => gateway.close())
  const origin = new URL(gateway.restUrl ?? gateway.httpUrl ?? '').origin
  return {
    gateway,
    origin,
    calls,
    called: () => calls.map((call) => call.function),
    send: (target: string, sending?: Sending) => send(origin, target, sending),
  }
}

export function send(origin: string, target: string, { method = 'GET', headers = [], body }: Sending = {}) {
  const { hostname, port, host } = new URL(origin)
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host')
  const lines = hasHost ? headers : [['Host', host] as [string, string], ...headers]
  if (body !== undefined) lines.push(['Content-Length', String(Buffer.byteLength(body))])
  return new Promise<Reply>((resolve, reject) => {
    const outgoing = request({ hostname, port, path: target, method, headers: lines.flat(), agent: false })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.end(body)
  })
}

export const bearer: [string, string] = ['Authorization', 'Bearer abc']
