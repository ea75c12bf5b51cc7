// Certificates as text: PEM (RFC 7468 section 5) and base64 (RFC 4648 section 4), to DER. Reads no more of a
// certificate than that. Refuses every text that two readers could take for different certificates.

import { decodeBase64url, findBase64urlProblem } from '../../token/base64url.ts'

const MAX_BLOCK_CHARS = 16_384
/** Text before the block, such as the attributes that OpenSSL writes. */
const MAX_BEFORE_CHARS = 1_024

const ANY_BEGIN = '-----BEGIN '
const [BEGIN, END] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'] as const

/** Every certificate is a SEQUENCE. RFC 5280 section 4.1. */
const SEQUENCE = 0x30

/**
 * Whether bytes are one SEQUENCE, to the last of them: of what follows it, one reader makes nothing and another one a
 * different certificate. None is as short as a length of one byte says, and none in `MAX_BLOCK_CHARS` needs three.
 * X.690 sections 8.1.3 and 10.1.
 */
function isSequence(der: Uint8Array): boolean {
  const [tag, form, first = 0, second = 0] = der
  if (tag !== SEQUENCE) return false
  return form === 0x81 ? first === der.length - 3 : form === 0x82 && first * 256 + second === der.length - 4
}

/** The bytes of a certificate in base64 with padding, in the one spelling that it has; `null`: it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length > MAX_BLOCK_CHARS || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    return null
  const plain = text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
  if (findBase64urlProblem(plain) !== null) return null
  const der = decodeBase64url(plain)
  return isSequence(der) ? der : null
}

/** The bytes of the first certificate in PEM, which is the one of the client; `null`: there is none. */
export function fromPem(pem: string): Uint8Array<ArrayBuffer> | null {
  const from = pem.indexOf(ANY_BEGIN)
  if (from < 0 || from > MAX_BEFORE_CHARS || !pem.startsWith(BEGIN, from)) return null
  const to = pem.indexOf(END, from)
  if (to < 0 || to - from > MAX_BLOCK_CHARS) return null
  const block = pem.slice(from + BEGIN.length, to)
  // Where it is no line of its own, it is text to OpenSSL, which reads on to the next one.
  if ((from > 0 && pem[from - 1] !== '\n') || !/^[\t\r ]*\n/.test(block)) return null
  return fromBase64(block.replaceAll(/[\r\n\t ]/g, ''))
}
