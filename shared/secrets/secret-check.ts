// Whether a caller has a secret of the configuration. Both strings are hashed with a random key before they are
// compared, so that the time of the comparison says nothing about the secret. RFC 2104 (HMAC).

import { isFailure } from '../failures/failure.ts'
import type { GivenPorts, WaitUntil } from '../platform/ports.ts'
import type { SecretRef, SecretUse } from './secret-ref.ts'
import { createSecret } from './secret.ts'

/**
 * Whether a string is the secret. Never rejects. `false` as well while the secret cannot be loaded, which is reported as
 * an event. A value that was replaced counts for `SECRET_TIMES.usableMs` after it was last loaded.
 */
export type SecretCheck = (given: string, waitUntil?: WaitUntil) => Promise<boolean>

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

const toBytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** Creates `SecretCheck`. `name`: path of the secret in the configuration, for events. Loads nothing yet. */
export function createSecretCheck(
  name: string,
  ref: SecretRef,
  use: SecretUse,
  ports: GivenPorts,
): SecretCheck {
  const secret = createSecret(name, ref, use, ports)
  // Made on first use: Workers give out no random numbers while they start.
  let random: Uint8Array<ArrayBuffer> | null = null

  return async (given, waitUntil) => {
    try {
      const values = await secret.trusted(waitUntil)
      if (isFailure(values)) return false
      random ??= crypto.getRandomValues(new Uint8Array(32))
      const key = await crypto.subtle.importKey('raw', random, HMAC, false, ['sign', 'verify'])
      const mac = await crypto.subtle.sign('HMAC', key, toBytes(given))
      const found = await Promise.all(
        values.map((value) => crypto.subtle.verify('HMAC', key, mac, toBytes(value))),
      )
      return found.includes(true)
    } catch {
      return false
    }
  }
}
