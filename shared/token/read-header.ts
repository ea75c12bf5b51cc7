// Parses the JOSE header of a token. Most tokens of an issuer have the same header, so an authorizer caches the headers
// that it has parsed, by their text.

import { decodeToLatin1 } from './base64url.ts'
import { detach } from './detach.ts'
import { parseJsonLatin1, type JsonObject, type JsonResult } from './strict-json.ts'

/** Reads a header in canonical base64url. */
export type ReadHeader = (text: string, maxDepth: number) => JsonResult

/** Reads without a cache. */
export const readHeader: ReadHeader = (text, maxDepth) => parseJsonLatin1(decodeToLatin1(text), maxDepth)

const MAX_HEADERS = 64
const MAX_HEADER_CHARS = 512

/** Whether a header has no nested value: the result for such a header does not depend on `maxDepth`. */
const isFlat = (header: JsonObject): boolean =>
  Object.values(header).every((value) => typeof value !== 'object' || value === null)

/** A reader with a cache of at most 64 headers, none longer than 512 characters. */
export function createHeaderReader(): ReadHeader {
  const headers = new Map<string, JsonResult>()
  return (text, maxDepth) => {
    const cached = headers.get(text)
    if (cached !== undefined) return cached
    const read = readHeader(text, maxDepth)
    if ('problem' in read || !isFlat(read.value) || text.length > MAX_HEADER_CHARS) return read
    if (headers.size === MAX_HEADERS) headers.clear()
    // Many requests share the header.
    Object.freeze(read.value)
    headers.set(detach(text), read)
    return read
  }
}
