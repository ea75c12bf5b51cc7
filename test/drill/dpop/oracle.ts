// The right answers, stated again from RFC 9449 and docs/dpop.md without the code under test: what each kind of request
// gets, and whether an answer is that. Pure functions.

import type { Answer } from './answer.ts'

/** What a request has to get. `null`: it passes. */
export type Expected = Refusal | null

export interface Refusal {
  readonly code: string
  readonly problem?: string
  /** Of a Worker, with the `error` of its challenge. */
  readonly status: number
  readonly error: string
}

const tokenBad = (code: string): Refusal => ({ code, status: 401, error: 'invalid_token' })
const proofBad = (problem: string): Refusal => ({
  ...{ code: 'dpop_proof_invalid', problem, status: 401, error: 'invalid_dpop_proof' },
})

export const REPLAYED: Refusal = { code: 'dpop_proof_replayed', status: 401, error: 'invalid_dpop_proof' }
export const STALE: Refusal = proofBad('iat')

/** Each kind of request of the mix, and what it gets on either route. */
export const EXPECTED = {
  'a good proof': null,
  'an unbound token as Bearer': null,
  'a proof again': REPLAYED,
  'a proof again, with its other signature': REPLAYED,
  'no proof': { code: 'dpop_proof_missing', status: 401, error: 'invalid_dpop_proof' },
  'two proofs': proofBad('repeated'),
  'of another method': proofBad('htm'),
  'of another path': proofBad('htu'),
  'of another host': proofBad('htu'),
  'of another token': proofBad('ath'),
  'by another key': tokenBad('dpop_key_mismatch'),
  'with a bad signature': proofBad('signature'),
  'of another type': proofBad('typ'),
  'without jti': proofBad('jti'),
  'six minutes old': STALE,
  'two minutes ahead': STALE,
  'a bound token as Bearer': tokenBad('sender_constraint_unproven'),
  'a bound token as Bearer, without proof': tokenBad('sender_constraint_unproven'),
  'an unbound token as DPoP': tokenBad('dpop_scheme_unbound'),
  'an unbound token as Bearer, with a proof': {
    ...{ code: 'dpop_proof_unexpected', status: 400, error: 'invalid_request' },
  },
  'an unbound token where only bound ones pass': tokenBad('sender_constraint_missing'),
  'an expired token': tokenBad('token_expired'),
  'a token of another API': tokenBad('audience_mismatch'),
  'a token without the scope': { code: 'insufficient_scope', status: 403, error: 'insufficient_scope' },
} as const satisfies Record<string, Expected>

export type Kind = keyof typeof EXPECTED

export type Finding =
  | 'right'
  /** Passed, and has to be refused. */
  | 'wrong verdict'
  /** Refused, and has to pass. */
  | 'false denial'
  /** Refused, and for another reason than it has to be. */
  | 'another reason'
  /** 503 from a store that answers. */
  | 'unavailable'
  | 'no answer'

const hasError = (challenge: string | null, error: string): boolean =>
  challenge !== null && challenge.includes(`error="${error}"`)

function isThat({ code, problem, status, error }: Refusal, answer: Answer): boolean {
  if (answer.code !== code || (problem !== undefined && answer.problem !== problem)) return false
  return answer.status === null || (answer.status === status && hasError(answer.challenge, error))
}

export function judge(expected: Expected, answer: Answer): Finding {
  const { verdict } = answer
  if (verdict === 'none') return 'no answer'
  if (verdict === 'unavailable') return 'unavailable'
  if (verdict === 'allow') return expected === null ? 'right' : 'wrong verdict'
  if (expected === null) return 'false denial'
  return isThat(expected, answer) ? 'right' : 'another reason'
}
