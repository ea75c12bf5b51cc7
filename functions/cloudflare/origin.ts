// From an allowed request to the one the origin sees: same method, body and target, identity headers of ours
// and none of the client's or another gateway's, and the signed assertion where there is one. RFC 9110 sections 7.6 and 7.6.1.
// Decides nothing: it is called with a decision.

import { toHeaderName, toIdentity, type Allow, type Grant, type ResolvedConfig } from '../../shared/index.ts'
import { createClean } from '../fetch/forwarded.ts'
import { originOf, type Target } from '../fetch/request.ts'

/** The part of a service binding that is used. */
interface ServiceBinding {
  fetch(request: Request): Promise<Response>
}

/** The identity as header fields. Worked out once for a grant: that of a token that is remembered comes again. */
function createIdentityFields(prefix: string): (grant: Grant) => readonly (readonly [string, string])[] {
  const known = new WeakMap<Grant, readonly (readonly [string, string])[]>()
  return (grant) => {
    const held = known.get(grant)
    if (held !== undefined) return held
    const fields = Object.entries(toIdentity(grant)).map(
      ([name, value]) => [toHeaderName(prefix, name), value] as const,
    )
    known.set(grant, fields)
    return fields
  }
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

/** For a binding, where the request named no host and that is only recorded (RFC 6761 section 6.4). */
const NO_HOST = 'http://host.invalid'

/** What `createForward` makes: from an allowed request to the one for the origin. `shared`: a cache may answer it. */
export type Forward = (
  request: Request,
  target: Target,
  decision: Allow,
  assertion: string | null,
  shared: boolean,
) => Request

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

/** Redirects are for the client to follow; the body is streamed. */
export function createForward(config: ResolvedConfig): Forward {
  const { identity, origin } = config
  const { headerPrefix } = identity
  const clean = createClean(config)
  const token = origin?.token ?? 'strip'
  const fieldsOf = createIdentityFields(headerPrefix)
  const assertionField = toHeaderName(headerPrefix, 'assertion')

  /** From the client's own fields to those for the origin. */
  function change(
    headers: Headers,
    request: Request,
    { grant, reportOnly }: Allow,
    assertion: string | null,
  ): void {
    clean(headers, request)
    if (assertion !== null) headers.set(assertionField, assertion)
    if (grant === null) return
    // Report-only takes nothing away from an origin that may still read the token itself.
    if (token !== 'forward' && reportOnly !== true) headers.delete('authorization')
    if (token === 'replace' && reportOnly !== true && assertion !== null)
      headers.set('authorization', `Bearer ${assertion}`)
    for (const [name, value] of fieldsOf(grant)) headers.set(name, value)
  }

  return (request, { path, query }, decision, assertion, shared) => {
    const { headers } = request
    const client = origin?.binding == null ? {} : factsOfClient(request)
    const cf = shared ? client : { ...client, ...PAST_THE_CACHE }
    const init = { headers, redirect: 'manual', cf } as const
    // A service binding is called with the URL the client used; only its path and query matter there.
    const url = `${origin?.url ?? (originOf(request.url) || NO_HOST)}${path}${query}`
    // The client's URL stays byte for byte what it is, where it spells the host and port as they were checked. Every other URL
    // is parsed, which escapes some characters of a query (URL standard, "query state").
    const forwarded =
      origin?.url == null && url === request.url
        ? new Request(request, init as RequestInit)
        : withBodyOf(request, url, init)
    change(forwarded.headers, request, decision, assertion)
    return forwarded
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
