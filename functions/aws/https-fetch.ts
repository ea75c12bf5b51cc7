// `Ports.fetch` of the Lambda, by node:https (docs/adr/0005). Follows no redirect, sends no cookie, and decodes the
// encodings that the fetch of workerd decodes. The caller bounds time and size.

import type { Agent as HttpAgent, ClientRequest, IncomingMessage } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { ConfigError, type HttpAnswer, type Ports } from '../../shared/edge.ts'

/** Connections are kept for requests that follow soon. `timeout` is shorter than that of most servers. */
const KEPT = { keepAlive: true, timeout: 4_000 }

type Env = Readonly<Record<string, string | undefined>>
type Start = (url: URL, options: object) => ClientRequest

/**
 * The outbound proxy for Node's agent, which makes a tunnel through it (CONNECT): TLS is between here and the issuer.
 * The agent would ignore a value that is no such URL and use no proxy, so that is refused. The message does not repeat
 * the value, because it may have credentials.
 *
 * @throws {ConfigError} if the value is not an http or https URL.
 */
function readProxy(env: Env) {
  const path = env['https_proxy'] ? 'https_proxy' : 'HTTPS_PROXY'
  const proxy = env[path]
  if (!proxy) return {}
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol))
    throw new ConfigError([{ path, message: 'must be the URL of a proxy, http or https' }])
  return { proxyEnv: { HTTPS_PROXY: proxy, NO_PROXY: env['no_proxy'] || env['NO_PROXY'] } }
}

/**
 * By scheme. Only this machine is reached without TLS, and never through a proxy. The modules are loaded with the first
 * request, because that takes longer than a decision with keys at hand. An import would also read every export of
 * node:http, and one of them, the global WebSocket, loads the global fetch.
 */
function createSchemes(env: Env): Readonly<Record<string, Start>> {
  const proxy = readProxy(env)
  let httpAgent: HttpAgent | undefined
  let httpsAgent: HttpsAgent | undefined
  return {
    'https:'(url, options) {
      const https = process.getBuiltinModule('node:https')
      httpsAgent ??= new https.Agent({ ...KEPT, ...proxy })
      return https.request(url, { ...options, agent: httpsAgent })
    },
    'http:'(url, options) {
      const http = process.getBuiltinModule('node:http')
      httpAgent ??= new http.Agent(KEPT)
      return http.request(url, { ...options, agent: httpAgent })
    },
  }
}

/** Whether a kept connection had been closed by the server, for instance while Lambda was frozen. */
const isStale = ({ reusedSocket }: ClientRequest, { code }: NodeJS.ErrnoException): boolean =>
  reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')

const headersOf = (headers: RequestInit['headers']): Record<string, string> =>
  Object.fromEntries(
    headers !== undefined && Symbol.iterator in headers
      ? (headers as Iterable<[string, string]>)
      : Object.entries(headers ?? {}),
  )

/**
 * Decoders, loaded with the first response that needs one: the core asks for `identity`. Bytes after the end are an
 * error, as in workerd; zeros after gzip are ignored, as by gzip(1): Node would refuse a second member with them (RFC
 * 1952 section 2.2).
 */
const DECODERS = new Map([
  ['gzip', () => process.getBuiltinModule('node:zlib').createGunzip()],
  ['br', () => process.getBuiltinModule('node:zlib').createBrotliDecompress({ rejectGarbageAfterEnd: true })],
])

/** The body, decoded only as far as it is read. A body in another encoding is not decoded: the core refuses it. */
function decode(message: IncomingMessage): Readable {
  const create = DECODERS.get(message.headers['content-encoding']?.trim() ?? '')
  if (create === undefined) return message
  // The reader of the stream gets its errors.
  return process.getBuiltinModule('node:stream').pipeline(message, create(), () => {})
}

function toAnswer(message: IncomingMessage, reasonOf: (error: unknown) => unknown): HttpAnswer {
  return {
    status: message.statusCode ?? 0,
    headers: {
      get(name) {
        const value = message.headers[name.toLowerCase()]
        return Array.isArray(value) ? value.join(', ') : (value ?? null)
      },
    },
    body: {
      getReader() {
        const decoded = decode(message)
        let wake = () => {}
        for (const event of ['readable', 'end', 'error', 'close']) decoded.on(event, () => wake())
        /** Destroys both: `message` may have ended while the decoder, with all its memory, waits for a reader. */
        async function cancel(): Promise<void> {
          decoded.destroy()
          message.destroy()
        }
        /** The async iterator of a stream does the same, and is slower in a cold start. */
        async function read() {
          for (;;) {
            const value: Uint8Array | null = decoded.destroyed ? null : decoded.read()
            if (value !== null) return { value }
            if (decoded.readableEnded) {
              // Bytes after the end of the encoding must not keep the connection open.
              message.destroy()
              return { done: true }
            }
            if (decoded.destroyed) throw reasonOf(decoded.errored ?? new Error('closed before its end'))
            await new Promise<void>((resolve) => (wake = resolve))
          }
        }
        return { read, cancel }
      },
      async cancel() {
        message.destroy()
      },
    },
  }
}

function send(
  schemes: Readonly<Record<string, Start>>,
  url: string,
  { method = 'GET', headers, body, signal }: RequestInit,
): Promise<HttpAnswer> {
  const target = new URL(url)
  const start = schemes[target.protocol]
  const reasonOf = (error: unknown): unknown => (signal?.aborted ? signal.reason : error)
  const once = (): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      if (start === undefined) throw new Error('neither https nor http')
      signal?.throwIfAborted()
      const outgoing = start(target, { method, headers: headersOf(headers) })
      // Not the option `signal` of Node, which is slower in a cold start.
      const abort = () => outgoing.destroy()
      signal?.addEventListener('abort', abort)
      let isAnswered = false
      outgoing.on('response', (message) => {
        isAnswered = true
        resolve(toAnswer(message, reasonOf))
      })
      // A stale connection: sends again; that rejects if nobody waits any more. Once the response has begun, its reader
      // gets the error.
      outgoing.on('error', (error) =>
        !isAnswered && isStale(outgoing, error) ? resolve(once()) : reject(reasonOf(error)),
      )
      // A response that switches protocols (101) ends the connection without `response` and without `error`.
      outgoing.on('close', () => {
        signal?.removeEventListener('abort', abort)
        if (!isAnswered) reject(reasonOf(new Error('closed without an answer')))
      })
      outgoing.end(body === undefined || body === null ? undefined : String(body))
    })
  return once()
}

/**
 * Creates `Ports.fetch`. It rejects where no response comes, with the reason of the signal if that aborted the request.
 * `env`: the environment, of which `HTTPS_PROXY` and `NO_PROXY` (or `https_proxy`, `no_proxy`) are read.
 *
 * @throws {ConfigError} if the proxy is not an http or https URL.
 */
export function createHttpsFetch(env: Env = {}): Ports['fetch'] {
  const schemes = createSchemes(env)
  return (url, init) => send(schemes, url, init)
}
