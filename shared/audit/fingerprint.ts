// By what name a token goes in the log: a keyed hash, so that requests with the same token can be told to belong
// together, and nobody who reads the log can tell the token or try one out. HMAC-SHA-256, the first 96 bits.
// A JWT is named by its signing input: some algorithms let anybody who has a token make another good signature for it
// (ECDSA: r, n - s for r, s), and the name must not change with that. Every other token is named by its whole text.
// With a configured key the names agree between instances; else the key is random and this instance's own.

import { encode } from 'jose/base64url'
import { isFailure } from '../failures/failure.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import type { SecretRef } from '../secrets/secret-ref.ts'
import { createSecret } from '../secrets/secret.ts'

const BYTES = 12

/** Names of tokens. Hashing takes longer than most decisions, so it is put off until somebody reads the name. */
export interface Fingerprint {
  /** Sees to it that the key is or will be at hand. Nobody waits for it. */
  prepare(waitUntil?: WaitUntil): void
  /** The name of a token, whatever its signature; `undefined` while the configured key is not at hand. */
  nameOf(token: string): string | undefined
  /** Changes whenever the names do. */
  key(): object | undefined
}

type Hmac = ReturnType<Ports['crypto']['hmacSha256']>

/** Loads behind the answer and keeps what it got; a log entry is not worth a late decision. */
function createLoadedKey(ref: SecretRef, ports: Ports) {
  const secret = createSecret('log.fingerprintKey', ref, 'fingerprint_key', ports)
  let current: { readonly text: string; readonly hmac: Hmac } | undefined

  async function load(waitUntil: WaitUntil | undefined): Promise<void> {
    const values = await secret.values(waitUntil)
    if (isFailure(values) || values[0] === current?.text) return
    const [text = ''] = values
    current = { text, hmac: ports.crypto.hmacSha256(new TextEncoder().encode(text)) }
  }

  return {
    prepare(waitUntil: WaitUntil | undefined): void {
      const work = load(waitUntil).catch(() => {})
      waitUntil?.(work)
    },
    key: () => current,
    hmac: () => current?.hmac,
  }
}

/** A key of this instance's own. Made when it is first needed: Workers give out no random numbers while they start. */
function createRandomKey({ crypto: { hmacSha256 } }: Ports) {
  const key = {}
  let hmac: Hmac | undefined
  return {
    prepare(): void {},
    key: () => key,
    hmac: () => (hmac ??= hmacSha256(crypto.getRandomValues(new Uint8Array(32)))),
  }
}

/** The signing input of a JWT (RFC 7515 section 2), signed or not; all of any other token. */
const namedPart = (token: string): string =>
  token.split('.', 4).length === 3 && isJwtShaped(token) ? token.slice(0, token.lastIndexOf('.')) : token

export function createFingerprint(ref: SecretRef | null, ports: Ports): Fingerprint {
  const { prepare, key, hmac } = ref === null ? createRandomKey(ports) : createLoadedKey(ref, ports)
  /** A log entry may lack the name; a decision may not fail for it. */
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
        return hash === undefined ? undefined : encode(hash.subarray(0, BYTES))
      }),
    key,
  }
}
