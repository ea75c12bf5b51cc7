// A received HTTP request without any decoding or normalisation: the request target as sent, header lines in order and
// with the client's spelling, the whole body.

import type { IncomingMessage } from 'node:http'
import type { ClientCert } from './client-cert.ts'

export interface ReceivedRequest {
  id: string
  timeMs: number
  method: string
  /** As sent, with percent-encoding and with double and trailing slashes. */
  path: string
  /** Without the `?`. Empty if the target has no query. */
  query: string
  protocol: string
  headers: [name: string, value: string][]
  body: Buffer
  sourceIp: string
  endpoint: Endpoint
  /** Of the connection that this request came over. Absent on the default endpoint. */
  clientCert?: ClientCert
}

/** The default endpoint (`execute-api`), whose paths begin with the stage, or a custom domain. */
export type Endpoint = 'default' | 'custom-domain'

export type Pairs = [name: string, value: string][]

/** Events and conditions say https, as on AWS, where all endpoints have TLS. The local default endpoint has none. */
export const PUBLIC_ENDPOINT = { protocol: 'https', port: '443', secureTransport: true } as const

export function toReceivedRequest(
  message: IncomingMessage,
  rest: Pick<ReceivedRequest, 'id' | 'timeMs' | 'body' | 'endpoint' | 'clientCert'>,
): ReceivedRequest {
  const target = originForm(message.url ?? '/')
  const queryStart = target.indexOf('?')
  return {
    ...rest,
    method: message.method ?? 'GET',
    path: queryStart === -1 ? target : target.slice(0, queryStart),
    query: queryStart === -1 ? '' : target.slice(queryStart + 1),
    protocol: `HTTP/${message.httpVersion}`,
    headers: headerLines(message),
    sourceIp: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
  }
}

export function headerLines(message: IncomingMessage): Pairs {
  const { rawHeaders } = message
  const lines: Pairs = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    lines.push([rawHeaders[index]!, rawHeaders[index + 1]!])
  }
  return lines
}

/**
 * RFC 9112 s.3.2.2 allows `GET http://host/path`. How API Gateway treats it is undocumented; here the host is dropped.
 */
function originForm(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

export function headerValues({ headers }: ReceivedRequest, name: string): string[] {
  const lowerCaseName = name.toLowerCase()
  return headers.filter(([candidate]) => candidate.toLowerCase() === lowerCaseName).map(([, value]) => value)
}

/** Decoded name-value pairs in order. A malformed percent sequence is not decoded (undocumented). */
export function queryPairs({ query }: ReceivedRequest): Pairs {
  return query
    .split('&')
    .filter((piece) => piece !== '')
    .map((piece) => {
      const equals = piece.indexOf('=')
      const name = equals === -1 ? piece : piece.slice(0, equals)
      const value = equals === -1 ? '' : piece.slice(equals + 1)
      return [decodeFormComponent(name), decodeFormComponent(value)]
    })
}

export function lastValues(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(pairs)
}

export function allValues(pairs: Pairs): Record<string, string[]> {
  const grouped = new Map<string, string[]>()
  for (const [name, value] of pairs) grouped.set(name, [...(grouped.get(name) ?? []), value])
  return Object.fromEntries(grouped)
}

/** The header fields that REST and HTTP APIs add to the client's. */
export function forwardingHeaders(request: ReceivedRequest): Pairs {
  const client = headerValues(request, 'x-forwarded-for')
  return [
    ['X-Forwarded-For', [...client, request.sourceIp].join(', ')],
    ['X-Forwarded-Port', PUBLIC_ENDPOINT.port],
    ['X-Forwarded-Proto', PUBLIC_ENDPOINT.protocol],
  ]
}

/** The host name of the Host field without a port, as in events. */
export function domainName(request: ReceivedRequest): string {
  return (headerValues(request, 'host').at(-1) ?? '').replace(/:\d+$/, '')
}

/** The request time in the format of access logs and events: `21/Nov/2026:00:15:59 +0000`. */
export function requestTime({ timeMs }: ReceivedRequest): string {
  const [, day, month, year, time] = new Date(timeMs).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}

export function decodeComponent(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function decodeFormComponent(value: string): string {
  return decodeComponent(value.replaceAll('+', ' '))
}
