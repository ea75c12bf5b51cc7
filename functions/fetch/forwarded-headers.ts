// The header fields with which another Worker sends a request on, after it has asked for a decision over RPC.

import { DEFAULTS, toHeaderName, type Decision } from '../../shared/index.ts'
import { createClean, removeToken } from './forwarded.ts'

/** Settings for `toForwardedHeaders`. They should be equal to those in the configuration of the authorizer. */
export interface ForwardedHeadersOptions {
  /** `identity.headerPrefix`. Default `x-lanekeeper-`. */
  readonly headerPrefix?: string
  /** `origin.keepHeaders`. Default: none. */
  readonly keepHeaders?: readonly string[]
  /** `diagnostics.header`. Default: none. */
  readonly diagnosticsHeader?: string
  /** `mtls.header.name` and `mtls.header.guard.header`. Default: none. */
  readonly mtlsHeaders?: { readonly name: string; readonly guard: string }
  /** `publicUrls`. Default: X-Forwarded-Host and -Proto come from the URL of the request. */
  readonly publicUrls?: readonly string[]
  /**
   * Whether the origin gets the token of an identified caller, and its DPoP proof. Default `strip`; in report-only it
   * always gets them.
   */
  readonly token?: 'strip' | 'forward'
}

/**
 * The header fields with which another Worker sends a request on, after `AUTHORIZER.authorize()` has let it pass. They
 * are those that `createWorker` sends to its origin: with the identity, but without an assertion. Does not check
 * whether the request was refused.
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
    diagnosticsHeader,
    mtlsHeaders,
    token = DEFAULTS.token,
  } = options
  const headers = new Headers(request.headers)
  createClean({
    identity: { headerPrefix },
    origin: { keepHeaders: new Set(keepHeaders.map((name) => name.toLowerCase())) },
    publicUrls: new Map(publicUrls.map((url) => [new URL(url).host, new URL(url).origin])),
    diagnostics: diagnosticsHeader === undefined ? null : { header: diagnosticsHeader },
    mtls:
      mtlsHeaders === undefined
        ? null
        : { header: { name: mtlsHeaders.name, guard: { header: mtlsHeaders.guard } } },
  })(headers, request)
  if (identity === null) return headers
  const { reportOnly, grant = null } = decision.allow ? decision : {}
  if (token === 'strip' && reportOnly !== true) removeToken(headers, grant ?? {})
  for (const [name, value] of Object.entries(identity)) headers.set(toHeaderName(headerPrefix, name), value)
  return headers
}
