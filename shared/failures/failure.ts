// A failure: why a check refuses a request. It has a code, which names a row of rows.ts, and safe details: never a
// piece of a token, a claim value, or a URL that is not configured.

import { FAILURES, type FailureCode, type FailureRow } from './rows.ts'

export {
  FAILURES,
  type ChallengeError,
  type Blame,
  type FailureCode,
  type FailureRow,
  type GatewayForm,
} from './rows.ts'

/**
 * Details of a refusal for the log: names from the standards or the configuration, configured URLs without their query,
 * and numbers. Never a piece of a token or a claim value.
 */
export type FailureDetail = Readonly<Record<string, string | number>>

/** Why a check refuses a request. An edge gets a `Deny`, which has more. */
export interface Failure {
  readonly code: FailureCode
  readonly detail?: FailureDetail
  /** Overrides `blame` of the code's row if no client can avoid the refusal. The response is the same. */
  readonly blame?: 'operator'
}

export const failure = (code: FailureCode, detail?: FailureDetail): Failure =>
  detail === undefined ? { code } : { code, detail }

/** Tells a failure from the result of a step: no result has a `code`. */
export const isFailure = (value: object): value is Failure => (value as Failure).code !== undefined

/**
 * The row of `FAILURES` for a code, as a `FailureRow`: there every member can be read, whatever the code. A code
 * without a row, which no artefact can produce, is answered as `internal_error`.
 */
export const failureRow = (code: FailureCode): FailureRow =>
  (FAILURES as Partial<typeof FAILURES>)[code] ?? FAILURES.internal_error
