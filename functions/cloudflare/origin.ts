// How a Worker reaches the origin: what Cloudflare's `Request` has besides the Fetch standard, its cache and service bindings.

import type { ResolvedConfig } from '../../shared/index.ts'
import type { CopyRequest } from '../fetch/origin-request.ts'

/** The part of a service binding that is used. */
interface ServiceBinding {
  fetch(request: Request): Promise<Response>
}

/**
 * What the platform knows of the client, for another Worker. Where a URL is fetched, `cf` says how to do that, which is
 * not for a caller to say; nor is it here, where settings for the cache would contradict those below.
 */
const factsOfClient = ({ cf = {} }: Request & { readonly cf?: object }): object =>
  Object.fromEntries(Object.entries(cf).filter(([name]) => !name.startsWith('cache')))

/**
 * Cloudflare's cache lies behind the Worker, too. It knows a response by its URL, and the token that would keep it from
 * there may be gone. These settings are those of `cache: 'no-store'`, which neither looks up nor stores
 * (https://developers.cloudflare.com/changelog/2024-11-11-cache-no-store), without the `Cache-Control` and `Pragma` that
 * the runtime writes into such a request: an origin takes them for the client's and never answers 304.
 */
const PAST_THE_CACHE = { cacheTtl: -1, cacheLevel: 'bypass' }

/**
 * A request with the body of another one. The Fetch standard lets nobody give a GET or HEAD a body, an empty one included
 * (`new Request()` step 36), but HTTP does (RFC 9110 section 9.3.1): theirs comes along with the request it belongs to.
 */
function withBodyOf(request: Request, url: string, init: RequestInit & { readonly cf: object }): Request {
  const { method, body } = request
  if (body === null || (method !== 'GET' && method !== 'HEAD'))
    return new Request(url, { ...init, method, body, duplex: 'half' } as RequestInit)
  // Without the road of the client's own request: one for a URL of the same zone would go past its front door.
  return new Request(new Request(url, request), { ...init, fetcher: null } as RequestInit)
}

/** A service binding is called with the URL the client used; only its path and query matter there. */
export function createCopyRequest({ origin }: ResolvedConfig): CopyRequest {
  const toClientUrl = origin?.url == null
  const toBinding = origin?.binding != null

  return (request, url, shared) => {
    const client = toBinding ? factsOfClient(request) : {}
    const cf = shared ? client : { ...client, ...PAST_THE_CACHE }
    const init = { headers: request.headers, redirect: 'manual', cf } as const
    // The client's URL stays byte for byte what it is, where it spells the host and port as they were checked. Every other URL
    // is parsed, which escapes some characters of a query (URL standard, "query state").
    return toClientUrl && url === request.url
      ? new Request(request, init as RequestInit)
      : withBodyOf(request, url, init)
  }
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
