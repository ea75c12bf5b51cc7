// Turns an allowed request into the request to the origin: same method, body and target, our identity headers and none
// of the client's or another gateway's, and the signed assertion if one is configured. RFC 9110 sections 7.6 and 7.6.1.

import { toHeaderName, toIdentity, type Allow, type Grant, type ResolvedConfig } from '../../shared/edge.ts'
import { createClean, removeToken } from './forwarded.ts'
import { originOf, type Target } from './request.ts'

/** The identity as header fields. Computed once for each grant: a cached token has the same grant every time. */
function createIdentityFields(prefix: string): (grant: Grant) => readonly (readonly [string, string])[] {
  const known = new WeakMap<Grant, readonly (readonly [string, string])[]>()
  return (grant) => {
    const computed = known.get(grant)
    if (computed !== undefined) return computed
    const fields = Object.entries(toIdentity(grant)).map(
      ([name, value]) => [toHeaderName(prefix, name), value] as const,
    )
    known.set(grant, fields)
    return fields
  }
}

/** For a request without a host, in report-only and to an origin without a URL (RFC 6761 section 6.4). */
const NO_HOST = 'http://host.invalid'

/** Makes the request to the origin from an allowed request. `shared`: a cache may answer it. */
export type Forward = (
  request: Request,
  target: Target,
  decision: Allow,
  assertion: string | null,
  shared: boolean,
) => Request

/**
 * Copies a request for another URL, in the platform's way: same method, fields and body; follows no redirect. `shared`:
 * a cache may answer it. The caller changes the fields of the copy afterwards.
 */
export type CopyRequest = (request: Request, url: string, shared: boolean) => Request

/** The settings that `createForward` reads. */
export type ForwardConfig = Pick<ResolvedConfig, 'identity' | 'origin' | 'publicUrls'> &
  Partial<Pick<ResolvedConfig, 'diagnostics' | 'mtls'>>

/** Creates `Forward`. The body is streamed, and a redirect goes back to the client. */
export function createForward(config: ForwardConfig, copyRequest: CopyRequest): Forward {
  const { identity, origin } = config
  const { headerPrefix } = identity
  const clean = createClean(config)
  const token = origin?.token ?? 'strip'
  const fieldsOf = createIdentityFields(headerPrefix)
  const assertionField = toHeaderName(headerPrefix, 'assertion')

  /** Changes the client's fields to those for the origin. */
  function change(
    headers: Headers,
    request: Request,
    { grant, reportOnly }: Allow,
    assertion: string | null,
  ): void {
    clean(headers, request)
    if (assertion !== null) headers.set(assertionField, assertion)
    if (grant === null) return
    // In report-only the token stays, because the origin may still check it itself.
    if (token !== 'forward' && reportOnly !== true) removeToken(headers, grant)
    if (token === 'replace' && reportOnly !== true && assertion !== null)
      headers.set('authorization', `Bearer ${assertion}`)
    for (const [name, value] of fieldsOf(grant)) headers.set(name, value)
  }

  return (request, { path, query }, decision, assertion, shared) => {
    // Where the origin has no URL of its own, the client's is used.
    const url = `${origin?.url ?? (originOf(request.url) || NO_HOST)}${path}${query}`
    const forwarded = copyRequest(request, url, shared)
    change(forwarded.headers, request, decision, assertion)
    return forwarded
  }
}
