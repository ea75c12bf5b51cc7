// Keys that an issuer should never publish, and the signatures that anyone can make for them. A key set that has them
// beside good keys must lose each of them.

import { base64url } from 'jose'
import { generateKeyPairSync } from 'node:crypto'
import type { Members } from './test-issuer.ts'

type Jwk = Readonly<Record<string, unknown>>

const bytesOf = (number: bigint): Uint8Array => {
  const hex = number.toString(16)
  return Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
}

/** The prefix of a SHA-256 DigestInfo. RFC 8017 section 9.2, note 1. */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')

const encode = (value: unknown): string => base64url.encode(JSON.stringify(value))

/** RSA with e = 1: the padded digest is its own signature. RFC 8017 section 9.2. */
export const EXPONENT_ONE: Jwk = {
  kty: 'RSA',
  kid: 'e1',
  n: base64url.encode(new Uint8Array(256).fill(0xc1)),
  e: 'AQ',
}

export async function forgeExponentOne(header: Members, claims: Members): Promise<string> {
  const input = `${encode({ ...header, alg: 'RS256', kid: EXPONENT_ONE['kid'] })}.${encode(claims)}`
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(input))
  const tail = Buffer.concat([Buffer.from([0]), SHA256_INFO, Buffer.from(digest)])
  const padding = Buffer.alloc(256 - 2 - tail.length, 0xff)
  return `${input}.${base64url.encode(Buffer.concat([Buffer.from([0, 1]), padding, tail]))}`
}

/** Ed25519, the point of order 1: R the identity and S zero verify for every message. RFC 8032 section 5.1.7. */
export const SMALL_ORDER: Jwk = {
  kty: 'OKP',
  crv: 'Ed25519',
  kid: 'small',
  x: base64url.encode(Uint8Array.from([1, ...new Uint8Array(31)])),
}

export function forgeSmallOrder(header: Members, claims: Members): string {
  const input = `${encode({ ...header, alg: 'EdDSA', kid: SMALL_ORDER['kid'] })}.${encode(claims)}`
  return `${input}.${base64url.encode(Uint8Array.from([1, ...new Uint8Array(63)]))}`
}

/** A modulus with the fingerprint of CVE-2017-15361: a power of 65537 modulo each of the first primes. */
export function rocaModulus(): bigint {
  const product = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
  ].reduce((all, prime) => all * BigInt(prime), 1n)
  const modulus = (2n ** 2047n / product + 2n) * product + (65_537n ** 7n % product)
  return modulus % 2n === 0n ? modulus + product : modulus
}

const rsa = (kid: string, n: bigint | string): Jwk => ({
  kty: 'RSA',
  kid,
  n: typeof n === 'string' ? n : base64url.encode(bytesOf(n)),
  e: 'AQAB',
})

/** All other unusable public keys, by the `kid` they are published under. */
export function unusableKeys(): unknown[] {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const { d: _, ...point } = own
  return [
    EXPONENT_ONE,
    SMALL_ORDER,
    rsa('roca', rocaModulus()),
    { ...short, kid: 'short' },
    { ...own, kid: 'private' },
    { ...point, y: point.x, kid: 'off curve' },
    { ...point, y: `AAAA${point.y}`, kid: 'long' },
    { ...SMALL_ORDER, x: 'AQ', kid: 'stub' },
    rsa('placeholder', ''),
    { kty: 'oct', kid: 'blank', k: '' },
    null,
    'text',
  ]
}
