// Strict base64url: exactly one text for every byte string. RFC 4648 sections 3.3, 3.5 and 5.
// Lenient decoders give one token many spellings, and whatever is keyed by the text (a cache, a deny
// list) then misses all but one of them.

import { base64url } from 'jose'

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

/** Decodes text that `findBase64urlProblem` has passed. */
export const decodeBase64url = (text: string): Uint8Array<ArrayBuffer> =>
  base64url.decode(text) as Uint8Array<ArrayBuffer>
