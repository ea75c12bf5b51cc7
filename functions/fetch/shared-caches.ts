// Keeps a response that only its caller may see out of caches that serve other callers. RFC 9111 sections 3.5 and
// 5.2.2, RFC 9213. Changes only the header fields about caching. A response that needs no change is returned as it is,
// because workerd copies every header field one by one.

/**
 * Fields that some cache reads instead of `Cache-Control`: all targeted ones, whose names end alike (RFC 9213 section
 * 3.1), older ones of CDNs and proxies, and those of HTTP/1.0 (RFC 9111 sections 5.3 and 5.4).
 */
const OVERRIDING = /^(?:.+-cache-control|surrogate-control|edge-control|x-accel-expires|expires|pragma)$/

/** Keeps a response out of every cache. `headers`: its header fields. */
export function keepFromCaches(headers: Headers): void {
  for (const name of [...headers.keys()]) if (OVERRIDING.test(name)) headers.delete(name)
  headers.set('cache-control', 'no-store')
}

/** Directives that let a shared cache store the response to a request with an Authorization field. */
const SHARING = /^(?:public|s-maxage(?:=.*)?|proxy-revalidate)$/i

/**
 * Finds a directive that has no argument: `private="field"` is about that field only (RFC 9111 section 5.2.2.7).
 * Reads no further than the first quoted string, because caches disagree about where it ends.
 */
const directive = (names: string): RegExp => new RegExp(`^(?:[^"]*,)?[ \\t]*(?:${names})[ \\t]*(?:,|$)`, 'i')

/** The whole response is kept out of shared caches. */
const PRIVATE = directive('private')

/** The response is kept out of every cache. */
const NO_STORE = directive('no-store')

/** A cache that knows the status code ignores `no-store` beside this directive (RFC 9111 section 5.2.2.3). */
const MUST_UNDERSTAND = /must-understand/i

/** The caller's own cache uses the response only for the same Authorization field (RFC 9111 section 4.1). */
const VARYING = /(?:^|,)[ \t]*(?:\*|authorization)[ \t]*(?:,|$)/i

/**
 * The response with `Cache-Control: private` or stricter, and `Vary: Authorization` for the caller's own cache.
 *
 * Returns the given object if it says both already, or `no-store`, and nothing that lets a shared cache store it: a
 * cache that reads one of the overriding fields does not see the `no-store` of `Cache-Control` (RFC 9213 section 2.2).
 */
export function keepFromSharedCaches(response: Response): Response {
  if (response.status === 101) return response
  const { headers } = response
  const overriding: string[] = []
  for (const name of headers.keys()) if (OVERRIDING.test(name)) overriding.push(name)
  const field = headers.get('cache-control') ?? ''
  const directives = field.split(',').map((text) => text.trim())
  const kept = directives.filter((text) => !SHARING.test(text))
  const isVarying = VARYING.test(headers.get('vary') ?? '')
  const isNeverStored = (text: string) => NO_STORE.test(text) && !MUST_UNDERSTAND.test(text)
  if (
    overriding.length === 0 &&
    kept.length === directives.length &&
    (isNeverStored(field) || (isVarying && PRIVATE.test(field)))
  )
    return response
  const changed = new Response(response.body, response)
  for (const name of overriding) changed.headers.delete(name)
  const rest = kept.filter((text) => text !== '').join(', ')
  const isPrivate = PRIVATE.test(rest) || isNeverStored(rest)
  changed.headers.set('cache-control', isPrivate ? rest : rest === '' ? 'private' : `private, ${rest}`)
  if (!isVarying) changed.headers.append('vary', 'Authorization')
  return changed
}
