// DER for OpenSSL: RSA keys with the parameters of RSASSA-PSS. X.690 sections 8 and 10.

/** Tag, length and contents, of at most 65,535 bytes. */
function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const value = Buffer.concat(contents)
  const { length } = value
  const lengthBytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Uint8Array.of(tag, ...lengthBytes, ...value)
}

const sequence = (...items: readonly Uint8Array[]): Uint8Array => der(0x30, ...items)
const field = (at: number, item: Uint8Array): Uint8Array => der(0xa0 + at, item)
const identifier = (bytes: string): Uint8Array => der(0x06, Buffer.from(bytes, 'hex'))

/** 2.16.840.1.101.3.4.2: 1, 2 and 3. */
const HASHES = {
  sha256: '608648016503040201',
  sha384: '608648016503040202',
  sha512: '608648016503040203',
} as const
/** 1.2.840.113549.1.1: 8 and 10. */
const MGF1 = '2a864886f70d010108'
const RSASSA_PSS = '2a864886f70d01010a'

export interface PssParameters {
  /** Hash of the message and of the mask (MGF1). */
  readonly hash: keyof typeof HASHES
  /** Bytes. */
  readonly saltLength: number
}

/**
 * A `SubjectPublicKeyInfo` for RSASSA-PSS with these parameters and nothing else. RFC 4055 sections 1.2 and 3.1.
 *
 * @param key an `RSAPublicKey` (RFC 8017 appendix A.1.1)
 */
export function toPssKeyInfo(key: Uint8Array, { hash, saltLength }: PssParameters): Uint8Array {
  const hashed = sequence(identifier(HASHES[hash]), der(0x05))
  const masked = sequence(identifier(MGF1), hashed)
  const salt = der(0x02, Uint8Array.of(saltLength))
  const parameters = sequence(field(0, hashed), field(1, masked), field(2, salt))
  return sequence(sequence(identifier(RSASSA_PSS), parameters), der(0x03, Uint8Array.of(0), key))
}
