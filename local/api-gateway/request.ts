// One received HTTP request as the gateway sees it: the request target exactly as it was sent, header lines in
// order and with the client's spelling, the whole body. Nothing is decoded or normalised here.

import type { IncomingMessage } from 'node:http'

export interface ReceivedRequest {
  id: string
  timeMs: number
  method: string
  /** Percent-encoding, doubled and trailing slashes kept. */
  path: string
  /** Without the `?`; empty when there is none. */
  query: string
  protocol: string
  headers: [name: string, value: string][]
  body: Buffer
  sourceIp: string
}

export type Pairs = [name: string, value: string][]

/** API Gateway has TLS endpoints only, so events and conditions say https although this socket is plain. */
export const FRONT = { protocol: 'https', port: '443', secureTransport: true } as const

export function toReceivedRequest(
  message: IncomingMessage,
  rest: { id: string; timeMs: number; body: Buffer },
): ReceivedRequest {
  const target = originForm(message.url ?? '/')
  const mark = target.indexOf('?')
  return {
    ...rest,
    method: message.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
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

/** `GET http://host/path` is allowed by RFC 9112 s.3.2.2; how API Gateway reads it is undocumented. */
function originForm(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

export function headerValues({ headers }: ReceivedRequest, name: string): string[] {
  const wanted = name.toLowerCase()
  return headers.filter(([candidate]) => candidate.toLowerCase() === wanted).map(([, value]) => value)
}

/** Decoded pairs in order. A malformed percent sequence stays as it is (undocumented). */
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

/** What both kinds of API add to the client's headers. */
export function forwardingHeaders(request: ReceivedRequest): Pairs {
  const client = headerValues(request, 'x-forwarded-for')
  return [
    ['X-Forwarded-For', [...client, request.sourceIp].join(', ')],
    ['X-Forwarded-Port', FRONT.port],
    ['X-Forwarded-Proto', FRONT.protocol],
  ]
}

/** The host name the client asked for, as events report it: without a port. */
export function domainName(request: ReceivedRequest): string {
  return (headerValues(request, 'host').at(-1) ?? '').replace(/:\d+$/, '')
}

/** `21/Nov/2026:00:15:59 +0000`, the request time of access logs and events. */
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
