// Strict base64url: exactly one text for every byte string. RFC 4648 sections 3.3, 3.5 and 5.
// Lenient decoders give one token many spellings, and whatever is keyed by the text (a cache, a deny
// list) then misses all but one of them.

export type Base64urlProblem = 'bad_alphabet' | 'bad_length' | 'spare_bits'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Why `text` is not the canonical encoding of anything, or `null`. Padding is outside the alphabet. */
export const findBase64urlProblem = (text: string): Base64urlProblem | null =>
  /^[A-Za-z0-9_-]*$/.test(text) ? findEndProblem(text) : 'bad_alphabet'

/** The same for text that is known to have only characters of the alphabet. */
export function findEndProblem(text: string): Base64urlProblem | null {
  const tail = text.length % 4
  if (tail === 1) return 'bad_length'
  if (tail === 0) return null
  const last = ALPHABET.indexOf(text.at(-1)!)
  return (last & (tail === 2 ? 0b1111 : 0b11)) === 0 ? null : 'spare_bits'
}

/** Decodes text that `findBase64urlProblem` accepts to a string with one character for each byte. */
export const decodeToLatin1 = (text: string): string =>
  atob(text.includes('-') || text.includes('_') ? text.replaceAll('-', '+').replaceAll('_', '/') : text)

/** The encoding of a few bytes. */
export const encodeBase64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** The value of each character of the alphabet. */
const VALUES = new Uint8Array(128)
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value

const ENCODER = new TextEncoder()

/**
 * Decodes such text to the beginning of `bytes`, which must have room for the text itself. Returns the number of bytes
 * decoded.
 *
 * The text is encoded into `bytes` and decoded in place, reading four bytes before writing three: reading the
 * characters of a string takes three times as long as reading bytes.
 */
export function decodeInto(text: string, bytes: Uint8Array): number {
  const { written: length } = ENCODER.encodeInto(text, bytes)
  let written = 0
  let at = 0
  for (; at + 3 < length; at += 4) {
    const bits =
      (VALUES[bytes[at]!]! << 18) |
      (VALUES[bytes[at + 1]!]! << 12) |
      (VALUES[bytes[at + 2]!]! << 6) |
      VALUES[bytes[at + 3]!]!
    bytes[written] = bits >> 16
    bytes[written + 1] = bits >> 8
    bytes[written + 2] = bits
    written += 3
  }
  // Two remaining characters make one byte, three make two. One alone does not occur in canonical base64url.
  const left = length - at
  if (left < 2) return written
  const bits =
    (VALUES[bytes[at]!]! << 12) | (VALUES[bytes[at + 1]!]! << 6) | (left === 3 ? VALUES[bytes[at + 2]!]! : 0)
  bytes[written++] = bits >> 10
  if (left === 3) bytes[written++] = bits >> 2
  return written
}

/** Decodes such text to a new array. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  return bytes.slice(0, decodeInto(text, bytes))
}
