// The configured key of fingerprints (`log.fingerprintKey`), with which all instances give a token the same name.

import { isFailure } from '../failures/failure.ts'
import type { WaitUntil } from '../platform/ports.ts'
import { createSecret } from '../secrets/secret.ts'
import type { CreateLoadedKey, Hmac } from './fingerprint.ts'

/** The configured key. Loaded in the background and kept: no decision waits for a log entry. */
export const createLoadedKey: CreateLoadedKey = (ref, ports) => {
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
