// What an issuer is asked, as the stages of the pipeline see it: about a token (token/token-reader.ts), and about its user
// (grant/grant-stage.ts).

import type { Failure } from '../failures/failure.ts'
import type { WaitUntil } from '../platform/ports.ts'
import type { JsonObject } from '../token/strict-json.ts'
import type { Soon } from '../token/token-reader.ts'
import type { Claims } from './introspection-result.ts'

export interface Question {
  /** Seconds until it is worth asking again, after this failure. */
  retryAfterSeconds(failed: Failure): number
}

/** One issuer, asked about its tokens. */
export interface TokenQuestion extends Question {
  /** What the issuer says about an active token, or the refusal that stands for anything else. */
  find(token: string, waitUntil?: WaitUntil): Promise<Claims | Failure>
}

/** One issuer, asked about its users. */
export interface UserQuestion extends Question {
  /** The claims, at once; completed by `/userinfo` where they lack the identifier that is configured. */
  identify(claims: JsonObject, token: string, waitUntil?: WaitUntil): Soon<Claims | Failure>
}
