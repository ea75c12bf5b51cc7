// Tokens that are bound to a key of their sender (`cnf`). RFC 7800 section 3.1, RFC 9449 section 7.1, RFC 8705 section 3.

import { failure, type Failure } from '../failures/failure.ts'
import type { JsonObject } from '../token/strict-json.ts'

/**
 * Refuses every bound token: a token that says it is bound to a key of its sender is worth nothing without the proof,
 * and no proof is checked here.
 */
export const refuseBound = (claims: JsonObject): Failure | null =>
  Object.hasOwn(claims, 'cnf') ? failure('sender_constraint_unproven') : null
