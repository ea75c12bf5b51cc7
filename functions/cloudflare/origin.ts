// From an allowed request to the one the origin sees: same method, body and target, identity headers of ours
// and none of the client's. RFC 9110 sections 7.6 and 7.6.1.
// Decides nothing: it is called with a decision.

import { toHeaderName, toIdentity, type Allow, type ResolvedConfig } from '../../shared/index.ts'

/** The part of a service binding that is used. */
export interface ServiceBinding {
  fetch(request: Request): Promise<Response>
}

const URL_PARTS = /^[a-z]+:\/\/[^/?#]*([^?]*)(.*)$/s

/** The path and query exactly as they stand in a URL, which `new URL` would rewrite. */
export function targetOf(url: string): { readonly path: string; readonly query: string } {
  const parts = URL_PARTS.exec(url)
  if (parts === null) return { path: '', query: '' }
  const [, path = '', query = ''] = parts
  return { path: path === '' ? '/' : path, query }
}

/** Header names that some server treats as equal: any case, and any other character for `-` (RFC 3875 section 4.1.18). */
const canonical = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-')

/** Names that a server in between may act on instead of the request line. */
const OVERRIDES = new Set([
  'x-forwarded-method',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-forwarded-uri',
  'x-original-method',
  'x-original-uri',
  'x-envoy-original-path',
  'x-middleware-subrequest',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
])

/** Headers for the origin: the client's own, less every spelling of ours, plus the verified identity. */
function toOriginHeaders(from: Headers, { grant, reportOnly }: Allow, config: ResolvedConfig): Headers {
  const { headerPrefix } = config.identity
  const headers = new Headers(from)
  const hopByHop = new Set((from.get('connection') ?? '').split(',').map((name) => canonical(name.trim())))
  for (const name of [...from.keys()]) {
    const plain = canonical(name)
    const named = plain !== 'upgrade' && plain !== 'connection' && hopByHop.has(plain)
    if (plain.startsWith(headerPrefix) || OVERRIDES.has(plain) || named) headers.delete(name)
  }
  if (grant === null) return headers
  // Report-only takes nothing away from an origin that may still read the token itself.
  if (config.origin?.forwardToken !== true && reportOnly !== true) headers.delete('authorization')
  for (const [name, value] of Object.entries(toIdentity(grant)))
    headers.set(toHeaderName(headerPrefix, name), value)
  return headers
}

/** Sends the request on. Redirects come back to the client; the body is streamed. */
export async function forward(
  request: Request,
  decision: Allow,
  config: ResolvedConfig,
  send: (request: Request) => Promise<Response>,
): Promise<Response> {
  const { path, query } = targetOf(request.url)
  // A service binding is called with the URL the client used; only its path and query matter there.
  const base = config.origin?.url ?? new URL(request.url).origin
  const outgoing = new Request(`${base}${path}${query}`, request)
  return send(
    new Request(outgoing, {
      headers: toOriginHeaders(request.headers, decision, config),
      redirect: 'manual',
    }),
  )
}
