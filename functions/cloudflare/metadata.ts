// The metadata of the configured resources, at their well-known paths. RFC 9728 sections 3 and 3.1. Public, the
// same for everybody, readable by scripts of any origin. Reads no token and never contacts the origin.

import { findMetadata, toResourceMetadata, type ResolvedConfig } from '../../shared/index.ts'

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
}

/** The document, where a request asks for one; `null` where it asks for something else. */
export function answerMetadata(method: string, path: string, config: ResolvedConfig): Response | null {
  const resource = findMetadata(path, config)
  if (resource === null) return null
  if (method !== 'GET' && method !== 'HEAD')
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD', 'cache-control': 'no-store' } })
  const text = JSON.stringify(toResourceMetadata(resource, config))
  return new Response(method === 'HEAD' ? null : text, { headers: HEADERS })
}
