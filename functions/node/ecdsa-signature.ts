// ECDSA signatures in DER for OpenSSL. JWS has them as plain bytes. X.690 section 8.3.

type Bytes = Uint8Array<ArrayBuffer>

/** An INTEGER: no redundant byte in front, and a zero where it would be negative otherwise (X.690 section 8.3). */
function toInteger(bytes: Bytes): readonly number[] {
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from++
  const sign = bytes[from]! < 0x80 ? [] : [0]
  return [0x02, sign.length + bytes.length - from, ...sign, ...bytes.subarray(from)]
}

/**
 * The two numbers of an ECDSA signature as `ECDSA-Sig-Value` (RFC 3279 section 2.2.3). Not built with `der` of
 * der.ts, because it runs for every signature.
 */
export function toEcdsaSignature(signature: Bytes): Uint8Array {
  const half = signature.length / 2
  const numbers = [...toInteger(signature.subarray(0, half)), ...toInteger(signature.subarray(half))]
  const length = numbers.length < 0x80 ? [numbers.length] : [0x81, numbers.length]
  return Uint8Array.of(0x30, ...length, ...numbers)
}
