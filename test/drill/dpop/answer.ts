// An answer of one instance of the drill, in the same form for both edges.

export const CODE_FIELD = 'x-drill-code'
export const PROBLEM_FIELD = 'x-drill-problem'

/**
 * `refused`: because of the client. `unavailable`: 503 of a Worker; of a Lambda the error that API Gateway makes a 500
 * of. `none`: any other answer, and no answer.
 */
export type Verdict = 'allow' | 'refused' | 'unavailable' | 'none'

export interface Answer {
  readonly verdict: Verdict
  /** Of a Worker. */
  readonly status: number | null
  /** The code of the decision, as the log has it; `null`: there is no decision. */
  readonly code: string | null
  /** Why a proof is invalid. */
  readonly problem: string | null
  /** `WWW-Authenticate` and `DPoP-Nonce` of a Worker. */
  readonly challenge: string | null
  readonly nonce: string | null
  readonly tookMs: number
}

export const NO_ANSWER: Answer = {
  ...{ verdict: 'none', status: null, code: null, problem: null, challenge: null, nonce: null, tookMs: 0 },
}
