// From an allowed request to the one the origin sees: same method, body and target, identity headers of ours
// and none of the client's or another gateway's, and the signed assertion where there is one. RFC 9110 sections 7.6 and 7.6.1.
// Decides nothing: it is called with a decision.

import {
  DEFAULTS,
  toHeaderName,
  toIdentity,
  type Allow,
  type Grant,
  type ResolvedConfig,
} from '../../shared/index.ts'
import { createClean } from './forwarded.ts'
import { originOf, type Target } from './request.ts'

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

/** For an origin that needs no URL, where the request named no host and that is only recorded (RFC 6761 section 6.4). */
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
 * A copy of a request for another URL, in the platform's way: same method, fields and body, no redirect followed. `shared`:
 * a cache may answer it. The fields of the copy are changed afterwards.
 */
export type CopyRequest = (request: Request, url: string, shared: boolean) => Request

/** Redirects are for the client to follow; the body is streamed. */
export function createForward(config: ResolvedConfig, copyRequest: CopyRequest): Forward {
  const { identity, origin } = config
  const { headerPrefix } = identity
  const clean = createClean(config)
  const token = origin?.token ?? DEFAULTS.token
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
    // Where the origin has no URL of its own, the client's is used.
    const url = `${origin?.url ?? (originOf(request.url) || NO_HOST)}${path}${query}`
    const forwarded = copyRequest(request, url, shared)
    change(forwarded.headers, request, decision, assertion)
    return forwarded
  }
}
