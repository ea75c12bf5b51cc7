// An HTTP client that sends exactly its input: the target unparsed, header fields unchanged. Every other client
// normalises targets and refuses odd fields, which are what these tests are about.

import { connect } from 'node:net'

export interface RawRequest {
  readonly method: string
  readonly target: string
  /** Default: the host and port of the URL. */
  readonly host?: string | undefined
  readonly fields?: readonly (readonly [name: string, value: string])[]
  /** Sent with a Content-Length, unless `fields` say that it is chunked: then it consists of the chunks. */
  readonly body?: string
}

export interface RawResponse {
  readonly status: number
  /** Names in lower case; repeated fields joined with ", ". */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function parseResponse(text: string): RawResponse {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    const value = line.slice(line.indexOf(':') + 1).trim()
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return { status: Number(statusLine.split(' ')[1]), headers, body }
}

/** Sends one request on a connection of its own and reads until the server closes it. */
export function sendRaw(
  origin: string,
  { method, target, host, fields = [], body = '' }: RawRequest,
): Promise<RawResponse> {
  const { hostname, port, host: own } = new URL(origin)
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host ?? own}`,
    'Connection: close',
    ...fields.map(([name, value]) => `${name}: ${value}`),
  ]
  const isChunked = fields.some(([name]) => name.toLowerCase() === 'transfer-encoding')
  if (body !== '' && !isChunked) lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`))
    socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(parseResponse(Buffer.concat(chunks).toString('latin1'))))
  })
}
