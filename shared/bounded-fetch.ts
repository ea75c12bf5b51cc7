// The one place where the core asks the network. Bounded in time and size, follows no redirect, lets no cache
// answer, and reports a failure as a word: nothing of an error that fetch throws goes any further.

import type { HttpAnswer, Ports } from './ports.ts'

export interface Bounds {
  /** For the whole answer, its body included. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

export interface Answer {
  readonly status: number
  /** Lower case, without parameters; empty where there is none. */
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly headers: HttpAnswer['headers']
}

export type FetchProblem = 'no_answer' | 'timeout' | 'redirect' | 'too_large'

async function readBounded({ body }: HttpAnswer, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = body?.getReader()
  if (reader === undefined) return new Uint8Array()
  for (;;) {
    const { value } = await reader.read()
    if (value === undefined) break
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel()
      return null
    }
    chunks.push(value)
  }
  const whole = new Uint8Array(size)
  chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.byteLength), 0)
  return whole
}

const isRedirect = (response: HttpAnswer): boolean =>
  response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)

/** Asks once. Never throws. The body is read only where the status is one of `read`; else it is left empty. */
export async function fetchBounded(
  fetch: Ports['fetch'],
  url: string,
  init: Pick<RequestInit, 'method' | 'headers' | 'body'>,
  { timeoutMs, maxBytes }: Bounds,
  read: readonly number[] = [200],
): Promise<Answer | { readonly problem: FetchProblem }> {
  try {
    const response = await fetch(url, {
      ...init,
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { status, headers } = response
    const mediaType = (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
    if (isRedirect(response) || !read.includes(status)) {
      await response.body?.cancel()
      return isRedirect(response)
        ? { problem: 'redirect' }
        : { status, mediaType, bytes: new Uint8Array(), headers }
    }
    const bytes = await readBounded(response, maxBytes)
    return bytes === null ? { problem: 'too_large' } : { status, mediaType, bytes, headers }
  } catch (error) {
    return { problem: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'no_answer' }
  }
}
