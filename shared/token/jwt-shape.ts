// Whether a token has the shape of a JWT. Lenient: an issuer may read a token that this code would refuse to parse.

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
