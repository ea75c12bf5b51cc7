// Whether a token has the shape of a JWT, and whether a text has a JWT in it. Lenient: an issuer may read a token that
// this code would refuse to parse.

import { decodeToLatin1 } from './base64url.ts'
import { beginsObject, type CompactParts } from './compact.ts'

/**
 * Three parts or more, the first of which decodes to the beginning of a JSON object. `cut`: the parts, if already
 * split.
 */
export function isJwtShaped(token: string, cut?: CompactParts): boolean {
  const parts = cut ?? token.split('.', 3)
  if (parts.length < 3) return false
  try {
    return beginsObject(parts[0]!)
  } catch {
    return false
  }
}

/** As many characters as the shortest header with an `alg` has, a multiple of four. */
const HEADER_CHARS = 12

/** The beginning of a JSON object and of the name of its first member. */
const MEMBER_BEGINS = /^\{[ \t\n\r]*(?:"[ -~]*)?$/

/** Whether a header begins somewhere in it: what stands before a token may have characters of base64url as well. */
const hasHeader = (text: string): boolean =>
  [...text.matchAll(/e[wy]/g)].some(({ index }) => {
    const begin = text.slice(index, index + HEADER_CHARS)
    return begin.length === HEADER_CHARS && MEMBER_BEGINS.test(decodeToLatin1(begin))
  })

/**
 * Whether a JWT stands anywhere in a text, whatever is around it: for texts that are stored and shown, where no token
 * belongs. An opaque token looks like any other text and is not found.
 */
export const hasJwt = (text: string): boolean =>
  text.split(/[^\w.-]+/).some((run) => run.split('.').slice(0, -2).some(hasHeader))
