// Cryptography by node:crypto, for `Ports.crypto`: quicker than WebCrypto, and accepting what that accepts and nothing
// else; test/functions/node/crypto.test.ts compares. The Lambda verifies at once, on the thread that decides: an instance
// is given one event at a time, so nobody else waits for that thread, and the way to the thread pool and back, which
// WebCrypto always takes, is longer than verifying RS256 itself. A server, which has many requests under way, verifies
// in the pool.

import type { KeyObject } from 'node:crypto'
import { webCrypto, type Cryptography } from '../../shared/index.ts'
import { toEcdsaSignature, toPssKeyInfo, type PssParameters } from './der.ts'

/** An import would read all that the module exports, which takes a while. */
const { createHmac, createPublicKey, createSecretKey, verify } = process.getBuiltinModule('node:crypto')

type Algorithm = Parameters<Cryptography['verify']>[0]
type Bytes = Uint8Array<ArrayBuffer>

interface Row {
  readonly hash: string | null
  /** Bytes of a signature: twice a coordinate (RFC 7518 section 3.4). */
  readonly ecdsaBytes?: number
  /** RFC 7518 section 3.5. */
  readonly pss?: PssParameters
}

const rsa = (bits: number): Row => ({ hash: `sha${bits}` })
const pss = (bits: 256 | 384 | 512): Row => ({
  hash: `sha${bits}`,
  pss: { hash: `sha${bits}`, saltLength: bits / 8 },
})
const ecdsa = (bits: number, ecdsaBytes: number): Row => ({ hash: `sha${bits}`, ecdsaBytes })
const ed25519: Row = { hash: null }

const ROWS: Readonly<Record<Algorithm, Row>> = {
  RS256: rsa(256),
  RS384: rsa(384),
  RS512: rsa(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  ES256: ecdsa(256, 64),
  ES384: ecdsa(384, 96),
  ES512: ecdsa(512, 132),
  EdDSA: ed25519,
  Ed25519: ed25519,
}

/**
 * A key that says by itself all there is to say about its signatures: of an RSA key that is for nothing else, PKCS #1 v1.5
 * is the default. To say it with each signature takes half as long again as verifying one.
 */
function importKey(jwk: Parameters<Cryptography['importKey']>[0], algorithm: Algorithm): KeyObject {
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const { pss } = ROWS[algorithm]
  if (pss === undefined) return key
  const info = toPssKeyInfo(key.export({ format: 'der', type: 'pkcs1' }), pss)
  return createPublicKey({ key: Buffer.from(info), format: 'der', type: 'spki' })
}

/**
 * The signature as it is verified; `null`: none of the algorithm is like this one. node:crypto would turn the two numbers of
 * an ECDSA signature into DER itself; done here, verifying takes a quarter less.
 */
function toSignature({ ecdsaBytes }: Row, signature: Bytes): Uint8Array | null {
  if (ecdsaBytes === undefined) return signature
  return signature.length === ecdsaBytes ? toEcdsaSignature(signature) : null
}

const hmacSha256: Cryptography['hmacSha256'] = (bytes) => {
  const key = createSecretKey(bytes)
  return (message) => createHmac('sha256', key).update(message).digest()
}

/** For whoever decides one request at a time: everything is done at once. */
export const nodeCryptoSync: Cryptography = {
  hmacSha256,
  importKey,
  verify(algorithm, key, given, signingInput) {
    const row = ROWS[algorithm]
    const signature = toSignature(row, given)
    return signature !== null && verify(row.hash, signingInput, key as KeyObject, signature)
  },
}

const isEcdsa = (algorithm: Algorithm): boolean => ROWS[algorithm].ecdsaBytes !== undefined

/** For a server: signatures are verified by the thread pool. WebCrypto is as quick there, but for ECDSA. */
export const nodeCryptoAsync: Cryptography = {
  hmacSha256,
  importKey: (jwk, algorithm) =>
    isEcdsa(algorithm) ? importKey(jwk, algorithm) : webCrypto.importKey(jwk, algorithm),
  verify(algorithm, key, given, signingInput) {
    if (!isEcdsa(algorithm)) return webCrypto.verify(algorithm, key, given, signingInput)
    const row = ROWS[algorithm]
    const signature = toSignature(row, given)
    if (signature === null) return false
    return new Promise((resolve, reject) => {
      verify(row.hash, signingInput, key as KeyObject, signature, (error, isGood) =>
        error === null ? resolve(isGood) : reject(error),
      )
    })
  },
}

/** The same by its old name, which warns of itself once. */
function renamed(oldName: string, name: string, crypto: Cryptography): Cryptography {
  let isWarned = false
  return {
    ...crypto,
    importKey(jwk, algorithm) {
      if (!isWarned)
        process.emitWarning(
          `${oldName} is called ${name} now; the old name goes away in 0.3.0`,
          'DeprecationWarning',
        )
      isWarned = true
      return crypto.importKey(jwk, algorithm)
    },
  }
}

/**
 * The old name of `nodeCryptoSync`.
 *
 * @deprecated It goes away in 0.3.0.
 */
export const nodeCryptoAtOnce: Cryptography = /* @__PURE__ */ renamed(
  'nodeCryptoAtOnce',
  'nodeCryptoSync',
  nodeCryptoSync,
)

/**
 * The old name of `nodeCryptoAsync`.
 *
 * @deprecated It goes away in 0.3.0.
 */
export const nodeCryptoInPool: Cryptography = /* @__PURE__ */ renamed(
  'nodeCryptoInPool',
  'nodeCryptoAsync',
  nodeCryptoAsync,
)
