// How a Worker reaches its origin: `cf`, cache and service bindings, which Cloudflare adds to the Fetch standard.

import type { ResolvedConfig } from '../../shared/edge.ts'
import type { CopyRequest } from '../fetch/origin-request.ts'

/** The part of a service binding that is used. */
interface ServiceBinding {
  fetch(request: Request): Promise<Response>
}

/**
 * `request.cf` describes the client, for another Worker behind a service binding. Where a URL is fetched, `cf`
 * configures the fetch, and no caller may configure ours. So members about the cache are left out: they would
 * contradict those below.
 */
const factsOfClient = ({ cf = {} }: Request & { readonly cf?: object }): object =>
  Object.fromEntries(Object.entries(cf).filter(([name]) => !name.startsWith('cache')))

/**
 * Cloudflare's cache is also between the Worker and the origin. Its key is the URL, and the Authorization field that
 * would keep a response out of it may have been removed. These settings are those of `cache: 'no-store'`, which neither
 * looks up nor stores (https://developers.cloudflare.com/changelog/2024-11-11-cache-no-store), without the
 * `Cache-Control` and `Pragma` that the runtime adds to such a request: an origin takes them for the client's and never
 * answers 304.
 */
const PAST_THE_CACHE = { cacheTtl: -1, cacheLevel: 'bypass' }

/**
 * A request with the body of another one. The Fetch standard does not let a GET or HEAD be given a body, not even an
 * empty one (`new Request()` step 36), but HTTP does (RFC 9110 section 9.3.1): so their body is copied with the whole
 * request.
 */
function withBodyOf(request: Request, url: string, init: RequestInit & { readonly cf: object }): Request {
  const { method, body } = request
  if (body === null || (method !== 'GET' && method !== 'HEAD'))
    return new Request(url, { ...init, method, body, duplex: 'half' } as RequestInit)
  // Without the fetcher of the client's request: with it, a URL of the same zone would bypass the front of that zone.
  return new Request(new Request(url, request), { ...init, fetcher: null } as RequestInit)
}

/** Creates `CopyRequest`. A service binding is called with the client's URL, of which it uses only path and query. */
export function createCopyRequest({ origin }: Pick<ResolvedConfig, 'origin'>): CopyRequest {
  const toClientUrl = origin?.url == null
  const toBinding = origin?.binding != null

  return (request, url, shared) => {
    const client = toBinding ? factsOfClient(request) : {}
    const cf = shared ? client : { ...client, ...PAST_THE_CACHE }
    const init = { headers: request.headers, redirect: 'manual', cf } as const
    // The client's URL is kept byte for byte if it spells host and port as they were checked. Any other URL is parsed,
    // which escapes some characters of a query (URL standard, "query state").
    return toClientUrl && url === request.url
      ? new Request(request, init as RequestInit)
      : withBodyOf(request, url, init)
  }
}

/** Sends requests to the origin: through the service binding, or by `fetch` to a URL or the Worker's own zone. */
export function createSend(
  config: Pick<ResolvedConfig, 'origin'>,
  env: Readonly<Record<string, unknown>>,
  fetch: (request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  const binding = config.origin?.binding ?? null
  return binding === null ? fetch : (request) => (env[binding] as ServiceBinding).fetch(request)
}
