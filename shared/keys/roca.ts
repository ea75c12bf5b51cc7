// RSA moduli whose primes come from a known faulty generator (ROCA, CVE-2017-15361): they can be factored, so
// anybody can sign with them. Such a modulus is a power of 65537 modulo every small prime, which an honest one
// is with a chance of one in 2^27 or so. Nemec et al., "The Return of Coppersmith's Attack", section 3.

const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
]

const modulo = (number: Uint8Array, prime: number): number =>
  number.reduce((remainder, byte) => (remainder * 256 + byte) % prime, 0)

function isPowerOf65537(residue: number, prime: number): boolean {
  const generator = 65_537 % prime
  let power = 1
  do {
    if (power === residue) return true
    power = (power * generator) % prime
  } while (power !== 1)
  return false
}

/** Whether a big-endian modulus has the fingerprint. */
export const hasRocaFingerprint = (modulus: Uint8Array): boolean =>
  PRIMES.every((prime) => isPowerOf65537(modulo(modulus, prime), prime))
