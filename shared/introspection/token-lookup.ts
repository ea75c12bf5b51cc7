// One issuer, asked about its tokens, as introspection-reader.ts sees it.

import type { Failure } from '../failures/failure.ts'
import type { Claims } from '../grant/userinfo-lookup.ts'
import type { WaitUntil } from '../platform/ports.ts'

export interface TokenLookup {
  /** What the issuer says about an active token, or the refusal that stands for anything else. */
  find(token: string, waitUntil?: WaitUntil): Promise<Claims | Failure>
  /** Seconds until it is worth asking again, after this failure. */
  retryAfterSeconds(failed: Failure): number
}
