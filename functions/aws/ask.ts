// How the Lambda asks issuers: node:https. The global fetch does the same, but loading it takes a third of a cold start.
// Follows no redirect and sends no cookie. Decodes what the global fetch of workerd decodes. Time and size are bounded by
// whoever asks.

import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Agent, request } from 'node:https'
import { ConfigError, type HttpAnswer, type Ports } from '../../shared/index.ts'

/** An import of node:http reads all that it exports, and one of these is the global WebSocket, which comes with fetch. */
const plain = process.getBuiltinModule('node:http')

/** Connections are kept for questions that come one after the other. Shorter than most servers keep theirs. */
const KEPT = { keepAlive: true, timeout: 4_000 }
const plainAgent = new plain.Agent(KEPT)

type Env = Readonly<Record<string, string | undefined>>
type Start = (url: URL, options: object) => ClientRequest

/**
 * What Node's agent needs to know of an outbound proxy: it makes a tunnel (CONNECT), through which TLS reaches from here to
 * the issuer. It takes a text that is no such URL for no proxy at all, so that is refused, in words that do not repeat
 * it: it may hold credentials.
 *
 * @throws {ConfigError}
 */
function readProxy(env: Env) {
  const path = env['https_proxy'] ? 'https_proxy' : 'HTTPS_PROXY'
  const proxy = env[path]
  if (!proxy) return {}
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol))
    throw new ConfigError([{ path, message: 'must be the URL of a proxy, http or https' }])
  return { proxyEnv: { HTTPS_PROXY: proxy, NO_PROXY: env['no_proxy'] || env['NO_PROXY'] } }
}

/** Without TLS nobody is asked but this machine, which no proxy reaches. */
function createSchemes(env: Env): Readonly<Record<string, Start>> {
  const agent = new Agent({ ...KEPT, ...readProxy(env) })
  return {
    'https:': (url, options) => request(url, { ...options, agent }),
    'http:': (url, options) => plain.request(url, { ...options, agent: plainAgent }),
  }
}

/** A connection that was kept had been closed by the other end, which may have happened while Lambda was frozen. */
const isStale = ({ reusedSocket }: ClientRequest, { code }: NodeJS.ErrnoException): boolean =>
  reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')

const headersOf = (headers: RequestInit['headers']): Record<string, string> =>
  Object.fromEntries(
    headers !== undefined && Symbol.iterator in headers
      ? (headers as Iterable<[string, string]>)
      : Object.entries(headers ?? {}),
  )

/**
 * Loaded with the first answer that needs it: the core asks for none. Bytes behind the end are refused, as workerd does, but zeros
 * behind gzip are ignored, as gzip(1) does: Node would refuse a second member with them (RFC 1952 section 2.2).
 */
const DECODERS = new Map([
  ['gzip', () => process.getBuiltinModule('node:zlib').createGunzip()],
  ['br', () => process.getBuiltinModule('node:zlib').createBrotliDecompress({ rejectGarbageAfterEnd: true })],
])

/** The body, decoded as it is read and no further. In other encodings it stays as it is: the core refuses it. */
function decode(message: IncomingMessage): Readable {
  const create = DECODERS.get(message.headers['content-encoding']?.trim() ?? '')
  if (create === undefined) return message
  // What fails on the way is told to whoever reads.
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
        const chunks: AsyncIterator<Uint8Array> = decoded[Symbol.asyncIterator]()
        /** Both: `message` may have ended while the decoder, with all its memory, waits for a reader. */
        async function cancel(): Promise<void> {
          decoded.destroy()
          message.destroy()
        }
        async function read() {
          try {
            const chunk = await chunks.next()
            // What comes behind the end of an encoding keeps no connection.
            if (chunk.done) message.destroy()
            return chunk
          } catch (error) {
            throw reasonOf(error)
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

function askWith(
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
      const asked = start(target, { method, headers: headersOf(headers), signal: signal ?? undefined })
      let isAnswered = false
      asked.on('response', (message) => {
        isAnswered = true
        resolve(toAnswer(message, reasonOf))
      })
      // After the answer has begun, whoever reads it is told. Nobody would wait for another question.
      asked.on('error', (error) =>
        !isAnswered && isStale(asked, error) && !signal?.aborted ? resolve(once()) : reject(reasonOf(error)),
      )
      // An answer that switches protocols (101) ends the connection without a response and without an error.
      asked.on('close', () => isAnswered || reject(reasonOf(new Error('closed without an answer'))))
      asked.end(body === undefined || body === null ? undefined : String(body))
    })
  return once()
}

/**
 * Asks as the core wants it. Rejects where there is no answer, with the reason of the signal where that ended it. `env`: the
 * environment, of which `HTTPS_PROXY` and `NO_PROXY` (or `https_proxy`, `no_proxy`) are read.
 *
 * @throws {ConfigError} for a proxy that is none.
 */
export function createAsk(env: Env = {}): Ports['fetch'] {
  const schemes = createSchemes(env)
  return (url, init) => askWith(schemes, url, init)
}
