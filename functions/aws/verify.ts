// How the Lambda verifies signatures: node:crypto, on the thread that decides. An instance is given one event at a time,
// so nobody else waits for that thread, and the way to the thread pool and back, which WebCrypto always takes, is longer
// than verifying RS256 itself. Accepts what WebCrypto accepts and nothing else; test/functions/verify.test.ts compares.

import type { KeyObject } from 'node:crypto'
import type { Ports } from '../../shared/index.ts'

/** An import would read all that the module exports, which takes a while. */
const { constants, KeyObject: Keys, verify: verifyNow } = process.getBuiltinModule('node:crypto')

type Verify = NonNullable<Ports['verify']>
type Key = Parameters<Verify>[1]

/** The same key, as node:crypto wants it. Gone with the key. */
const keyObjects = new WeakMap<Key, KeyObject>()

function keyObjectOf(key: Key): KeyObject {
  const known = keyObjects.get(key)
  if (known !== undefined) return known
  const made = Keys.from(key)
  keyObjects.set(key, made)
  return made
}

/** Bytes of a signature: twice a coordinate (RFC 7518 section 3.4). */
const ECDSA_BYTES: Readonly<Record<string, number>> = { ES256: 64, ES384: 96, ES512: 132 }

/** A boolean, at once. What WebCrypto would throw for, this refuses or throws for. */
export const verify: Verify = (algorithm, cryptoKey, signature, signingInput) => {
  const key = keyObjectOf(cryptoKey)
  const kind = algorithm.slice(0, 2)
  if (kind === 'Ed') return verifyNow(null, signingInput, key, signature)
  const bits = Number(algorithm.slice(2))
  const hash = `sha${bits}`
  if (kind === 'ES')
    return (
      signature.length === ECDSA_BYTES[algorithm] &&
      verifyNow(hash, signingInput, { key, dsaEncoding: 'ieee-p1363' }, signature)
    )
  return kind === 'PS'
    ? verifyNow(
        hash,
        signingInput,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 },
        signature,
      )
    : verifyNow(hash, signingInput, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
}
