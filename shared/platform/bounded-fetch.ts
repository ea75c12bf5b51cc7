// The only module of the core that makes network requests. They are bounded in time and size, follow no redirect and
// are answered by no cache. A failure is one word: no text of an exception of `fetch` leaves this module.

import type { HttpAnswer, Ports } from './ports.ts'
import { readBounded } from './read-bounded.ts'
import { VERSION } from './version.ts'

/**
 * Firewalls refuse requests without one (NoUserAgent_HEADER of AWS WAF's core rule set). It says nothing of the
 * deployment.
 */
const USER_AGENT = `lanekeeper/${VERSION}`

/**
 * Content codings that every platform decodes, spelled exactly as in workerd. A server may use one although the request
 * asks for `identity`. RFC 9110 section 8.4.1.
 */
const DECODED = ['', 'identity', 'gzip', 'br']

/** The request to make. Names of header fields are in lower case; `accept` is `application/json` unless it is given. */
export interface BoundedRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | URLSearchParams
}

export interface Bounds {
  /** For the whole response, its body included. */
  readonly timeoutMs: number
  /** Of the body, decoded. */
  readonly maxBytes: number
}

export interface Answer {
  readonly status: number
  /** Lower case, without parameters; empty where there is none. */
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly headers: HttpAnswer['headers']
}

export type FetchProblem = 'no_answer' | 'timeout' | 'redirect' | 'encoding' | 'too_large'

interface Problem {
  readonly problem: FetchProblem
  /** Of a redirect. */
  readonly status?: number
}

type Body = NonNullable<HttpAnswer['body']>
type Reader = ReturnType<Body['getReader']>

/** Drops a body that is not read to its end. Callers do not wait for it, and a failure changes nothing. */
async function cancel(unread: Body | Reader | null): Promise<void> {
  try {
    await unread?.cancel()
  } catch {
    // The body stays unread either way.
  }
}

const isRedirect = (response: HttpAnswer): boolean =>
  response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)

/**
 * Makes one request. Never throws. The body is read only where the status is one of `read`; otherwise it is cancelled,
 * and `bytes` is empty. The bounds hold even if `fetch` ignores the signal.
 */
export async function fetchBounded(
  fetch: Ports['fetch'],
  url: string,
  request: BoundedRequest,
  { timeoutMs, maxBytes }: Bounds,
  read: readonly number[] = [200],
): Promise<Answer | Problem> {
  const signal = AbortSignal.timeout(timeoutMs)
  const timedOut = new Promise<Problem>((resolve) =>
    signal.addEventListener('abort', () => resolve({ problem: 'timeout' })),
  )
  let unread: Body | Reader | null = null

  async function receive(): Promise<Answer | Problem> {
    const response = await fetch(url, {
      ...request,
      headers: {
        accept: 'application/json',
        ...request.headers,
        'accept-encoding': 'identity',
        'user-agent': USER_AGENT,
      },
      cache: 'no-store',
      redirect: 'manual',
      signal,
    })
    const { status, headers, body } = response
    unread = body
    if (signal.aborted) {
      void cancel(body)
      return timedOut
    }
    if (isRedirect(response)) return { problem: 'redirect', status }
    const mediaType = (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
    if (body === null || !read.includes(status))
      return { status, mediaType, bytes: new Uint8Array(), headers }
    if (!DECODED.includes(headers.get('content-encoding')?.trim() ?? '')) return { problem: 'encoding' }
    const reader = (unread = body.getReader())
    const bytes = await readBounded(reader, maxBytes)
    unread = null
    if (bytes === null) return { problem: 'too_large' }
    return { status, mediaType, bytes, headers }
  }

  try {
    return await Promise.race([receive(), timedOut])
  } catch {
    return signal.aborted ? timedOut : { problem: 'no_answer' }
  } finally {
    void cancel(unread)
  }
}
