// CORS: which scripts of other origins may send requests and read responses. Fetch standard, "HTTP-CORS protocol". A
// preflight carries no token, so only a request that can be nothing else is treated as one; any other is decided like
// every request. Origins compare exactly: no patterns, and no origin that is not listed is reflected.

import type { ResolvedConfig } from '../../shared/edge.ts'
import { hasContent } from './request.ts'

type Cors = NonNullable<ResolvedConfig['cors']>

/** Fields of a refusal that a script may read: the challenge, and when to retry. */
const EXPOSED = 'WWW-Authenticate, Retry-After'

/**
 * The value of Access-Control-Allow-Origin for the request's origin; `null` if its scripts may not read the response.
 */
function allowedOrigin(request: Request, { origins }: Cors): string | null {
  const origin = request.headers.get('origin')
  if (origin === null) return null
  if (origins === '*') return '*'
  return origins.has(origin) ? origin : null
}

/** The method that a preflight is for; `null` where the request is no preflight, or its origin is not listed. */
export async function preflightMethod(request: Request, cors: Cors): Promise<string | null> {
  const { headers } = request
  const isBare = !headers.has('authorization') && !headers.has('cookie')
  if (request.method !== 'OPTIONS' || !isBare || allowedOrigin(request, cors) === null) return null
  const method = headers.get('access-control-request-method')
  return method === null || (await hasContent(request)) ? null : method
}

function addVary(headers: Headers, name: string): void {
  const listed = (headers.get('vary') ?? '').split(',').map((item) => item.trim().toLowerCase())
  if (!listed.includes('*') && !listed.includes(name.toLowerCase())) headers.append('vary', name)
}

/** The answer to a preflight for a method and path that a rule covers. */
export function answerPreflight(request: Request, method: string, cors: Cors): Response {
  const headers = new Headers({
    'access-control-allow-origin': allowedOrigin(request, cors) ?? '',
    'access-control-allow-methods': method,
    'access-control-allow-headers': cors.headers.join(', '),
    'access-control-max-age': String(cors.maxAgeSeconds),
    'cache-control': 'no-store',
  })
  for (const name of ['Origin', 'Access-Control-Request-Method']) addVary(headers, name)
  return new Response(null, { status: 204, headers })
}

/** Lets listed origins, and no others, read a response. `isFromEdge`: whether this edge made it. */
export function setCors(headers: Headers, request: Request, cors: Cors, isFromEdge: boolean): void {
  const origin = allowedOrigin(request, cors)
  headers.delete('access-control-allow-origin')
  headers.delete('access-control-allow-credentials')
  if (origin !== null) headers.set('access-control-allow-origin', origin)
  if (origin !== null && isFromEdge) headers.set('access-control-expose-headers', EXPOSED)
  // With `preflight: 'pass'` the origin may allow requests with cookies. Scripts that send them can read a refusal only
  // if it allows credentials too. Never with "*", which the Fetch standard forbids.
  if (origin !== null && origin !== '*' && isFromEdge && cors.preflight === 'pass')
    headers.set('access-control-allow-credentials', 'true')
  if (cors.origins !== '*') addVary(headers, 'Origin')
}

/** Fills the slot for CORS. */
export const CORS_PART = { preflightMethod, answerPreflight, setCors }

export type CorsPart = typeof CORS_PART
