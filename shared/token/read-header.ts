// The JOSE header of a token as JSON. Most tokens of an issuer have the same header, so an authorizer keeps the headers
// that it has read: what a text says never changes.

import { decodeToLatin1 } from './base64url.ts'
import { detach } from './detach.ts'
import { parseJsonLatin1, type JsonObject, type JsonResult } from './strict-json.ts'

/** Reads a header in canonical base64url. */
export type ReadHeader = (text: string, maxDepth: number) => JsonResult

/** Reads every header anew. */
export const readHeader: ReadHeader = (text, maxDepth) => parseJsonLatin1(decodeToLatin1(text), maxDepth)

const MAX_HEADERS = 64
const MAX_HEADER_CHARS = 512

/** Without a nested value: such a header is the same whatever `maxDepth` is. */
const isFlat = (header: JsonObject): boolean =>
  Object.values(header).every((value) => typeof value !== 'object' || value === null)

/** Reads a header and keeps it. Of an instance at most 64 are kept, none longer than 512 characters. */
export function createHeaderReader(): ReadHeader {
  const headers = new Map<string, JsonResult>()
  return (text, maxDepth) => {
    const cached = headers.get(text)
    if (cached !== undefined) return cached
    const read = readHeader(text, maxDepth)
    if ('problem' in read || !isFlat(read.value) || text.length > MAX_HEADER_CHARS) return read
    if (headers.size === MAX_HEADERS) headers.clear()
    // Many requests share it.
    Object.freeze(read.value)
    headers.set(detach(text), read)
    return read
  }
}
