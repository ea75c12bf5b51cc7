// Keeps a response that only its caller may see out of caches that serve other callers. RFC 9111 sections 3.5 and
// 5.2.2, RFC 9213. Changes only the header fields about caching.

/**
 * Fields that some cache reads instead of `Cache-Control`: all targeted ones, whose names end alike (RFC 9213 section
 * 3.1), older ones of CDNs and proxies, and those of HTTP/1.0 (RFC 9111 sections 5.3 and 5.4).
 */
const OVERRIDING = /^(?:.+-cache-control|surrogate-control|edge-control|x-accel-expires|expires|pragma)$/

/** Directives that let a shared cache store the response to a request with an Authorization field. */
const SHARING = /^(?:public|s-maxage(?:=.*)?|proxy-revalidate)$/i

/** Directives that already keep the whole response out of shared caches. */
const PRIVATE = /^(?:private|no-store)$/i

function privateCacheControl(field: string | null): string {
  const directives = (field ?? '').split(',').map((directive) => directive.trim())
  const kept = directives.filter((directive) => directive !== '' && !SHARING.test(directive))
  return (kept.some((directive) => PRIVATE.test(directive)) ? kept : ['private', ...kept]).join(', ')
}

/** The response with `Cache-Control: private` or stricter, and `Vary: Authorization` for the caller's own cache. */
export function keepFromSharedCaches(response: Response): Response {
  if (response.status === 101) return response
  const kept = new Response(response.body, response)
  for (const name of response.headers.keys()) if (OVERRIDING.test(name)) kept.headers.delete(name)
  kept.headers.set('cache-control', privateCacheControl(response.headers.get('cache-control')))
  if (!/(?:^|,)\s*(?:\*|authorization)\s*(?:,|$)/i.test(kept.headers.get('vary') ?? ''))
    kept.headers.append('vary', 'Authorization')
  return kept
}
