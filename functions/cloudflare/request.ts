// From a request of the Fetch standard to the facts that a decision needs. Translates and decides nothing.

import type { AuthorizationRequest } from '../../shared/index.ts'

const URL_PARTS = /^[a-z]+:\/\/[^/?#]*([^?]*)(.*)$/s

/** Exactly as they stand in a URL, which `new URL` would rewrite. */
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

/** Cloudflare's identifier of a request. It is set over whatever a client sends under this name. */
const RAY = /^[0-9a-f]{16}(?:-[A-Z]{3})?$/

/** What the authorizer is asked about a request. Reads no body. */
export const toAuthorizationRequest = (request: Request): AuthorizationRequest =>
  toAsked(request, targetOf(request.url))

/** The same, where the target has been read already. */
export function toAsked(request: Request, { path, query }: Target): AuthorizationRequest {
  const authorization = request.headers.get('authorization')
  const ray = RAY.exec(request.headers.get('cf-ray') ?? '')?.[0]
  return {
    method: request.method,
    path,
    authorization: authorization === null ? [] : [authorization],
    accessTokenInQuery: query !== '' && new URLSearchParams(query).has('access_token'),
    ...(ray === undefined ? {} : { requestId: ray }),
  }
}
