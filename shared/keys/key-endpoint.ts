// One fetch of an issuer's key set, by metadata or directly. Bounded in time and size, follows no redirect,
// believes metadata only when it names the very issuer it was fetched for, and reports a failure as a word.
// RFC 8414 sections 3 and 3.3; OpenID Connect Discovery 1.0 section 4; RFC 7517 section 5.

import type { KeySource, ResolvedIssuer } from '../config/config.ts'
import type { Ports } from '../ports.ts'
import { isLoopbackHttp } from '../secure-url.ts'
import { member, parseJsonObject, type JsonObject } from '../token/strict-json.ts'

export const KEY_FETCH_TIMEOUT_MS = 2_000
export const MAX_DOCUMENT_BYTES = 262_144
export const MAX_KEYS = 100
const MAX_DOCUMENT_DEPTH = 12

export type EndpointProblem =
  | 'no_answer'
  | 'timeout'
  | 'redirect'
  | 'status'
  | 'too_large'
  | 'malformed'
  | 'metadata_issuer'
  | 'metadata_jwks_uri'
  | 'no_keys'
  | 'too_many_keys'

export type EndpointAnswer = { readonly keys: readonly unknown[] } | { readonly problem: EndpointProblem }

/** Where the metadata of an issuer is. A terminating slash of the issuer is dropped before a suffix is added. */
export function metadataUrl(issuer: string, document: NonNullable<KeySource['discovery']>): string {
  const url = new URL(issuer)
  const path = url.pathname.replace(/\/$/, '')
  return document === 'openid-configuration'
    ? `${url.origin}${path}/.well-known/openid-configuration`
    : `${url.origin}/.well-known/oauth-authorization-server${path}`
}

async function readBounded(response: Response): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = response.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > MAX_DOCUMENT_BYTES) {
      await reader.cancel()
      return null
    }
    chunks.push(value)
  }
  const whole = new Uint8Array(size)
  chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.byteLength), 0)
  return whole
}

async function fetchJson(url: string, fetch: Ports['fetch']): Promise<JsonObject | EndpointProblem> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json, application/jwk-set+json' },
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(KEY_FETCH_TIMEOUT_MS),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      return response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)
        ? 'redirect'
        : 'status'
    }
    const bytes = await readBounded(response)
    if (bytes === null) return 'too_large'
    const parsed = parseJsonObject(bytes, MAX_DOCUMENT_DEPTH)
    return 'problem' in parsed ? 'malformed' : parsed.value
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'no_answer'
  }
}

async function findJwksUri(issuer: ResolvedIssuer, fetch: Ports['fetch']): Promise<URL | EndpointProblem> {
  const { keys } = issuer
  if (keys.discovery === undefined) return new URL(keys.jwks_uri!)
  const metadata = await fetchJson(keys.url, fetch)
  if (typeof metadata === 'string') return metadata
  if (member(metadata, 'issuer') !== keys.metadataIssuer) return 'metadata_issuer'
  // AD FS: the metadata is that of its ID tokens, and says here whose its access tokens are.
  const other = issuer.profile.idTokensHaveMetadataIssuer === true && keys.metadataIssuer !== issuer.issuer
  if (other && member(metadata, 'access_token_issuer') !== issuer.issuer) return 'metadata_issuer'
  const found = member(metadata, 'jwks_uri')
  if (typeof found !== 'string' || !URL.canParse(found)) return 'metadata_jwks_uri'
  const url = new URL(found)
  const local = isLoopbackHttp(url) && isLoopbackHttp(new URL(keys.url))
  return url.protocol === 'https:' || local ? url : 'metadata_jwks_uri'
}

/** Fetches the key set of one issuer. Never throws. */
export async function fetchKeySet(issuer: ResolvedIssuer, fetch: Ports['fetch']): Promise<EndpointAnswer> {
  const url = await findJwksUri(issuer, fetch)
  if (typeof url === 'string') return { problem: url }
  const set = await fetchJson(url.href, fetch)
  if (typeof set === 'string') return { problem: set }
  const keys = member(set, 'keys')
  if (!Array.isArray(keys)) return { problem: 'malformed' }
  if (keys.length > MAX_KEYS) return { problem: 'too_many_keys' }
  return keys.length === 0 ? { problem: 'no_keys' } : { keys }
}
