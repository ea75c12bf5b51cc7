// Looks up the tokens of one issuer, for introspection-reader.ts.

import type { Failure } from '../failures/failure.ts'
import type { Claims } from '../grant/userinfo-lookup.ts'
import type { WaitUntil } from '../platform/ports.ts'

export interface TokenLookup {
  /** The claims of an active token, or the failure for any other result. */
  find(token: string, waitUntil?: WaitUntil): Promise<Claims | Failure>
  /** Seconds until another lookup is worth trying after `failed`. */
  retryAfterSeconds(failed: Failure): number
}
