// The origin of a run that has none: answers every request with what arrives, on loopback. A token that arrives is not
// repeated.

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isObject } from './json-object.ts'
import { CONTEXT_FIELD } from './proxy.ts'

/** The fields of the identity, decoded as docs/configuration.md says. */
function identityIn(headers: IncomingMessage['headers'], prefix: string): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), decode(String(value))]))
}

const decode = (value: string): string =>
  value
    .split(' ')
    .map((word) => {
      try {
        return decodeURIComponent(word)
      } catch {
        return word
      }
    })
    .join(' ')

/** What the authorizer of API Gateway has said; `undefined`: the request came another way. */
function authorizerIn(headers: IncomingMessage['headers']): unknown {
  try {
    const context: unknown = JSON.parse(String(headers[CONTEXT_FIELD]))
    return isObject(context) ? (context['authorizer'] ?? null) : undefined
  } catch {
    return undefined
  }
}

/** The scheme stands before a space; without one the field may be a token as a whole. RFC 9110 section 11.4. */
const withoutToken = (headers: IncomingMessage['headers']): IncomingMessage['headers'] => ({
  ...headers,
  ...(headers.authorization !== undefined && {
    authorization: `${/^[A-Za-z]+ /.exec(headers.authorization)?.[0] ?? ''}(a token, not shown)`,
  }),
})

export interface EchoOrigin {
  readonly url: string
  close(): Promise<void>
}

/** `prefix`: that of the identity's fields now. 0 picks a free port. */
export async function startEchoOrigin(port: number, prefix: () => string): Promise<EchoOrigin> {
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    const authorizer = authorizerIn(headers)
    const { [CONTEXT_FIELD]: _, ...shown } = withoutToken(headers)
    const document = {
      origin: 'lanekeeper dev',
      method,
      path: url,
      ...(authorizer === undefined ? { identity: identityIn(headers, prefix()) } : { authorizer }),
      headers: shown,
    }
    request.resume()
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(`${JSON.stringify(document, null, 2)}\n`)
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
