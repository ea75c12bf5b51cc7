// How hard an issuer may be asked about tokens: one pure state machine for each endpoint. So many calls at a time;
// after failures in a row, with no answer about any token for a while, a hold, longer with every trial that fails; a hold at once where our credentials are refused
// or fewer questions are asked for. When a hold is over, one call at a time finds out whether it is. It says nothing
// about any token, starts no call and has no clock; gate.ts does what it says.
//
//   open -> held -> one trial -> open, or held for longer

/** Times in milliseconds. */
export interface BackOffPolicy {
  /** Calls under way at the same time. */
  readonly maxCalls: number
  /** After this, a call that has not come back is no longer counted: its request may have been cut off. */
  readonly callMs: number
  /** Tokens in a row whose questions failed: so many close the gate. */
  readonly failures: number
  /**
   * For so long after an answer about any token, failures close nothing: whoever can make the endpoint fail with tokens
   * of their own must not be able to close the gate while it answers others.
   */
  readonly answeredMs: number
  /** First hold; doubles with every trial that fails. */
  readonly holdMs: number
  readonly maxHoldMs: number
  /** Hold after all our credentials have been refused. */
  readonly refusedMs: number
}

export const BACK_OFF: BackOffPolicy = {
  maxCalls: 256,
  callMs: 30_000,
  failures: 5,
  answeredMs: 10_000,
  holdMs: 1_000,
  maxHoldMs: 30_000,
  refusedMs: 10_000,
}

export type HoldReason = 'failures' | 'credentials' | 'rate_limit'

export interface BackOff {
  /** When the calls under way were started. */
  readonly calls: readonly number[]
  /** Tokens whose questions have failed since the last answer, by their keys; no more than close the gate. */
  readonly failed: readonly string[]
  readonly hold: { readonly why: HoldReason; readonly since: number; readonly ms: number } | null
  /** When the trial under way was started. */
  readonly trial: number | null
  /** When the endpoint last answered about a token. */
  readonly answeredAt: number | null
}

export const NEVER_ASKED: BackOff = { calls: [], failed: [], hold: null, trial: null, answeredAt: null }

/** A call: about which token, when it was started, and whether it is to find out if a hold is over. */
export interface Call {
  readonly about: string
  readonly at: number
  readonly isTrial: boolean
}

/** `busy`: as many calls as may be are under way. `held`: not now. */
export type CallPlan = Call | 'busy' | 'held'

/**
 * What came of a call.
 *
 * - `answered`: the endpoint said something about the token, whatever it was.
 * - `failed`: it did not, and would not have for any other token.
 * - `refused`: it wants other credentials than any that we have.
 * - `nothing`: it was not asked after all.
 * - a number: it wants to be left alone for so long, in milliseconds.
 */
export type CallEnd = 'answered' | 'failed' | 'refused' | 'nothing' | number

/** The state after calls were cut off, or a clock was set back: what began in the future has not happened. */
export function settle(state: BackOff, policy: BackOffPolicy, now: number): BackOff {
  const isRecent = (at: number): boolean => at <= now && now - at < policy.callMs
  return {
    ...state,
    calls: state.calls.every(isRecent) ? state.calls : state.calls.filter(isRecent),
    hold: state.hold !== null && state.hold.since > now ? null : state.hold,
    trial: state.trial !== null && isRecent(state.trial) ? state.trial : null,
    answeredAt: state.answeredAt !== null && state.answeredAt > now ? null : state.answeredAt,
  }
}

/** Whether the endpoint may be asked now. `about`: the key of a token. */
export function planCall(state: BackOff, policy: BackOffPolicy, about: string, now: number): CallPlan {
  const { hold, trial, calls } = state
  if (hold !== null && (now < hold.since + hold.ms || trial !== null)) return 'held'
  return calls.length >= policy.maxCalls ? 'busy' : { about, at: now, isTrial: hold !== null }
}

export const begun = (state: BackOff, { at, isTrial }: Call): BackOff => ({
  ...state,
  calls: [...state.calls, at],
  trial: isTrial ? at : state.trial,
})

const clamp = (ms: number, { holdMs, maxHoldMs }: BackOffPolicy): number =>
  Math.min(maxHoldMs, Math.max(holdMs, ms))

/** The hold that a bad end brings, if it brings one. What was under way when the gate closed makes it no longer. */
function holdAfter(
  { hold, failed, answeredAt }: BackOff,
  policy: BackOffPolicy,
  { isTrial }: Call,
  end: 'failed' | 'refused' | number,
  now: number,
): BackOff['hold'] {
  if (hold !== null && !isTrial) return hold
  if (end === 'refused') return { why: 'credentials', since: now, ms: policy.refusedMs }
  if (typeof end === 'number') return { why: 'rate_limit', since: now, ms: clamp(end, policy) }
  if (hold === null) {
    const isAnswering = answeredAt !== null && now - answeredAt < policy.answeredMs
    const isDown = failed.length >= policy.failures && !isAnswering
    return isDown ? { why: 'failures', since: now, ms: policy.holdMs } : null
  }
  const ms = hold.why === 'failures' ? 2 * hold.ms : policy.holdMs
  return { why: 'failures', since: now, ms: clamp(ms, policy) }
}

/** One token that always fails is no more than one failure, however often it is sent. */
const alsoFailed = ({ failed }: BackOff, policy: BackOffPolicy, about: string): readonly string[] =>
  failed.length >= policy.failures || failed.includes(about) ? failed : [...failed, about]

/** The state after a call. An answer about any token opens the gate, for all of them. */
export function ended(state: BackOff, policy: BackOffPolicy, call: Call, end: CallEnd, now: number): BackOff {
  const index = state.calls.indexOf(call.at)
  const calls = index < 0 ? state.calls : state.calls.toSpliced(index, 1)
  const trial = call.isTrial ? null : state.trial
  if (end === 'nothing') return { ...state, calls, trial }
  if (end === 'answered') return { ...NEVER_ASKED, calls, answeredAt: now }
  const failed = end === 'failed' ? alsoFailed(state, policy, call.about) : state.failed
  const hold = holdAfter({ ...state, failed }, policy, call, end, now)
  return { ...state, calls, trial, failed, hold }
}

/** Whole seconds until it is worth asking again, at least one. For `Retry-After`. */
export const retryAfterSeconds = ({ hold }: BackOff, now: number): number =>
  hold === null ? 1 : Math.max(1, Math.ceil((hold.since + hold.ms - now) / 1000))
