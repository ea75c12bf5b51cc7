// Strict base64url: exactly one text for every byte string. RFC 4648 sections 3.3, 3.5 and 5.
// Lenient decoders give one token many spellings, and whatever is keyed by the text (a cache, a deny
// list) then misses all but one of them.

export type Base64urlProblem = 'bad_alphabet' | 'bad_length' | 'spare_bits'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Why `text` is not the canonical encoding of anything, or `null`. Padding is outside the alphabet. */
export function findBase64urlProblem(text: string): Base64urlProblem | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return 'bad_alphabet'
  const tail = text.length % 4
  if (tail === 1) return 'bad_length'
  if (tail === 0) return null
  const last = ALPHABET.indexOf(text.at(-1)!)
  return (last & (tail === 2 ? 0b1111 : 0b11)) === 0 ? null : 'spare_bits'
}

/** Decodes text that `findBase64urlProblem` has passed to text, one character for each byte. */
export const decodeToLatin1 = (text: string): string =>
  atob(text.includes('-') || text.includes('_') ? text.replaceAll('-', '+').replaceAll('_', '/') : text)

/** What each character stands for. */
const VALUES = new Uint8Array(128)
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value

/** Decodes such text to the beginning of `bytes` and says how many it took. */
export function decodeInto(text: string, bytes: Uint8Array): number {
  let written = 0
  let bits = 0
  for (let at = 0; at < text.length; at++) {
    bits = (bits << 6) | VALUES[text.charCodeAt(at)]!
    const left = (at + 1) & 3
    // Of four characters all but the first complete a byte; what is left over is spare, or begins the next.
    if (left !== 1) bytes[written++] = bits >> (2 * ((4 - left) & 3))
  }
  return written
}

/** Decodes such text to bytes of its own. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  decodeInto(text, bytes)
  return bytes
}
