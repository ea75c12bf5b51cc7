// Cryptography by node:crypto, for `Ports.crypto`: quicker than WebCrypto, and accepting what that accepts and nothing
// else; test/functions/node-crypto.test.ts compares. The Lambda verifies at once, on the thread that decides: an instance
// is given one event at a time, so nobody else waits for that thread, and the way to the thread pool and back, which
// WebCrypto always takes, is longer than verifying RS256 itself. A server, which has many requests under way, verifies
// in the pool.

import type { KeyObject, VerifyKeyObjectInput } from 'node:crypto'
import { webCrypto, type Cryptography } from '../../shared/index.ts'

/** An import would read all that the module exports, which takes a while. */
const { constants, createHmac, createPublicKey, createSecretKey, verify } =
  process.getBuiltinModule('node:crypto')

type Algorithm = Parameters<Cryptography['verify']>[0]
type Bytes = Uint8Array<ArrayBuffer>

interface Row {
  readonly hash: string | null
  /** Bytes of a signature: twice a coordinate (RFC 7518 section 3.4). */
  readonly ecdsaBytes?: number
  /** In bytes (RFC 7518 section 3.5). */
  readonly saltLength?: number
}

const rsa = (bits: number): Row => ({ hash: `sha${bits}` })
const pss = (bits: number): Row => ({ hash: `sha${bits}`, saltLength: bits / 8 })
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

/** A number as DER wants it (X.690 section 8.3): no byte too many, and none that would make it negative. */
function toInteger(bytes: Bytes): readonly number[] {
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from++
  const sign = bytes[from]! < 0x80 ? [] : [0]
  return [0x02, sign.length + bytes.length - from, ...sign, ...bytes.subarray(from)]
}

/**
 * The two numbers of an ECDSA signature as `ECDSA-Sig-Value` (RFC 3279 section 2.2.3), which is what is verified in the
 * end. node:crypto would turn them into that itself; done here, verifying takes a quarter less.
 */
function toDer(signature: Bytes): Uint8Array {
  const half = signature.length / 2
  const numbers = [...toInteger(signature.subarray(0, half)), ...toInteger(signature.subarray(half))]
  const length = numbers.length < 0x80 ? [numbers.length] : [0x81, numbers.length]
  return Uint8Array.of(0x30, ...length, ...numbers)
}

interface Task {
  readonly hash: string | null
  readonly key: KeyObject | VerifyKeyObjectInput
  readonly signature: Uint8Array
}

/**
 * What node:crypto is to be asked; `null`: no signature of the algorithm is like this one. A key by itself where it says
 * enough: one with options beside it takes half as long again as verifying RS256.
 */
function toTask({ hash, ecdsaBytes, saltLength }: Row, key: KeyObject, signature: Bytes): Task | null {
  if (ecdsaBytes !== undefined)
    return signature.length === ecdsaBytes ? { hash, key, signature: toDer(signature) } : null
  // Of an RSA key that is for nothing else, PKCS #1 v1.5 is the default.
  if (saltLength === undefined) return { hash, key, signature }
  return { hash, key: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature }
}

const hmacSha256: Cryptography['hmacSha256'] = (bytes) => {
  const key = createSecretKey(bytes)
  return (message) => createHmac('sha256', key).update(message).digest()
}

const importKey = (jwk: Parameters<Cryptography['importKey']>[0]): KeyObject =>
  createPublicKey({ key: jwk, format: 'jwk' })

/** For whoever decides one request at a time: everything is done at once. */
export const nodeCryptoAtOnce: Cryptography = {
  hmacSha256,
  importKey,
  verify(algorithm, key, given, signingInput) {
    const task = toTask(ROWS[algorithm], key as KeyObject, given)
    return task !== null && verify(task.hash, signingInput, task.key, task.signature)
  },
}

const isEcdsa = (algorithm: Algorithm): boolean => ROWS[algorithm].ecdsaBytes !== undefined

/** For a server: signatures are verified by the thread pool. WebCrypto is as quick there, but for ECDSA. */
export const nodeCryptoInPool: Cryptography = {
  hmacSha256,
  importKey: (jwk, algorithm) => (isEcdsa(algorithm) ? importKey(jwk) : webCrypto.importKey(jwk, algorithm)),
  verify(algorithm, key, given, signingInput) {
    if (!isEcdsa(algorithm)) return webCrypto.verify(algorithm, key, given, signingInput)
    const task = toTask(ROWS[algorithm], key as KeyObject, given)
    if (task === null) return false
    return new Promise((resolve, reject) => {
      verify(task.hash, signingInput, task.key, task.signature, (error, isGood) =>
        error === null ? resolve(isGood) : reject(error),
      )
    })
  },
}
