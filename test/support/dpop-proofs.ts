// DPoP clients: keys, and proofs (RFC 9449 section 4.2) with any member replaced or removed, or from raw text and
// bytes. Made with node:crypto, so that proofs can be made that no library makes.

import { constants, createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import type { Members } from './test-issuer.ts'

export type ProofAlgorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'

export interface ClientKey {
  readonly algorithm: ProofAlgorithm
  readonly privateKey: KeyObject
  /** The members that a thumbprint covers, and no other. */
  readonly jwk: Members
  /** With the private members. */
  readonly privateJwk: Members
  /** `cnf.jkt` of the tokens that are bound to it. RFC 7638. */
  readonly jkt: string
}

/** A proof, except the given members; `undefined` removes one. */
export interface ProofChange {
  readonly header?: Members
  readonly claims?: Members
  /** Change the JSON of the header or of the claims. */
  readonly respellHeader?: (header: string) => string
  readonly respell?: (claims: string) => string
  /** The text of the header or of the claims, in place of the JSON of the members. */
  readonly rawHeader?: string | Uint8Array
  readonly rawClaims?: string | Uint8Array
  /** Signs in place of the key. Default: that of the key. */
  readonly sign?: (input: Buffer) => Uint8Array
}

/** What a proof is for. */
export interface ProofTarget {
  /** Default: GET. */
  readonly method?: string
  readonly url: string
  /** The access token. */
  readonly token: string
}

const CURVES = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const

const encode = (part: string | Uint8Array): string => Buffer.from(part).toString('base64url')

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

const THUMBPRINT_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
  OKP: ['crv', 'kty', 'x'],
}

export const hasThumbprint = ({ kty }: Members): boolean => String(kty) in THUMBPRINT_MEMBERS

/** The RFC 7638 thumbprint of a public key. */
export const thumbprintOf = (jwk: Members): string =>
  sha256(
    JSON.stringify(
      Object.fromEntries(THUMBPRINT_MEMBERS[String(jwk['kty'])]!.map((name) => [name, jwk[name]])),
    ),
  )

function generate(algorithm: ProofAlgorithm, modulusLength: number) {
  if (algorithm in CURVES)
    return generateKeyPairSync('ec', { namedCurve: CURVES[algorithm as keyof typeof CURVES] })
  if (algorithm.startsWith('Ed')) return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength })
}

/** A new key. `modulusLength`: of RSA, in bits. */
export function createClientKey(algorithm: ProofAlgorithm = 'ES256', modulusLength = 2_048): ClientKey {
  const { privateKey, publicKey } = generate(algorithm, modulusLength)
  const jwk = publicKey.export({ format: 'jwk' }) as Members
  return {
    algorithm,
    privateKey,
    jwk,
    privateJwk: privateKey.export({ format: 'jwk' }) as Members,
    jkt: thumbprintOf(jwk),
  }
}

/** A signature as JWS has it: of ECDSA the two numbers, one after the other. */
export function signWith({ algorithm, privateKey }: ClientKey, input: Buffer): Buffer {
  const hash = algorithm.startsWith('Ed') ? null : `sha${algorithm.slice(2)}`
  return sign(hash, input, {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
    ...(algorithm.startsWith('PS') && {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
  })
}

const asItIs = (text: string): string => text

/** A proof of this key, made at the present time of the test, with a `jti` of its own. */
export function makeProof(
  key: ClientKey,
  { method = 'GET', url, token }: ProofTarget,
  change: ProofChange = {},
): string {
  const { respellHeader = asItIs, respell = asItIs } = change
  const header = { typ: 'dpop+jwt', alg: key.algorithm, jwk: key.jwk, ...change.header }
  const claims = {
    jti: randomUUID(),
    htm: method,
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    ath: sha256(token),
    ...change.claims,
  }
  const input = [
    encode(change.rawHeader ?? respellHeader(JSON.stringify(header))),
    encode(change.rawClaims ?? respell(JSON.stringify(claims))),
  ].join('.')
  const signing = change.sign ?? ((text: Buffer) => signWith(key, text))
  return `${input}.${encode(signing(Buffer.from(input)))}`
}
