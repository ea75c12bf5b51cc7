// One fetch of an issuer's key set, by metadata or directly. It is bounded in time and size, follows no redirect,
// accepts metadata only of the issuer that it was fetched for, and returns problems as values.
// RFC 8414 sections 3 and 3.3; OpenID Connect Discovery 1.0 section 4; RFC 7517 section 5.

import { fetchBounded, type FetchProblem } from '../platform/bounded-fetch.ts'
import type { ResolvedIssuer, ResolvedPublicKeys } from '../config/config.ts'
import type { Ports } from '../platform/ports.ts'
import { isLoopbackHttp } from '../platform/secure-url.ts'
import { member, parseJsonObject, type JsonObject } from '../token/strict-json.ts'
import { metadataUrl, type MetadataDocument, type MetadataMember } from './metadata-url.ts'

/** An issuer that publishes keys. */
export type PublicKeyIssuer = ResolvedIssuer & { readonly keys: ResolvedPublicKeys }

/** For metadata and key set together: less than REQUEST_MS, so that a waiting request learns why the fetch failed. */
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

/** The endpoint of a fetch, and the status of its response if there was one: for the log. */
export interface Exchange {
  readonly host: string
  /** Without a query, and only where the configuration has it: a URL from metadata may hold anything. */
  readonly url?: string
  readonly status?: number
}

export interface Fault extends Exchange {
  readonly problem: EndpointProblem
}

export type EndpointAnswer = { readonly keys: readonly unknown[]; readonly exchange: Exchange } | Fault

/** Longest name of a host. RFC 1035 section 2.3.4. */
const MAX_HOST_CHARS = 255

/** `isOurs`: the URL is in the configuration, or follows from it. */
const toExchange = (url: URL, isOurs: boolean, status?: number): Exchange => ({
  host: url.host.slice(0, MAX_HOST_CHARS),
  ...(isOurs ? { url: url.origin + url.pathname } : {}),
  ...(status ? { status } : {}),
})

interface Document {
  readonly value: JsonObject
  readonly exchange: Exchange
}

/** One JSON object. `isOurs`: the URL is in the configuration, or follows from it. Never throws. */
export async function fetchJson(
  url: URL,
  isOurs: boolean,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<Document | Fault> {
  const init = { headers: { accept: 'application/json, application/jwk-set+json' } }
  const answer = await fetchBounded(fetch, url.href, init, { timeoutMs, maxBytes: MAX_DOCUMENT_BYTES })
  const exchange = toExchange(url, isOurs, answer.status)
  if ('problem' in answer) return { ...exchange, problem: answer.problem }
  if (answer.status !== 200) return { ...exchange, problem: 'status' }
  const parsed = parseJsonObject(answer.bytes, MAX_DOCUMENT_DEPTH)
  return 'problem' in parsed ? { ...exchange, problem: 'malformed' } : { value: parsed.value, exchange }
}

/**
 * The URL that an issuer's metadata gives for a member: `jwks_uri`, `introspection_endpoint`... It must be https,
 * or loopback where the issuer is. Never throws.
 */
export const findInMetadata = (
  issuer: string,
  document: MetadataDocument,
  name: MetadataMember,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<URL | Fault> => findIn(metadataUrl(issuer, document), { issuer }, name, fetch, timeoutMs)

/** The same for metadata at any URL. The metadata must have every member of `expected` with the same value. */
async function findIn(
  address: string,
  expected: Readonly<Record<string, string>>,
  name: MetadataMember,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<URL | Fault> {
  const at = new URL(address)
  const metadata = await fetchJson(at, true, fetch, timeoutMs)
  if ('problem' in metadata) return metadata
  const { value, exchange } = metadata
  if (Object.entries(expected).some(([known, given]) => member(value, known) !== given))
    return { ...exchange, problem: 'metadata_issuer' }
  const found = member(value, name)
  const url = typeof found === 'string' && URL.canParse(found) ? new URL(found) : null
  const isSafe = url?.protocol === 'https:' || (url !== null && isLoopbackHttp(url) && isLoopbackHttp(at))
  return isSafe ? url! : { ...exchange, problem: 'metadata_member' }
}

async function findJwksUri(issuer: PublicKeyIssuer, fetch: Ports['fetch']): Promise<URL | Fault> {
  const { profile } = issuer
  const { source, timeoutMs } = issuer.keys
  if (source.discovery === undefined) return new URL(source.jwks_uri!)
  const { url, metadataIssuer } = source
  // AD FS: `issuer` of the metadata is that of ID tokens, and `access_token_issuer` that of access tokens.
  const other = profile.idTokensHaveMetadataIssuer === true && metadataIssuer !== issuer.issuer
  const expected = { issuer: metadataIssuer, ...(other ? { access_token_issuer: issuer.issuer } : {}) }
  const found = await findIn(url, expected, 'jwks_uri', fetch, timeoutMs)
  return 'problem' in found && found.problem === 'metadata_member'
    ? { ...found, problem: 'metadata_jwks_uri' }
    : found
}

/**
 * How long fetching the key set of one issuer takes at most, in milliseconds: two documents, each with its own timeout.
 */
export const keyFetchMs = ({ timeoutMs }: ResolvedPublicKeys): number => Math.min(2 * timeoutMs, MAX_FETCH_MS)

/** Fetches the key set of one issuer. Never throws. */
export async function fetchKeySet(
  issuer: PublicKeyIssuer,
  { fetch, now }: Pick<Ports, 'fetch' | 'now'>,
): Promise<EndpointAnswer> {
  const { source, timeoutMs } = issuer.keys
  const startMs = now()
  const url = await findJwksUri(issuer, fetch)
  if ('problem' in url) return url
  const leftMs = 2 * timeoutMs <= MAX_FETCH_MS ? timeoutMs : MAX_FETCH_MS - (now() - startMs)
  const setMs = Math.max(0, Math.min(timeoutMs, leftMs))
  const set = await fetchJson(url, source.discovery === undefined, fetch, setMs)
  if ('problem' in set) return set
  const { value, exchange } = set
  const keys = member(value, 'keys')
  if (!Array.isArray(keys)) return { ...exchange, problem: 'malformed' }
  if (keys.length > MAX_KEYS) return { ...exchange, problem: 'too_many_keys' }
  return keys.length === 0 ? { ...exchange, problem: 'no_keys' } : { keys, exchange }
}
