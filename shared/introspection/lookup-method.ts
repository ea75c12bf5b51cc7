// The slot for ways to ask about a token: introspection (RFC 7662), or what a provider has instead. What the rules have
// to know of a way stands in the configuration (`ResolvedMethod`).

import type { Failure } from '../failures/failure.ts'
import type { HttpAnswer, WaitUntil } from '../platform/ports.ts'
import type { Standing } from './circuit-state.ts'
import type { IntrospectionResult } from './introspection-result.ts'

/** Asks once. Does not cache, and does not limit how often it is called. */
export type Lookup = (token: string, waitUntil?: WaitUntil) => Promise<IntrospectionResult>

/** Is called with the header fields of every answer. */
export type NoteHeaders = (headers: HttpAnswer['headers']) => void

export interface LookupMethod {
  readonly lookUp: Lookup
  /** Of a token that has not been active here. */
  standing(token: string): Standing
  /** The refusal of a token that is called inactive, or the same with a hint for the log. `nowSeconds`: since the epoch. */
  explainInactive(refused: Failure, token: string, nowSeconds: number): Failure
}
