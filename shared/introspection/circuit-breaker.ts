// The circuit breaker in front of an endpoint that answers about tokens. It makes the calls that circuit-state.ts allows;
// for all others the result is a problem (`busy`, `held`) without a request. Each instance has its own.

import { readAllowance } from '../platform/allowance.ts'
import type { HttpAnswer, Ports } from '../platform/ports.ts'
import { problem, type IntrospectionProblem, type IntrospectionResult } from './introspection-result.ts'
import {
  setAllowance,
  CIRCUIT_POLICY,
  startCall,
  endCall,
  CLOSED,
  planCall,
  retryAfterSeconds,
  expireCalls,
  type CallEnd,
  type Standing,
} from './circuit-state.ts'

/** In the detail of `introspection_held`. */
const RESERVED = 'allowance'

export interface CircuitBreaker {
  /** Makes the request, if the circuit allows one now. `tokenKey`: tells tokens apart; it is not the token. */
  run(
    tokenKey: string,
    standing: Standing,
    request: () => Promise<IntrospectionResult>,
  ): Promise<IntrospectionResult>
  /** Reads the allowance that the header fields of an answer state. */
  note(headers: HttpAnswer['headers']): void
  /** Seconds until another call is worth trying. `why`: in the detail of the problem. */
  retryAfterSeconds(why?: unknown): number
}

/**
 * What a problem means for the endpoint. An answer about one token that cannot be used still counts as an answer, so that
 * the owner of such a token cannot open the circuit for everybody.
 */
const END: Readonly<Record<Exclude<IntrospectionProblem, 'rate_limited'>, CallEnd>> = {
  no_answer: 'failed',
  timeout: 'failed',
  redirect: 'failed',
  status: 'failed',
  too_large: 'answered',
  empty: 'answered',
  not_json: 'answered',
  malformed: 'answered',
  unverified: 'answered',
  unsupported: 'answered',
  credentials_refused: 'refused',
  unauthorized: 'unauthorized',
  endpoint_unknown: 'nothing',
  busy: 'nothing',
  held: 'nothing',
}

export function toCallEnd(result: IntrospectionResult): CallEnd {
  if ('failure' in result) return 'nothing'
  if (!('problem' in result)) return 'answered'
  const status = Number(result.detail?.['status'])
  // A 403 may be about one token.
  if (result.problem === 'credentials_refused') return status === 403 ? 'failed' : 'refused'
  if (result.problem === 'status' && status < 500) return 'answered'
  if (result.problem !== 'rate_limited') return END[result.problem]
  const seconds = result.detail?.['retry_after']
  return seconds === undefined ? CIRCUIT_POLICY.maxOpenMs : 1000 * Number(seconds)
}

export function createCircuitBreaker(now: Ports['now']): CircuitBreaker {
  let state = CLOSED
  return {
    async run(tokenKey, standing, request) {
      state = expireCalls(state, CIRCUIT_POLICY, now())
      const call = planCall(state, CIRCUIT_POLICY, { tokenKey, standing }, now())
      if (call === 'busy') return problem('busy')
      if (call === 'reserved') return problem('held', { why: RESERVED })
      if (call === 'open') return problem('held', { why: state.opening!.reason })
      state = startCall(state, call)
      let end: CallEnd = 'nothing'
      try {
        const result = await request()
        end = toCallEnd(result)
        return result
      } finally {
        state = endCall(state, CIRCUIT_POLICY, call, end, now())
      }
    },
    note(headers) {
      const allowance = readAllowance(headers, now())
      if (allowance !== null) state = setAllowance(state, allowance, now())
    },
    retryAfterSeconds: (why) => retryAfterSeconds(state, CIRCUIT_POLICY, why === RESERVED, now()),
  }
}
