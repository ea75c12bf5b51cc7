// The fingerprint of a token for the log: a keyed hash (HMAC-SHA-256, the first 96 bits). It shows which requests had
// the same token; a reader of the log cannot recover a token from it or test a guess. Of a JWT only the signing input
// is hashed: with some algorithms anybody who has a token can make another valid signature for it (ECDSA: r, n - s for
// r, s), and the fingerprint must not change with that. Any other token is hashed whole.
// With a configured key the fingerprints agree between instances; without one each instance has its own random key.

import { encodeBase64url } from '../token/base64url.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import type { SecretRef } from '../secrets/secret-ref.ts'

const BYTES = 12

/** Computes fingerprints. Hashing takes longer than most decisions, so an event does it when its `token` is read. */
export interface Fingerprint {
  /** Starts to load the key where that is needed. Returns at once. */
  prepare(waitUntil?: WaitUntil): void
  /** The fingerprint of a token, whatever its signature; `undefined` while the configured key is not loaded. */
  nameOf(token: string): string | undefined
  /** Identifies the current key: another object whenever the fingerprints change. */
  key(): object | undefined
}

export type Hmac = ReturnType<Ports['crypto']['hmacSha256']>

/** The key of the hash. */
interface FingerprintKey {
  prepare(waitUntil: WaitUntil | undefined): void
  key(): object | undefined
  hmac(): Hmac | undefined
}

export type CreateLoadedKey = (ref: SecretRef, ports: Ports) => FingerprintKey

/** A random key of this instance. Created on first use, because Workers give out no random numbers while they start. */
function createRandomKey({ crypto: { hmacSha256 } }: Ports): FingerprintKey {
  const key = {}
  let hmac: Hmac | undefined
  return {
    prepare(): void {},
    key: () => key,
    hmac: () => (hmac ??= hmacSha256(crypto.getRandomValues(new Uint8Array(32)))),
  }
}

/** The signing input of a JWT (RFC 7515 section 2), signed or not; any other token whole. */
const namedPart = (token: string): string =>
  token.split('.', 4).length === 3 && isJwtShaped(token) ? token.slice(0, token.lastIndexOf('.')) : token

/** `createConfigured`: needed where the configuration has a key (`ref`). */
export function createFingerprint(
  ref: SecretRef | null,
  ports: Ports,
  createConfigured: CreateLoadedKey | undefined,
): Fingerprint {
  const { prepare, key, hmac } = ref === null ? createRandomKey(ports) : createConfigured!(ref, ports)
  /** An event may lack the fingerprint; a decision must not fail because of it. */
  function orNothing<Result>(work: () => Result): Result | undefined {
    try {
      return work()
    } catch {
      return undefined
    }
  }

  return {
    prepare: (waitUntil) => orNothing(() => prepare(waitUntil)),
    nameOf: (token) =>
      orNothing(() => {
        const hash = hmac()?.(new TextEncoder().encode(namedPart(token)))
        return hash === undefined ? undefined : encodeBase64url(hash.subarray(0, BYTES))
      }),
    key,
  }
}
