// The header fields that reach a server behind a Fetch edge: its origin, the handler after the middleware, or the
// server that another Worker sends to. RFC 9110 sections 7.6 and 7.6.1. spoofable-fields.ts lists the fields that are
// removed.

import { findPublicUrl, type Grant, type ResolvedConfig } from '../../shared/edge.ts'
import { canonicalName, CLIENT_FIELDS, isSpoofableField } from './spoofable-fields.ts'
import { originOf } from './request.ts'

/** Fields that `Connection` names, which end at this hop (RFC 9110 section 7.6.1); `null` without `Connection`. */
function namedFields(connection: string | null): ReadonlySet<string> | null {
  return connection === null ? null : new Set(connection.split(',').map((name) => canonicalName(name.trim())))
}

/** Fields that `Connection` cannot remove: this hop needs them, or the platform writes them about the client. */
const NEVER_NAMED: ReadonlySet<string> = new Set(['upgrade', 'connection', ...CLIENT_FIELDS])

/** Removes the token, and the proof of the key that it is bound to. */
export function removeToken(headers: Headers, { sender }: Pick<Grant, 'sender'>): void {
  headers.delete('authorization')
  if (sender?.startsWith('dpop')) headers.delete('dpop')
}

/** The settings that `createClean` reads. */
export type Forwarding = Pick<ResolvedConfig, 'publicUrls'> & {
  readonly identity: Pick<ResolvedConfig['identity'], 'headerPrefix'>
  readonly origin: Pick<NonNullable<ResolvedConfig['origin']>, 'keepHeaders'> | null
  readonly diagnostics?: Pick<NonNullable<ResolvedConfig['diagnostics']>, 'header'> | null
  readonly mtls?: { readonly header: FieldsOfProxy | null } | null
}

/** The names in `mtls.header`. */
interface FieldsOfProxy {
  readonly name: string
  readonly guard: { readonly header: string }
}

/** Removes and sets fields in `headers`, a copy of the request's header fields. */
export type Clean = (headers: Headers, request: Request) => void

/**
 * Removes the fields that a client must not send to a server behind an edge: identity headers, fields of other gateways
 * and frameworks, those that `Connection` names, the one with the secret of `diagnostics`, and those of `mtls.header`.
 * Sets X-Forwarded-Host and -Proto to the public origin of the request.
 */
export function createClean({ identity, origin, publicUrls, diagnostics, mtls }: Forwarding): Clean {
  const { headerPrefix } = identity
  const header = mtls?.header
  const own = [diagnostics?.header, header?.name, header?.guard.header].map((name = '') =>
    canonicalName(name),
  )
  const kept = origin?.keepHeaders ?? new Set()

  function setPublicUrl(headers: Headers, request: Request): void {
    const requested = originOf(request.url)
    // A host that is not listed gets here in report-only alone; it is passed on as requested.
    const [scheme = '', host = ''] = (findPublicUrl(requested, { publicUrls }) ?? requested).split('://')
    if (host === '') return
    if (!kept.has('x-forwarded-host')) headers.set('x-forwarded-host', host)
    if (!kept.has('x-forwarded-proto')) headers.set('x-forwarded-proto', scheme)
  }

  return (headers, request) => {
    const from = request.headers
    const hopByHop = namedFields(from.get('connection'))
    for (const name of from.keys()) {
      const canonical = canonicalName(name)
      const named = hopByHop?.has(canonical) === true && !NEVER_NAMED.has(canonical)
      if (
        canonical.startsWith(headerPrefix) ||
        own.includes(canonical) ||
        named ||
        (isSpoofableField(name, canonical) && !kept.has(name))
      )
        headers.delete(name)
    }
    // The client's `Connection` is for this hop. Sent on, it could make the next hop drop a field of ours.
    if (hopByHop?.has('upgrade')) headers.set('connection', 'Upgrade')
    else if (hopByHop !== null) headers.delete('connection')
    setPublicUrl(headers, request)
  }
}
