// One fetch of an issuer's key set, by metadata or directly. Bounded in time and size, follows no redirect,
// believes metadata only when it names the very issuer it was fetched for, and reports a failure as a word.
// RFC 8414 sections 3 and 3.3; OpenID Connect Discovery 1.0 section 4; RFC 7517 section 5.

import { fetchBounded, type FetchProblem } from '../bounded-fetch.ts'
import type { PublicKeySource, ResolvedIssuer, ResolvedPublicKeys } from '../config/config.ts'
import type { Ports } from '../ports.ts'
import { isLoopbackHttp } from '../secure-url.ts'
import { gaveUp } from '../single-flight.ts'
import { member, parseJsonObject, type JsonObject } from '../token/strict-json.ts'

/** An issuer that publishes keys. */
export type PublicKeyIssuer = ResolvedIssuer & { readonly keys: ResolvedPublicKeys }

/** For metadata and key set together: less than a request may take (REQUEST_MS), so that who waits for them is answered. */
const MAX_FETCH_MS = 6_000
export const MAX_DOCUMENT_BYTES = 262_144
export const MAX_KEYS = 100
const MAX_DOCUMENT_DEPTH = 12

export type EndpointProblem =
  | FetchProblem
  | 'status'
  | 'malformed'
  | 'metadata_issuer'
  | 'metadata_member'
  | 'metadata_jwks_uri'
  | 'no_keys'
  | 'too_many_keys'

export type EndpointAnswer = { readonly keys: readonly unknown[] } | { readonly problem: EndpointProblem }

/** Where the metadata of an issuer is. A terminating slash of the issuer is dropped before a suffix is added. */
export function metadataUrl(issuer: string, document: NonNullable<PublicKeySource['discovery']>): string {
  const url = new URL(issuer)
  const path = url.pathname.replace(/\/$/, '')
  return document === 'openid-configuration'
    ? `${url.origin}${path}/.well-known/openid-configuration`
    : `${url.origin}/.well-known/oauth-authorization-server${path}`
}

async function fetchJson(
  url: string,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<JsonObject | EndpointProblem> {
  const init = { headers: { accept: 'application/json, application/jwk-set+json' } }
  const bounds = { timeoutMs, maxBytes: MAX_DOCUMENT_BYTES }
  const answer = await fetchBounded(fetch, url, init, bounds)
  if ('problem' in answer) return answer.problem
  if (answer.status !== 200) return 'status'
  const parsed = parseJsonObject(answer.bytes, MAX_DOCUMENT_DEPTH)
  return 'problem' in parsed ? 'malformed' : parsed.value
}

/**
 * The URL that an issuer's metadata gives for a member: `jwks_uri`, `introspection_endpoint`... It must be https,
 * or loopback where the issuer is. Never throws.
 */
export const findInMetadata = (
  issuer: string,
  document: NonNullable<PublicKeySource['discovery']>,
  name: string,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<URL | EndpointProblem> => findIn(metadataUrl(issuer, document), { issuer }, name, fetch, timeoutMs)

/** The same, of metadata at any address; every member of `expected` must be in it as it is. */
async function findIn(
  address: string,
  expected: Readonly<Record<string, string>>,
  name: string,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<URL | EndpointProblem> {
  const metadata = await fetchJson(address, fetch, timeoutMs)
  if (typeof metadata === 'string') return metadata
  if (Object.entries(expected).some(([known, value]) => member(metadata, known) !== value))
    return 'metadata_issuer'
  const found = member(metadata, name)
  if (typeof found !== 'string' || !URL.canParse(found)) return 'metadata_member'
  const url = new URL(found)
  const local = isLoopbackHttp(url) && isLoopbackHttp(new URL(address))
  return url.protocol === 'https:' || local ? url : 'metadata_member'
}

async function findJwksUri(issuer: PublicKeyIssuer, fetch: Ports['fetch']): Promise<URL | EndpointProblem> {
  const { profile } = issuer
  const { source, timeoutMs } = issuer.keys
  if (source.discovery === undefined) return new URL(source.jwks_uri!)
  const { url, metadataIssuer } = source
  // AD FS: the metadata is that of its ID tokens, and says whose its access tokens are.
  const other = profile.idTokensHaveMetadataIssuer === true && metadataIssuer !== issuer.issuer
  const expected = { issuer: metadataIssuer, ...(other ? { access_token_issuer: issuer.issuer } : {}) }
  const found = await findIn(url, expected, 'jwks_uri', fetch, timeoutMs)
  return found === 'metadata_member' ? 'metadata_jwks_uri' : found
}

/** How long fetching the key set of one issuer takes at most, in milliseconds: two documents, each with its own timeout. */
export const keyFetchMs = ({ timeoutMs }: ResolvedPublicKeys): number => Math.min(2 * timeoutMs, MAX_FETCH_MS)

/** Fetches the key set of one issuer. Never throws. */
export function fetchKeySet(issuer: PublicKeyIssuer, fetch: Ports['fetch']): Promise<EndpointAnswer> {
  const answer = fetchDocuments(issuer, fetch)
  if (2 * issuer.keys.timeoutMs <= MAX_FETCH_MS) return answer
  return Promise.race([answer, gaveUp(MAX_FETCH_MS).then(() => ({ problem: 'timeout' }) as const)])
}

async function fetchDocuments(issuer: PublicKeyIssuer, fetch: Ports['fetch']): Promise<EndpointAnswer> {
  const url = await findJwksUri(issuer, fetch)
  if (typeof url === 'string') return { problem: url }
  const set = await fetchJson(url.href, fetch, issuer.keys.timeoutMs)
  if (typeof set === 'string') return { problem: set }
  const keys = member(set, 'keys')
  if (!Array.isArray(keys)) return { problem: 'malformed' }
  if (keys.length > MAX_KEYS) return { problem: 'too_many_keys' }
  return keys.length === 0 ? { problem: 'no_keys' } : { keys }
}
