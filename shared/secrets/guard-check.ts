// Whether a string is a secret that another server sends with every request. After a rotation that server may be ahead
// of this instance or behind it, so the value before it counts for a stated time, and an unknown one has the secret
// loaded again.

import { isFailure, type Failure } from '../failures/failure.ts'
import type { WaitUntil } from '../platform/ports.ts'
import { createComparison } from './secret-check.ts'
import type { SecretRef, SecretUse } from './secret-ref.ts'
import { createSecret } from './secret.ts'

/** A failure while the secret cannot be loaded. A value that was replaced counts for `SECRET_TIMES.usableMs`. */
export type GuardCheck = (given: string, waitUntil?: WaitUntil) => Promise<boolean | Failure>

/** Creates `GuardCheck`. `name`: path of the secret in the configuration, for events. Loads nothing yet. */
export function createGuardCheck(
  name: string,
  ref: SecretRef,
  use: SecretUse,
  ports: Parameters<typeof createSecret>[3],
): GuardCheck {
  const secret = createSecret(name, ref, use, ports)
  const isOneOf = createComparison()

  return async (given, waitUntil) => {
    const values = await secret.trusted(waitUntil)
    if (isFailure(values)) return values
    if (await isOneOf(given, values)) return true
    const renewed = await secret.renewed(waitUntil)
    return isFailure(renewed) ? renewed : isOneOf(given, renewed)
  }
}
