// The slot for what may complete the claims of a token that has passed every check: who its user is, never what they may do.

import type { Failure } from '../failures/failure.ts'
import type { WaitUntil } from '../platform/ports.ts'
import type { JsonObject } from '../token/strict-json.ts'
import type { Soon } from '../token/token-reader.ts'

/** Claims in a wrapper: an issuer may call a member of its own anything, `code` included. */
export interface Claims {
  readonly claims: JsonObject
}

/** One issuer, asked about its users. */
export interface UserinfoLookup {
  /** The claims, at once; completed where they lack the identifier that is configured. */
  identify(claims: JsonObject, token: string, waitUntil?: WaitUntil): Soon<Claims | Failure>
  /** Seconds until it is worth asking again, after this failure. */
  retryAfterSeconds(failed: Failure): number
}
