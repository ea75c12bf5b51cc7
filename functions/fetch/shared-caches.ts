// A response that one caller was authorized to see is kept from caches that serve others. RFC 9111 sections 3.5
// and 5.2.2, RFC 9213. Changes the fields about caching and nothing else.

/**
 * Fields that some cache reads instead of `Cache-Control`: every targeted one (RFC 9213 section 3.1 has their names end
 * alike), those of CDNs and proxies that are older than it, and what HTTP/1.0 had (RFC 9111 sections 5.3 and 5.4).
 */
const OVERRIDING = /^(?:.+-cache-control|surrogate-control|edge-control|x-accel-expires|expires|pragma)$/

/** Directives that let a shared cache keep what an Authorization field would otherwise forbid. */
const SHARING = /^(?:public|s-maxage(?:=.*)?|proxy-revalidate)$/i

/** Directives that already keep it from shared caches, for the whole response. */
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
