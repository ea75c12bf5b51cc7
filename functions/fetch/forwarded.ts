// Header fields on their way from a client to whatever stands behind an edge: the Worker's origin, the handler after the
// middleware, the server that another Worker sends to. RFC 9110 sections 7.6 and 7.6.1. Which fields end here stands in
// spoofable-fields.ts.

import {
  type Decision,
  DEFAULTS,
  findPublicUrl,
  toHeaderName,
  type ResolvedConfig,
} from '../../shared/index.ts'
import { canonicalName, CLIENT_FIELDS, isSpoofableField } from './spoofable-fields.ts'
import { originOf } from './request.ts'

/** Fields that the client wants taken off on the way (RFC 9110 section 7.6.1); `null`: it said nothing. */
function namedFields(connection: string | null): ReadonlySet<string> | null {
  return connection === null ? null : new Set(connection.split(',').map((name) => canonicalName(name.trim())))
}

/** What no client takes off by naming it in `Connection`: what this hop needs, and what the platform writes about the client. */
const NEVER_NAMED: ReadonlySet<string> = new Set(['upgrade', 'connection', ...CLIENT_FIELDS])

/** What the configuration says about it. */
export type Forwarding = Pick<ResolvedConfig, 'publicUrls'> & {
  readonly identity: Pick<ResolvedConfig['identity'], 'headerPrefix'>
  readonly origin: Pick<NonNullable<ResolvedConfig['origin']>, 'keepHeaders'> | null
}

/** What `createClean` makes. `headers`: a copy of those of the request, which is changed. */
export type Clean = (headers: Headers, request: Request) => void

/**
 * Takes away what a client may not say to a server behind an edge: the identity, fields of other gateways and frameworks, and
 * what `Connection` names. Sets X-Forwarded-Host and -Proto to the public origin that the request is for.
 */
export function createClean({ identity, origin, publicUrls }: Forwarding): Clean {
  const { headerPrefix } = identity
  const kept = origin?.keepHeaders ?? new Set()

  function setPublicUrl(headers: Headers, request: Request): void {
    const asked = originOf(request.url)
    // In report-only a host that is not listed is told as it was asked.
    const [scheme = '', host = ''] = (findPublicUrl(asked, { publicUrls }) ?? asked).split('://')
    if (host === '') return
    if (!kept.has('x-forwarded-host')) headers.set('x-forwarded-host', host)
    if (!kept.has('x-forwarded-proto')) headers.set('x-forwarded-proto', scheme)
  }

  return (headers, request) => {
    const from = request.headers
    const hopByHop = namedFields(from.get('connection'))
    for (const name of from.keys()) {
      const plain = canonicalName(name)
      const named = hopByHop?.has(plain) === true && !NEVER_NAMED.has(plain)
      if (plain.startsWith(headerPrefix) || named || (isSpoofableField(name, plain) && !kept.has(name)))
        headers.delete(name)
    }
    // It was for the hop that ends here. Sent on, it could tell the next hop to drop a field of ours.
    if (hopByHop?.has('upgrade')) headers.set('connection', 'Upgrade')
    else if (hopByHop !== null) headers.delete('connection')
    setPublicUrl(headers, request)
  }
}

/** Settings of the caller of `Authorizer`, which should be those of its configuration. */
export interface ForwardedHeadersOptions {
  /** `identity.headerPrefix`. Default `x-lanekeeper-`. */
  readonly headerPrefix?: string
  /** `origin.keepHeaders`. Default: none. */
  readonly keepHeaders?: readonly string[]
  /** `publicUrls`. Default: X-Forwarded-Host and -Proto come from the URL of the request. */
  readonly publicUrls?: readonly string[]
  /** Whether the client's token stays where the identity is known. Default `strip`. */
  readonly token?: 'strip' | 'forward'
}

/**
 * The header fields of a request for a server behind this Worker, after `AUTHORIZER.authorize()` has let it pass: as
 * `createWorker` sends them on, with the identity. Does not look at whether it was refused.
 */
export function toForwardedHeaders(
  request: Request,
  {
    decision,
    identity,
  }: { readonly decision: Decision; readonly identity: Readonly<Record<string, string>> | null },
  options: ForwardedHeadersOptions = {},
): Headers {
  const {
    headerPrefix = DEFAULTS.headerPrefix,
    keepHeaders = [],
    publicUrls = [],
    token = DEFAULTS.token,
  } = options
  const headers = new Headers(request.headers)
  createClean({
    identity: { headerPrefix },
    origin: { keepHeaders: new Set(keepHeaders.map((name) => name.toLowerCase())) },
    publicUrls: new Map(publicUrls.map((url) => [new URL(url).host, new URL(url).origin])),
  })(headers, request)
  if (identity === null) return headers
  const reportOnly = decision.allow && decision.reportOnly === true
  if (token === 'strip' && !reportOnly) headers.delete('authorization')
  for (const [name, value] of Object.entries(identity)) headers.set(toHeaderName(headerPrefix, name), value)
  return headers
}
