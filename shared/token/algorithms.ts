// Two tables that share no row and no type: signatures, which a public key verifies, and MACs, which a shared secret
// verifies. An issuer has algorithms of one table alone, so that no public key can be used as a secret. Only algorithms
// with a row can be used; "none" has none.
// RFC 7518 sections 3.1 and 3.2; RFC 8037 section 3.1; RFC 9864 section 2.2; RFC 8725 section 3.1.

export interface AlgorithmRow {
  readonly kty: 'RSA' | 'EC' | 'OKP'
  readonly crv?: string
  /** Values of a JWK's own `alg` that mean this algorithm. */
  readonly keyAlg: readonly string[]
  /** The algorithm for `crypto.subtle.verify`. */
  readonly verify: { readonly name: string; readonly hash?: string; readonly saltLength?: number }
}

const rsa = (bits: 256 | 384 | 512): AlgorithmRow => ({
  kty: 'RSA',
  keyAlg: [`RS${bits}`],
  verify: { name: 'RSASSA-PKCS1-v1_5' },
})

const pss = (bits: 256 | 384 | 512): AlgorithmRow => ({
  kty: 'RSA',
  keyAlg: [`PS${bits}`],
  verify: { name: 'RSA-PSS', saltLength: bits / 8 },
})

const ecdsa = (bits: 256 | 384 | 512, crv: string): AlgorithmRow => ({
  kty: 'EC',
  crv,
  keyAlg: [`ES${bits}`],
  verify: { name: 'ECDSA', hash: `SHA-${bits}` },
})

const ed25519: AlgorithmRow = {
  kty: 'OKP',
  crv: 'Ed25519',
  keyAlg: ['EdDSA', 'Ed25519'],
  verify: { name: 'Ed25519' },
}

export const ALGORITHMS = {
  RS256: rsa(256),
  RS384: rsa(384),
  RS512: rsa(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  ES256: ecdsa(256, 'P-256'),
  ES384: ecdsa(384, 'P-384'),
  ES512: ecdsa(512, 'P-521'),
  EdDSA: ed25519,
  Ed25519: ed25519,
} as const satisfies Record<string, AlgorithmRow>

export type SignatureAlgorithm = keyof typeof ALGORITHMS

export const isSignatureAlgorithm = (name: unknown): name is SignatureAlgorithm =>
  typeof name === 'string' && Object.hasOwn(ALGORITHMS, name)

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
