// What browsers are told about scripts of other origins. Fetch standard, "HTTP-CORS protocol". A preflight carries no
// token, so only a request that can be nothing else counts as one; everything else is decided like any request.
// Origins compare character by character: there is no pattern and no reflection of an origin that is not listed.

import type { ResolvedConfig } from '../../shared/index.ts'
import { hasContent } from './request.ts'

type Cors = NonNullable<ResolvedConfig['cors']>

/** What a script may read of a refusal: why, and when to come back. */
const EXPOSED = 'WWW-Authenticate, Retry-After'

/** The value that lets scripts of the request's origin read the response; `null` where they may not. */
function allowedOrigin(request: Request, { origins }: Cors): string | null {
  const origin = request.headers.get('origin')
  if (origin === null) return null
  if (origins === '*') return '*'
  return origins.has(origin) ? origin : null
}

/** The method that a preflight asks about; `null` where the request is none, or of an origin that is not listed. */
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

/** The answer to a preflight for a method that some rule covers. */
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

/** Sets the fields that let listed origins read a response, whatever it said about them itself. */
export function setCors(headers: Headers, request: Request, cors: Cors, own: boolean): void {
  const origin = allowedOrigin(request, cors)
  headers.delete('access-control-allow-origin')
  headers.delete('access-control-allow-credentials')
  if (origin !== null) headers.set('access-control-allow-origin', origin)
  if (origin !== null && own) headers.set('access-control-expose-headers', EXPOSED)
  // Where the origin does CORS it may let scripts send cookies, and those could not read a refusal that does not. Never with
  // "*", which the Fetch standard forbids.
  if (origin !== null && origin !== '*' && own && cors.preflight === 'pass')
    headers.set('access-control-allow-credentials', 'true')
  if (cors.origins !== '*') addVary(headers, 'Origin')
}
