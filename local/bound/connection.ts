// One request on a connection of its own: plain HTTP, or TLS with the certificate of a client. Unlike fetch, it can
// repeat fields, choose the host, and present a certificate.

import { request as startRequest, type IncomingMessage } from 'node:http'
import { request as startTlsRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { Certified } from '../client-certificates/certificates.ts'

/** What a client has for TLS. */
export interface TlsClient {
  /** The CA of the servers, in PEM. */
  readonly serverCa: string
  /** Its own certificate; `null`: it presents none. */
  readonly certificate: Pick<Certified, 'pem' | 'key'> | null
}

/** A request as it is sent. A field may be there twice. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly fields: Readonly<Record<string, string | readonly string[]>>
  /** Default: empty. */
  readonly body?: string
}

/** A server with TLS has ended the connection without an answer: it wants a certificate, or another one. */
export class ConnectionClosed extends Error {}

const ANSWER_MS = 15_000

/** With TLS 1.3 a client gets the alert once it reads, and a server that ends the connection may be quicker. */
const REFUSALS = /^(?:ECONNRESET|EPIPE|ERR_SSL_\w*ALERT\w*)$/

async function toResponse(message: IncomingMessage): Promise<Response> {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(message.headersDistinct))
    for (const value of values) headers.append(name, value)
  return new Response(new Uint8Array(await buffer(message)), { status: message.statusCode!, headers })
}

/**
 * Sends a request to a port of this machine, whatever the port in its URL.
 * @throws {ConnectionClosed}
 */
export async function deliver(
  { method, url, fields, body = '' }: Sent,
  port: number,
  tls: TlsClient | null,
): Promise<Response> {
  const { protocol, host, pathname, search } = new URL(url)
  const options = {
    host: '127.0.0.1',
    port,
    method,
    path: pathname + search,
    headers: { ...fields, host, 'content-length': String(Buffer.byteLength(body)) } as Record<
      string,
      string | string[]
    >,
    agent: false,
    signal: AbortSignal.timeout(ANSWER_MS),
  } as const
  const { pem: cert, key } = tls?.certificate ?? {}
  const request =
    protocol === 'https:'
      ? startTlsRequest({ ...options, ca: tls!.serverCa, ...(cert !== undefined && { cert, key }) })
      : startRequest(options)
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  request.once('error', (error: NodeJS.ErrnoException) => {
    const isClosed = protocol === 'https:' && REFUSALS.test(error.code ?? '')
    reject(isClosed ? new ConnectionClosed(error.code, { cause: error }) : error)
  })
  request.once('response', (message) => void toResponse(message).then(resolve, reject))
  request.end(body)
  return promise
}
