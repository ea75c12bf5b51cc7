// Reads the metadata of an issuer that a person has typed, for commands: which exact `iss` it states, where its keys
// are, and which of them verify signatures here. What it returns is foreign text. No edge imports this.
// RFC 8414 sections 2 and 3; OpenID Connect Discovery 1.0 sections 3 and 4.

import type { Ports } from '../platform/ports.ts'
import { isLoopbackHttp } from '../platform/secure-url.ts'
import { webCrypto } from '../platform/web-crypto.ts'
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../token/algorithms.ts'
import { member } from '../token/strict-json.ts'
import { fetchJson, MAX_KEYS, type EndpointProblem } from './key-endpoint.ts'
import { problemsOf, readKeySet } from './key-set.ts'
import { KEY_TYPES } from './key-types/all.ts'
import { METADATA_DOCUMENTS, metadataUrl, type MetadataDocument } from './metadata-url.ts'

export interface IssuerMetadata {
  /** The `issuer` of the metadata, as its tokens have it in `iss` (AD FS: `access_token_issuer`). */
  readonly issuer: string
  readonly document: MetadataDocument
  /** The URL of the document. */
  readonly url: string
  readonly jwksUri: string
  /** Algorithms of the keys that may be used here; empty where the keys cannot be fetched or none may be used. */
  readonly algorithms: readonly SignatureAlgorithm[]
  /** Why the keys cannot be fetched, or why some are refused; empty: every key may be used. */
  readonly keyProblems: readonly string[]
}

export interface MetadataFault {
  readonly problem: EndpointProblem
  /** The URL that was asked last. */
  readonly url: string
  readonly status?: number
  /** Where the metadata is another issuer's: the issuer that it states, which is foreign text. */
  readonly stated?: string
}

const isFetchable = (url: URL, at: URL): boolean =>
  url.protocol === 'https:' || (isLoopbackHttp(url) && isLoopbackHttp(at))

async function readKeys(
  jwksUri: URL,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<Pick<IssuerMetadata, 'algorithms' | 'keyProblems'>> {
  const set = await fetchJson(jwksUri, true, fetch, timeoutMs)
  if ('problem' in set) return { algorithms: [], keyProblems: [set.problem] }
  const entries = member(set.value, 'keys')
  if (!Array.isArray(entries) || entries.length > MAX_KEYS)
    return { algorithms: [], keyProblems: ['malformed'] }
  const reading = { allowed: new Set(SIGNATURE_ALGORITHMS), keyTypes: KEY_TYPES, crypto: webCrypto }
  const read = await readKeySet(entries, reading)
  const usable = new Set(read.keys.flatMap(({ verifiers }) => [...verifiers.keys()]))
  return {
    algorithms: SIGNATURE_ALGORITHMS.filter((each) => usable.has(each)),
    keyProblems: problemsOf(read),
  }
}

async function readDocument(
  typed: string,
  document: MetadataDocument,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<IssuerMetadata | MetadataFault> {
  const url = metadataUrl(typed, document)
  const at = new URL(url)
  const answer = await fetchJson(at, true, fetch, timeoutMs)
  if ('problem' in answer) {
    const { status } = answer
    return { problem: answer.problem, url, ...(status !== undefined && { status }) }
  }
  const stated = member(answer.value, 'issuer')
  const found = member(answer.value, 'jwks_uri')
  if (typeof stated !== 'string') return { problem: 'metadata_issuer', url }
  // The metadata of another issuer says nothing about this one; a terminating slash is the only difference allowed.
  if (!URL.canParse(stated) || metadataUrl(stated, document) !== url)
    return { problem: 'metadata_issuer', url, stated }
  const jwksUri = typeof found === 'string' && URL.canParse(found) ? new URL(found) : null
  if (jwksUri === null || !isFetchable(jwksUri, at)) return { problem: 'metadata_jwks_uri', url }
  const ofAccessTokens = member(answer.value, 'access_token_issuer')
  return {
    issuer: typeof ofAccessTokens === 'string' ? ofAccessTokens : stated,
    document,
    url,
    jwksUri: jwksUri.href,
    ...(await readKeys(jwksUri, fetch, timeoutMs)),
  }
}

/**
 * Fetches the metadata and the keys of an issuer: at most three documents, each bounded in time (`timeoutMs`) and size,
 * without following a redirect. Never throws.
 *
 * @param typed An absolute https URL, or http on loopback.
 */
export async function readIssuerMetadata(
  typed: string,
  fetch: Ports['fetch'],
  timeoutMs: number,
): Promise<IssuerMetadata | MetadataFault> {
  const [first, second] = METADATA_DOCUMENTS
  const found = await readDocument(typed, first, fetch, timeoutMs)
  if (!('problem' in found) || found.problem !== 'status') return found
  const other = await readDocument(typed, second, fetch, timeoutMs)
  return 'problem' in other ? found : other
}
