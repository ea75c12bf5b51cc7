// `Ports.crypto` by node:crypto. Quicker than WebCrypto, and accepts exactly the same;
// test/functions/node/crypto.test.ts compares the two. The Lambda verifies synchronously, and a server
// in the thread pool: docs/adr/0001 and 0002.

import type { KeyObject } from 'node:crypto'
import { webCrypto, type Cryptography } from '../../shared/index.ts'
import { toEcdsaSignature, toPssKeyInfo, type PssParameters } from './der.ts'

/** No import: that would read every export of the module, which takes a while. */
const { createHmac, createPublicKey, createSecretKey, verify } = process.getBuiltinModule('node:crypto')

type Algorithm = Parameters<Cryptography['verify']>[0]
type Bytes = Uint8Array<ArrayBuffer>

interface Row {
  readonly hash: string | null
  /** Length of a signature in bytes: twice that of a coordinate (RFC 7518 section 3.4). */
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
 * Imports a key with the parameters of its signatures in it; for a plain RSA key PKCS #1 v1.5 is the default. Passing
 * the parameters with each signature instead takes half as long again as verifying one.
 */
function importKey(jwk: Parameters<Cryptography['importKey']>[0], algorithm: Algorithm): KeyObject {
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const { pss } = ROWS[algorithm]
  if (pss === undefined) return key
  const info = toPssKeyInfo(key.export({ format: 'der', type: 'pkcs1' }), pss)
  return createPublicKey({ key: Buffer.from(info), format: 'der', type: 'spki' })
}

/**
 * The signature in the form that `verify` takes; `null` where its length is wrong for the algorithm. node:crypto could
 * turn the two numbers of an ECDSA signature into DER itself; done here, verifying takes a quarter less time.
 */
function toSignature({ ecdsaBytes }: Row, signature: Bytes): Uint8Array | null {
  if (ecdsaBytes === undefined) return signature
  return signature.length === ecdsaBytes ? toEcdsaSignature(signature) : null
}

const hmacSha256: Cryptography['hmacSha256'] = (bytes) => {
  const key = createSecretKey(bytes)
  return (message) => createHmac('sha256', key).update(message).digest()
}

/**
 * The `crypto` of a process that decides one request at a time, such as a Lambda: `node:crypto`, synchronous, on the
 * thread of the caller. It accepts exactly the signatures that `webCrypto` accepts. In a server it blocks all requests
 * while it verifies: use `nodeCryptoAsync` there.
 */
export const nodeCryptoSync: Cryptography = {
  hmacSha256,
  importKey,
  verify(algorithm, key, jwsSignature, signingInput) {
    const row = ROWS[algorithm]
    const signature = toSignature(row, jwsSignature)
    return signature !== null && verify(row.hash, signingInput, key as KeyObject, signature)
  },
}

const isEcdsa = (algorithm: Algorithm): boolean => ROWS[algorithm].ecdsaBytes !== undefined

/**
 * The `crypto` of a server with many concurrent requests: the thread pool verifies signatures. ECDSA uses
 * `node:crypto`, which is quicker there; every other algorithm uses WebCrypto, which is as quick. It accepts exactly
 * the signatures that `webCrypto` accepts.
 *
 * @example
 * ```ts
 * import { createAuthorizer } from 'lanekeeper'
 * import { nodeCryptoAsync } from 'lanekeeper/node'
 * import config from './lanekeeper.config.ts'
 *
 * const ports = { fetch, now: Date.now, report: console.log, crypto: nodeCryptoAsync }
 * const authorizer = createAuthorizer(config, ports)
 * ```
 */
export const nodeCryptoAsync: Cryptography = {
  hmacSha256,
  importKey: (jwk, algorithm) =>
    isEcdsa(algorithm) ? importKey(jwk, algorithm) : webCrypto.importKey(jwk, algorithm),
  verify(algorithm, key, jwsSignature, signingInput) {
    if (!isEcdsa(algorithm)) return webCrypto.verify(algorithm, key, jwsSignature, signingInput)
    const row = ROWS[algorithm]
    const signature = toSignature(row, jwsSignature)
    if (signature === null) return false
    return new Promise((resolve, reject) => {
      verify(row.hash, signingInput, key as KeyObject, signature, (error, isGood) =>
        error === null ? resolve(isGood) : reject(error),
      )
    })
  },
}

/** The same cryptography under its old name. It warns when it imports its first key. */
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
