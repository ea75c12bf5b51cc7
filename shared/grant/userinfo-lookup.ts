// The slot for a lookup that completes the claims of a token that has passed every check: it adds who the user is,
// never permissions.

import type { Failure } from '../failures/failure.ts'
import type { WaitUntil } from '../platform/ports.ts'
import type { JsonObject } from '../token/strict-json.ts'
import type { Soon } from '../token/token-reader.ts'

/**
 * Claims in a wrapper. A failure is recognised by its member `code`, and a claim may have any name, `code` included.
 */
export interface Claims {
  readonly claims: JsonObject
}

/** Looks up the users of one issuer. */
export interface UserinfoLookup {
  /** The claims. If they lack the configured identifier, it is looked up; if not, the result is no promise. */
  identify(claims: JsonObject, token: string, waitUntil?: WaitUntil): Soon<Claims | Failure>
  /** Seconds until another lookup is worth trying after `failed`. */
  retryAfterSeconds(failed: Failure): number
}
