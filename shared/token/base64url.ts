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

const VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = ALPHABET.indexOf(String.fromCharCode(code))
  return value === -1 ? 0 : value
})

/**
 * Decodes text that `findBase64urlProblem` has passed; anything else comes out as some bytes or other. Runs over the
 * characters itself: by way of `atob` there are three copies, and Uint8Array.fromBase64 is not everywhere yet.
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let at = 0
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    bits = (bits << 6) | (VALUES[text.charCodeAt(i)] ?? 0)
    const left = i & 3
    if (left !== 0) bytes[at++] = bits >> (6 - 2 * left)
  }
  return bytes
}

/** The same as text, one character for each byte. */
export const decodeToLatin1 = (text: string): string =>
  atob(text.includes('-') || text.includes('_') ? text.replaceAll('-', '+').replaceAll('_', '/') : text)
