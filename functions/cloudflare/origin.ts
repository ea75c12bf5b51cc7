// From an allowed request to the one the origin sees: same method, body and target, identity headers of ours
// and none of the client's, and the signed assertion where there is one. RFC 9110 sections 7.6 and 7.6.1.
// Decides nothing: it is called with a decision.

import { toHeaderName, toIdentity, type Allow, type ResolvedConfig } from '../../shared/index.ts'
import { targetOf } from './request.ts'

/** The part of a service binding that is used. */
interface ServiceBinding {
  fetch(request: Request): Promise<Response>
}

/**
 * Header names that some server treats as equal: any case, and any other character, or an escape of one, for `-`
 * (RFC 3875 section 4.1.18).
 */
const canonical = (name: string): string =>
  /^[a-z0-9-]*$/.test(name)
    ? name
    : name
        .toLowerCase()
        .replace(/%[0-9a-f]{2}/g, '-')
        .replace(/[^a-z0-9]/g, '-')

/** Names that a server in between, or a framework of the origin, may act on instead of the request line. */
const OVERRIDES = new Set([
  'x-forwarded-method',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-forwarded-uri',
  'x-original-method',
  'x-original-path',
  'x-original-uri',
  'x-envoy-original-path',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
  'x-rewrite-uri',
  'x-middleware-subrequest',
  'x-middleware-rewrite',
  'x-middleware-next',
  'x-middleware-override-headers',
  'x-matched-path',
  'x-invoke-path',
  'x-invoke-query',
  'x-invoke-status',
  'x-amzn-request-context',
  'x-amzn-lambda-context',
  'x-apigateway-event',
  'x-apigateway-context',
])

/** Headers for the origin: the client's own, less every spelling of ours, plus the verified identity. */
function toOriginHeaders(
  from: Headers,
  { grant, reportOnly }: Allow,
  assertion: string | null,
  config: ResolvedConfig,
): Headers {
  const { headerPrefix } = config.identity
  const token = config.origin?.token ?? 'strip'
  const headers = new Headers(from)
  const hopByHop = new Set((from.get('connection') ?? '').split(',').map((name) => canonical(name.trim())))
  for (const name of from.keys()) {
    const plain = canonical(name)
    const named = plain !== 'upgrade' && plain !== 'connection' && hopByHop.has(plain)
    if (plain.startsWith(headerPrefix) || OVERRIDES.has(plain) || named) headers.delete(name)
  }
  // It was for the hop that ends here. Sent on, it could tell the next hop to drop a field of ours.
  if (hopByHop.has('upgrade')) headers.set('connection', 'Upgrade')
  else headers.delete('connection')
  if (assertion !== null) headers.set(toHeaderName(headerPrefix, 'assertion'), assertion)
  if (grant === null) return headers
  // Report-only takes nothing away from an origin that may still read the token itself.
  if (token !== 'forward' && reportOnly !== true) headers.delete('authorization')
  if (token === 'replace' && reportOnly !== true && assertion !== null)
    headers.set('authorization', `Bearer ${assertion}`)
  for (const [name, value] of Object.entries(toIdentity(grant)))
    headers.set(toHeaderName(headerPrefix, name), value)
  return headers
}

/** Sends the request on. Redirects come back to the client; the body is streamed. `shared`: a cache may answer. */
export async function forward(
  request: Request,
  decision: Allow,
  assertion: string | null,
  config: ResolvedConfig,
  send: (request: Request) => Promise<Response>,
  shared: boolean,
): Promise<Response> {
  const { path, query } = targetOf(request.url)
  // A service binding is called with the URL the client used; only its path and query matter there.
  const base = config.origin?.url ?? new URL(request.url).origin
  const { method, body, cf } = request as Request & { cf?: object }
  const headers = toOriginHeaders(request.headers, decision, assertion, config)
  // Cloudflare's cache lies behind the Worker, too. It knows a response by its URL, and the token that would keep
  // it from there may be gone. https://developers.cloudflare.com/changelog/2024-11-11-cache-no-store
  const cache = shared ? {} : ({ cache: 'no-store' } as const)
  const init = { method, body, duplex: 'half', cf, headers, redirect: 'manual', ...cache } as const
  return send(new Request(`${base}${path}${query}`, init))
}

/** How requests reach the origin. The global fetch serves a URL and the Worker's own zone alike. */
export function createSend(
  config: ResolvedConfig,
  env: Readonly<Record<string, unknown>>,
  fetch: (request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  const binding = config.origin?.binding ?? null
  return binding === null ? fetch : (request) => (env[binding] as ServiceBinding).fetch(request)
}
