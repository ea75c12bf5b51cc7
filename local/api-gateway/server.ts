// The HTTP server of one endpoint of an API: reads a whole request, calls the API, writes the answer. Every error
// becomes an answer; no request can hang or end the process. The quotas are those of API Gateway: 10 MB of body, 10,240
// bytes of request line and header values. Listens on the given address only. The default endpoint speaks plain HTTP, a
// custom domain has mutual TLS.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Answer } from './answer.ts'
import { createMutualTlsServer, readClientCert, type MutualTls } from './mutual-tls.ts'
import { headerLines, toReceivedRequest, type ReceivedRequest } from './request.ts'
import type { UndocumentedChoices } from './undocumented.ts'

/** One API behind a server. */
export interface ApiHandler {
  handle(request: ReceivedRequest): Promise<Answer>
  requestIdHeader: string
  newRequestId(): string
  bodyTooLarge(): Answer
  headersTooLarge(): Answer
  /** The answer to a client that may not use the endpoint. */
  forbidden(): Answer
  /** The answer to an exception of the gateway itself. */
  failure(): Answer
}

/** An API that caches the answers of its authorizers. */
export interface CachingApiHandler extends ApiHandler {
  flush(): void
}

export interface RunningServer {
  port: number
  close(): Promise<void>
}

export interface ServerOptions {
  name: string
  host: string
  port: number
  now: () => number
  /** Default: the server is the default endpoint. */
  mutualTls?: { tls: MutualTls; choices: Pick<UndocumentedChoices, 'missingClientCertificate'> }
}

/** What a server knows of each request besides its message. */
interface ServerFacts {
  now: () => number
  isCustomDomain: boolean
}

const MAX_BODY_BYTES = 10 * 1024 * 1024
const MAX_HEADER_BYTES = 10_240
/** Node's limit, which is above MAX_HEADER_BYTES, so that the gateway and not Node answers. */
const NODE_HEADER_BYTES = 64 * 1024

export async function startServer(
  api: ApiHandler,
  { name, host, port, now, mutualTls }: ServerOptions,
): Promise<RunningServer> {
  const facts: ServerFacts = { now, isCustomDomain: mutualTls !== undefined }
  const limits = { maxHeaderSize: NODE_HEADER_BYTES }
  const onRequest = (message: IncomingMessage, response: ServerResponse) => {
    answerMessage(api, facts, message, response).catch((error: unknown) => {
      console.error(`${name}: answering failed`, error)
      response.destroy()
    })
  }
  const server = mutualTls
    ? createMutualTlsServer(mutualTls.tls, mutualTls.choices, limits, onRequest)
    : createServer(limits, onRequest)
  server.on('clientError', (_error, socket) => refuseSocket(socket))
  server.on('connect', (_request, socket) => refuseSocket(socket))

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      const text = `${name}: port ${port} on ${host} is already in use`
      reject(Object.assign(new Error(text, { cause: error }), { code: 'EADDRINUSE', port }))
    })
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answerMessage(
  api: ApiHandler,
  facts: ServerFacts,
  message: IncomingMessage,
  response: ServerResponse,
) {
  const id = api.newRequestId()
  const answer = await answerFor(api, id, facts, message)
  if (!answer) return
  response.statusCode = answer.status
  for (const [header, value] of answer.headers) response.appendHeader(header, value)
  response.setHeader(api.requestIdHeader, id)
  if (!message.complete) response.setHeader('Connection', 'close')
  response.end(answer.body)
}

/** `undefined` if the client disconnected before it had sent the whole request. */
async function answerFor(
  api: ApiHandler,
  id: string,
  { now, isCustomDomain }: ServerFacts,
  message: IncomingMessage,
): Promise<Answer | undefined> {
  const timeMs = now()
  const clientCert = isCustomDomain ? readClientCert(message.socket) : undefined
  if (isCustomDomain && clientCert === undefined) return api.forbidden()
  if (headerBytes(message) > MAX_HEADER_BYTES) return api.headersTooLarge()
  let body: Buffer | 'too-large'
  try {
    body = await readBody(message)
  } catch {
    return undefined
  }
  if (body === 'too-large') return api.bodyTooLarge()
  try {
    const endpoint = isCustomDomain ? 'custom-domain' : 'default'
    return await api.handle(
      toReceivedRequest(message, { id, timeMs, body, endpoint, ...(clientCert && { clientCert }) }),
    )
  } catch (error) {
    console.error('local API Gateway: a request could not be handled', error)
    return api.failure()
  }
}

/** Reads up to ten times the limit, because a client that is still sending would miss the answer. */
function readBody(message: IncomingMessage): Promise<Buffer | 'too-large'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    message.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY_BYTES) chunks.push(chunk)
      else if (length > 10 * MAX_BODY_BYTES) resolve('too-large')
    })
    message.on('end', () => resolve(length > MAX_BODY_BYTES ? 'too-large' : Buffer.concat(chunks)))
    message.on('error', reject)
    message.on('close', () => reject(new Error('the client went away')))
  })
}

function headerBytes(message: IncomingMessage): number {
  const requestLine = `${message.method} ${message.url} HTTP/${message.httpVersion}`.length
  return headerLines(message).reduce((sum, [, value]) => sum + value.length, requestLine)
}

function refuseSocket(socket: Duplex): void {
  if (socket.writable)
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  else socket.destroy()
}
