// Certificates as text: PEM (RFC 7468 section 5) and base64 (RFC 4648 section 4), to DER. Reads no more of a certificate
// than that. Refuses every text that two readers could take for different certificates.

import { decodeBase64url, findBase64urlProblem } from '../../token/base64url.ts'

const MAX_BLOCK_CHARS = 16_384
/** Text before the block, such as the attributes that OpenSSL writes. */
const MAX_BEFORE_CHARS = 1_024

const ANY_BEGIN = '-----BEGIN '
const [BEGIN, END] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'] as const

/** Every certificate is a SEQUENCE. RFC 5280 section 4.1. */
const SEQUENCE = 0x30

/** The bytes of a certificate in base64 with padding, in the one spelling that it has; `null`: it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length > MAX_BLOCK_CHARS || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    return null
  const plain = text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
  if (findBase64urlProblem(plain) !== null) return null
  const der = decodeBase64url(plain)
  return der[0] === SEQUENCE ? der : null
}

/** The bytes of the first certificate in PEM, which is the one of the client; `null`: there is none. */
export function fromPem(pem: string): Uint8Array<ArrayBuffer> | null {
  const from = pem.indexOf(ANY_BEGIN)
  if (from < 0 || from > MAX_BEFORE_CHARS || !pem.startsWith(BEGIN, from)) return null
  const to = pem.indexOf(END, from)
  if (to < 0 || to - from > MAX_BLOCK_CHARS) return null
  return fromBase64(pem.slice(from + BEGIN.length, to).replaceAll(/[\r\n\t ]/g, ''))
}
