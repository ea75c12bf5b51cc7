// Whether a point is on its curve: y^2 = x^3 - 3x + b modulo p. A runtime may take such a key and fail later, or
// not at all. SEC 1 section 3.2.2.1; the numbers are those of NIST SP 800-186 section 3.2.1.

interface Curve {
  readonly bytes: number
  readonly p: bigint
  readonly b: bigint
}

const CURVES: Readonly<Record<string, Curve>> = {
  'P-256': {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
}

const toNumber = (bytes: Uint8Array): bigint =>
  bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n)

/**
 * Why big-endian coordinates are no point of a curve, or `null`. They have full length (RFC 7518 section 6.2.1.2). A
 * curve that has no row has no points.
 */
export function findPointProblem(
  crv: string,
  x: Uint8Array,
  y: Uint8Array,
): 'off_curve' | 'wrong_length' | null {
  const curve = Object.hasOwn(CURVES, crv) ? CURVES[crv]! : null
  if (curve === null) return 'off_curve'
  if (x.length !== curve.bytes || y.length !== curve.bytes) return 'wrong_length'
  const [a, b] = [toNumber(x), toNumber(y)]
  const isOn = a < curve.p && b < curve.p && (b * b - (a * a * a - 3n * a + curve.b)) % curve.p === 0n
  return isOn ? null : 'off_curve'
}
