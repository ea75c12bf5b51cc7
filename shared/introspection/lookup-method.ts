// The slot for methods of looking a token up: introspection (RFC 7662), or a provider's own check. What the rules need
// to know about a method is in the configuration (`ResolvedMethod`).

import type { Failure } from '../failures/failure.ts'
import type { HttpAnswer, WaitUntil } from '../platform/ports.ts'
import type { Standing } from './circuit-state.ts'
import type { IntrospectionResult } from './introspection-result.ts'

/** Looks a token up. Does not cache, and does not limit how often it is called. */
export type Lookup = (token: string, waitUntil?: WaitUntil) => Promise<IntrospectionResult>

/** Called with the header fields of every answer. */
export type NoteHeaders = (headers: HttpAnswer['headers']) => void

export interface LookupMethod {
  readonly lookUp: Lookup
  /** The standing of a token that is not `known`. */
  standing(token: string): Standing
  /**
   * Returns `refused`, or for an inactive token the same code with a hint for the log. `nowSeconds`: since the epoch.
   */
  explainInactive(refused: Failure, token: string, nowSeconds: number): Failure
}
