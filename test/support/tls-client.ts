// A client over real TLS, with a certificate of its own or none.

import { Agent, request, type AgentOptions } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'

/** A certificate and its key in PEM. */
export interface Presented {
  readonly pem: string
  readonly key: string
}

export interface TlsAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  /** Whether the request came over a connection that had carried another one. */
  readonly isReusedSocket: boolean
  /** Whether the handshake resumed an earlier session. */
  readonly isResumed: boolean
}

export interface TlsSending {
  readonly method?: string
  /** Lines of fields besides Host, as they are to be sent. */
  readonly fields?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

export interface TlsClient {
  /** `target`: the request target as it is to be sent. Rejects if there is no answer. */
  send(origin: string, target: string, sending?: TlsSending): Promise<TlsAnswer>
  close(): void
}

/**
 * Each request has a connection of its own, unless the options say `keepAlive`. Connections resume the session of an
 * earlier one, because the agent keeps sessions.
 *
 * @param ca The CA of the server, in PEM.
 */
export function createTlsClient(
  ca: string,
  presented: Presented | null,
  options: AgentOptions = {},
): TlsClient {
  const agent = new Agent({
    ca,
    maxSockets: 1,
    ...(presented && { cert: presented.pem, key: presented.key }),
    ...options,
  })
  return {
    async send(origin, target, { method = 'GET', fields = [], body } = {}) {
      const { hostname, port, host } = new URL(origin)
      const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))]
      const headers = ['Host', host, ...fields.flat(), ...length]
      const { promise, resolve, reject } = Promise.withResolvers<TlsAnswer>()
      const outgoing = request({ hostname, port, path: target, method, headers, agent })
      outgoing.once('error', reject)
      outgoing.once('response', async (response) => {
        const isResumed = (response.socket as TLSSocket).isSessionReused()
        const text = await buffer(response).then(String, reject)
        if (text === undefined) return
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: text,
          isReusedSocket: outgoing.reusedSocket,
          isResumed,
        })
      })
      outgoing.end(body)
      return promise
    },
    close: () => agent.destroy(),
  }
}
