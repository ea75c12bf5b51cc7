// Two tables that share no row and no type: signatures, which a public key verifies, and MACs, which a shared secret
// verifies. An issuer has algorithms of one table alone, so that no public key can be used as a secret. Only algorithms
// with a row can be used; "none" has none.
// RFC 7518 sections 3.1 and 3.2; RFC 8037 section 3.1; RFC 9864 section 2.2; RFC 8725 section 3.1.

/** The names of every signature algorithm. shared/keys/key-types has the rows, one file for each type of key. */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

export const isSignatureAlgorithm = (name: unknown): name is SignatureAlgorithm =>
  (SIGNATURE_ALGORITHMS as readonly unknown[]).includes(name)

export interface MacRow {
  readonly hash: string
  /** A secret is at least as long as the hash (RFC 7518 section 3.2), and never shorter than 256 bits. */
  readonly secretBytes: number
}

const hmac = (bits: 256 | 384 | 512): MacRow => ({ hash: `SHA-${bits}`, secretBytes: bits / 8 })

export const MAC_ALGORITHMS = {
  HS256: hmac(256),
  HS384: hmac(384),
  HS512: hmac(512),
} as const satisfies Record<string, MacRow>

export type MacAlgorithm = keyof typeof MAC_ALGORITHMS

export const isMacAlgorithm = (name: unknown): name is MacAlgorithm =>
  typeof name === 'string' && Object.hasOwn(MAC_ALGORITHMS, name)
