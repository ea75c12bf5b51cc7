// By what name a token goes in the log: a keyed hash, so that requests with the same token can be told to belong
// together, and nobody who reads the log can tell the token or try one out. HMAC-SHA-256, the first 96 bits.
// With a configured key the names agree between instances; else the key is random and this instance's own.

import { base64url } from 'jose'
import { isFailure } from './failure.ts'
import type { Ports, WaitUntil } from './ports.ts'
import type { SecretRef } from './secrets/secret-ref.ts'
import { createSecret } from './secrets/secret.ts'

const BYTES = 12

/** The name of a token; `undefined` while the configured key is not at hand, which nobody waits for. */
export type Fingerprint = (token: string, waitUntil?: WaitUntil) => Promise<string | undefined>

const importKey = (bytes: Uint8Array<ArrayBuffer>) =>
  crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

/** Loads behind the answer and keeps what it got; a log entry is not worth a late decision. */
function createLoadedKey(ref: SecretRef, ports: Ports) {
  const secret = createSecret('log.fingerprintKey', ref, 'fingerprint_key', ports)
  let held: { readonly text: string; readonly key: Awaited<ReturnType<typeof importKey>> } | undefined

  async function load(waitUntil: WaitUntil | undefined): Promise<void> {
    const values = await secret.values(waitUntil)
    if (isFailure(values) || values[0] === held?.text) return
    const [text = ''] = values
    held = { text, key: await importKey(new TextEncoder().encode(text)) }
  }

  return async (waitUntil: WaitUntil | undefined) => {
    const work = load(waitUntil).catch(() => {})
    waitUntil?.(work)
    return held?.key
  }
}

/** A key of this instance's own. Made when it is first needed: Workers give out no random numbers while they start. */
function createOwnKey() {
  let key: ReturnType<typeof importKey> | undefined
  return () => (key ??= importKey(crypto.getRandomValues(new Uint8Array(32))))
}

export function createFingerprint(ref: SecretRef | null, ports: Ports): Fingerprint {
  const keyFor = ref === null ? createOwnKey() : createLoadedKey(ref, ports)
  return async (token, waitUntil) => {
    try {
      const key = await keyFor(waitUntil)
      if (key === undefined) return undefined
      const hash = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(token))
      return base64url.encode(new Uint8Array(hash).subarray(0, BYTES))
    } catch {
      return undefined // A log entry may lack it; a decision may not fail for it.
    }
  }
}
