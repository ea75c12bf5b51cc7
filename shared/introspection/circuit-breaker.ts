// The one way to an endpoint that is asked about tokens: it lets through as many calls as circuit-breaker.ts says and tells
// the rest, without asking anybody, that it cannot be known now. It holds for one instance, and remembers no token.

import { readAllowance } from '../platform/allowance.ts'
import type { HttpAnswer, Ports } from '../platform/ports.ts'
import { problem, type AskProblem, type Asked } from './introspection-result.ts'
import {
  allowed,
  BACK_OFF,
  begun,
  ended,
  NEVER_ASKED,
  planCall,
  retryAfterSeconds,
  settle,
  type CallEnd,
  type Standing,
} from './circuit-state.ts'

/** In the detail of `introspection_held`. */
const RESERVED = 'allowance'

export interface Gate {
  /** What came of asking, or why nobody was asked. `about`: the key of the token. */
  pass(about: string, standing: Standing, ask: () => Promise<Asked>): Promise<Asked>
  /** Notes what an answer says is left of our allowance. */
  note(headers: HttpAnswer['headers']): void
  /** Seconds until it is worth asking again, for a token that was not asked about for this reason. */
  retryAfterSeconds(why?: unknown): number
}

/**
 * Whose trouble a problem is. An answer about one token that cannot be used is an answer all the same: whoever owns
 * such a token must not be able to close the gate for everybody.
 */
const END: Readonly<Record<Exclude<AskProblem, 'rate_limited'>, CallEnd>> = {
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

export function endOf(asked: Asked): CallEnd {
  if ('failure' in asked) return 'nothing'
  if (!('problem' in asked)) return 'answered'
  const status = Number(asked.detail?.['status'])
  // 403 may be about one token.
  if (asked.problem === 'credentials_refused') return status === 403 ? 'failed' : 'refused'
  if (asked.problem === 'status' && status < 500) return 'answered'
  if (asked.problem !== 'rate_limited') return END[asked.problem]
  const seconds = asked.detail?.['retry_after']
  return seconds === undefined ? BACK_OFF.maxHoldMs : 1000 * Number(seconds)
}

export function createGate(now: Ports['now']): Gate {
  let state = NEVER_ASKED
  return {
    async pass(about, standing, ask) {
      state = settle(state, BACK_OFF, now())
      const call = planCall(state, BACK_OFF, { about, standing }, now())
      if (call === 'busy') return problem('busy')
      if (call === 'reserved') return problem('held', { why: RESERVED })
      if (call === 'held') return problem('held', { why: state.hold!.why })
      state = begun(state, call)
      let end: CallEnd = 'nothing'
      try {
        const asked = await ask()
        end = endOf(asked)
        return asked
      } finally {
        state = ended(state, BACK_OFF, call, end, now())
      }
    },
    note(headers) {
      const allowance = readAllowance(headers, now())
      if (allowance !== null) state = allowed(state, allowance, now())
    },
    retryAfterSeconds: (why) => retryAfterSeconds(state, BACK_OFF, why === RESERVED, now()),
  }
}
