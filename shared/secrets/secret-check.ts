// Whether a caller has a secret of the configuration. Both strings are hashed with a random key before they are
// compared, so that the time of the comparison says nothing about the secret. RFC 2104 (HMAC).

import { isFailure, type Failure } from '../failures/failure.ts'
import type { GivenPorts, WaitUntil } from '../platform/ports.ts'
import type { SecretRef, SecretUse } from './secret-ref.ts'
import { createSecret } from './secret.ts'

/**
 * Whether a string is the secret. Never rejects. `false` as well while the secret cannot be loaded, which is reported
 * as an event. A value that was replaced counts for `SECRET_TIMES.usableMs` after it was last loaded.
 */
export type SecretCheck = (given: string, waitUntil?: WaitUntil) => Promise<boolean>

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

const toBytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** As `SecretCheck`, and a failure while the secret cannot be loaded. A value that was replaced does not count. */
export type CredentialCheck = (given: string, waitUntil?: WaitUntil) => Promise<boolean | Failure>

type SecretPorts = Parameters<typeof createSecret>[3]

/** Whether a string is one of some values; takes the same time whichever they are. */
export function createComparison(): (given: string, values: readonly string[]) => Promise<boolean> {
  // Made on first use: Workers give out no random numbers while they start.
  let random: Uint8Array<ArrayBuffer> | null = null

  return async (given, values) => {
    random ??= crypto.getRandomValues(new Uint8Array(32))
    const key = await crypto.subtle.importKey('raw', random, HMAC, false, ['sign', 'verify'])
    const mac = await crypto.subtle.sign('HMAC', key, toBytes(given))
    const found = await Promise.all(
      values.map((value) => crypto.subtle.verify('HMAC', key, mac, toBytes(value))),
    )
    return found.includes(true)
  }
}

/** Creates `SecretCheck`. `name`: path of the secret in the configuration, for events. Loads nothing yet. */
export function createSecretCheck(
  name: string,
  ref: SecretRef,
  use: SecretUse,
  ports: GivenPorts,
): SecretCheck {
  const secret = createSecret(name, ref, use, ports)
  const isOneOf = createComparison()

  return async (given, waitUntil) => {
    try {
      const values = await secret.trusted(waitUntil)
      return !isFailure(values) && (await isOneOf(given, values))
    } catch {
      return false
    }
  }
}

/** Creates `CredentialCheck`. `name`: path of the secret in the configuration, for events. Loads nothing yet. */
export function createCredentialCheck(
  name: string,
  ref: SecretRef,
  use: SecretUse,
  ports: SecretPorts,
): CredentialCheck {
  const secret = createSecret(name, ref, use, ports)
  const isOneOf = createComparison()

  return async (given, waitUntil) => {
    const values = await secret.values(waitUntil)
    return isFailure(values) ? values : isOneOf(given, values.slice(0, 1))
  }
}
