// Makes an AuthorizationRequest from a request of the Fetch standard. Decides nothing.

import type { AuthorizationRequest, RequestNeeds } from '../../shared/edge.ts'

const URL_PARTS = /^[a-z]+:\/\/[^/?#]*([^?]*)(.*)$/s

/** Path and query exactly as they stand in a URL: `new URL` would rewrite them. */
export interface Target {
  readonly path: string
  readonly query: string
}

/** The path and query of a URL. */
export function targetOf(url: string): Target {
  const parts = URL_PARTS.exec(url)
  if (parts === null) return { path: '', query: '' }
  const [, path = '', query = ''] = parts
  return { path: path === '' ? '/' : path, query }
}

/**
 * Scheme and authority, without a user name, escapes and characters that no host or port has (RFC 9110 section 4.2.4).
 */
const BASE = /^[a-z]+:\/\/[a-z0-9._:[\]-]+(?=[/?#]|$)/i

/** The last result. Most requests have the same, and parsing a URL takes a tenth of the time of a cached decision. */
let last = { base: '', origin: '' }

/** Scheme, host and port of a URL as `URL.origin` writes them; empty where the Host field named no host. */
export function originOf(url: string): string {
  const base = BASE.exec(url)?.[0] ?? ''
  if (base !== last.base) last = { base, origin: URL.canParse(base) ? new URL(base).origin : '' }
  return last.origin
}

/** The values of header fields, by name. A repeated field is one value, joined by commas (Fetch standard, "get"). */
const fieldsOf = (headers: Headers, names: readonly string[]): AuthorizationRequest['fields'] & {} =>
  Object.fromEntries(
    names.map((name) => {
      const value = headers.get(name)
      return [name, value === null ? [] : [value]]
    }),
  )

/** The parts of a request that are not in the Fetch standard. */
export interface PlatformFacts {
  /** The platform's identifier of a request, which no client chooses; `undefined` where the platform gave none. */
  readRequestId(request: Request): string | undefined
  /** As the platform states it (`AuthorizationRequest.clientCertificate`); `null` where the client presented none. */
  readClientCertificate(request: Request): Readonly<Record<string, string>> | null
}

/** The argument of `Authorizer.authorize` for a request. Reads no body. */
export function readRequest(
  request: Request,
  { path, query }: Target,
  { fields, clientCertificate }: RequestNeeds,
  platform: PlatformFacts,
): AuthorizationRequest {
  const authorization = request.headers.get('authorization')
  const requestId = platform.readRequestId(request)
  const certificate = clientCertificate ? platform.readClientCertificate(request) : null
  return {
    method: request.method,
    path,
    authorization: authorization === null ? [] : [authorization],
    origin: originOf(request.url),
    accessTokenInQuery: query !== '' && new URLSearchParams(query).has('access_token'),
    ...(fields.length === 0 ? {} : { fields: fieldsOf(request.headers, fields) }),
    ...(certificate === null ? {} : { clientCertificate: certificate }),
    ...(requestId === undefined ? {} : { requestId }),
  }
}

/**
 * Whether a request has content. A request with a body may have none: `Content-Length: 0`, or a chunked body without
 * data (RFC 9110 section 8.6, RFC 9112 section 7.1). The body can still be read afterwards. A body that breaks off
 * counts as content.
 */
export async function hasContent(request: Request): Promise<boolean> {
  if (request.body === null) return false
  const length = request.headers.get('content-length')
  if (length !== null) return Number(length) !== 0
  const reader = request.clone().body!.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return false
      if (value.byteLength > 0) return true
    }
  } catch {
    return true
  } finally {
    reader.cancel().catch(() => {})
  }
}
