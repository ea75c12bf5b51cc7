// How hard an issuer may be asked about tokens: one pure state machine for each endpoint. So many calls at a time, and
// no more than the endpoint allows us, a share of both kept for tokens that are known to be active; after failures in
// a row, with no answer about any token for a while, a hold, longer with every trial that fails; after fewer where
// they may be about our credentials; a hold at once where our credentials are refused or fewer questions are asked
// for. When a hold is over, one call at a time finds out whether it is; where it is only a guess that our credentials
// are meant, a token that was active not long ago finds out at any time. It says nothing about any token, starts no
// call and has no clock; guarded-endpoint.ts does what it says.
//
//   open -> held -> one trial -> open, or held for longer

import type { Allowance } from '../platform/allowance.ts'

/**
 * What is known of a token before its issuer is asked. Anybody can make up tokens, and as many as they like, so those
 * that nobody has seen must not use up what the others need.
 *
 * - `known`: it was active here not long ago.
 * - `unseen`: nothing is known of it.
 * - `odd`: nor does it look like the tokens of its provider. That is a reason to ask about others first, and none to refuse it.
 */
export type Standing = 'known' | 'unseen' | 'odd'

/** Times in milliseconds. */
export interface BackOffPolicy {
  /** Calls under way at the same time. */
  readonly maxCalls: number
  /** How much of the calls at a time, and of an allowance, tokens of this standing may use together with lower ones. */
  readonly shares: Readonly<Record<Standing, number>>
  /** After this, a call that has not come back is no longer counted: its request may have been cut off. */
  readonly callMs: number
  /** Tokens in a row whose questions failed: so many close the gate. */
  readonly failures: number
  /** Tokens in a row that were answered with 401, which may be about the token or about us: so many close it. */
  readonly unauthorized: number
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
  shares: { known: 1, unseen: 0.75, odd: 0.5 },
  callMs: 30_000,
  failures: 5,
  unauthorized: 2,
  answeredMs: 10_000,
  holdMs: 1_000,
  maxHoldMs: 30_000,
  refusedMs: 10_000,
}

export type HoldReason = 'failures' | 'credentials' | 'rate_limit'

export interface Hold {
  readonly why: HoldReason
  readonly since: number
  readonly ms: number
  /** Of `credentials`: nobody has said so, and no token that was active here has met it. */
  readonly isGuess?: true
}

export interface BackOff {
  /** The calls under way, and when they were started. */
  readonly calls: readonly Pick<Call, 'at' | 'standing'>[]
  /** What the endpoint last said is left of our allowance. */
  readonly allowance: (Allowance & { readonly from: number }) | null
  /** Tokens whose questions have failed since the last answer, by their keys; no more than close the gate. */
  readonly failed: readonly string[]
  /** The same of tokens that were answered with 401; no more than may be asked about at a time. */
  readonly unauthorized: readonly string[]
  readonly hold: Hold | null
  /** When the trial under way was started. */
  readonly trial: number | null
  /** When the endpoint last answered about a token. */
  readonly answeredAt: number | null
}

export const NEVER_ASKED: BackOff = {
  ...{ calls: [], failed: [], unauthorized: [], hold: null, trial: null, answeredAt: null, allowance: null },
}

/** A call: about which token, when it was started, and whether it is to find out if a hold is over. */
export interface Call {
  readonly about: string
  readonly standing: Standing
  readonly at: number
  readonly isTrial: boolean
}

/** `busy`: as many calls as may be are under way. `held`: not now. `reserved`: what is left of our allowance is for other tokens. */
export type CallPlan = Call | 'busy' | 'held' | 'reserved'

/**
 * What came of a call.
 *
 * - `answered`: the endpoint said something about the token, whatever it was.
 * - `failed`: it did not, and would not have for any other token.
 * - `refused`: it wants other credentials than any that we have.
 * - `unauthorized`: it wants that, or it does not take the token.
 * - `nothing`: it was not asked after all.
 * - a number: it wants to be left alone for so long, in milliseconds.
 */
export type CallEnd = 'answered' | 'failed' | 'refused' | 'unauthorized' | 'nothing' | number

/** The state after calls were cut off, or a clock was set back: what began in the future has not happened. */
export function settle(state: BackOff, policy: BackOffPolicy, now: number): BackOff {
  const isRecent = (at: number): boolean => at <= now && now - at < policy.callMs
  const { allowance, calls } = state
  return {
    ...state,
    calls: calls.every(({ at }) => isRecent(at)) ? calls : calls.filter(({ at }) => isRecent(at)),
    allowance: allowance !== null && now >= allowance.from && now < allowance.until ? allowance : null,
    hold: state.hold !== null && state.hold.since > now ? null : state.hold,
    trial: state.trial !== null && isRecent(state.trial) ? state.trial : null,
    answeredAt: state.answeredAt !== null && state.answeredAt > now ? null : state.answeredAt,
  }
}

const RANK: Readonly<Record<Standing, number>> = { odd: 0, unseen: 1, known: 2 }

/** Whether all places that a token of some standing may have are taken. */
function isFull({ calls }: BackOff, { maxCalls, shares }: BackOffPolicy, standing: Standing): boolean {
  const alike = calls.filter((call) => RANK[call.standing] <= RANK[standing])
  return calls.length >= maxCalls || alike.length >= maxCalls * shares[standing]
}

/** Whether the rest of the allowance is for tokens of higher standing. Calls under way are counted as used. */
function isReserved({ allowance, calls }: BackOff, { shares }: BackOffPolicy, standing: Standing): boolean {
  if (allowance === null || standing === 'known') return false
  return allowance.remaining - calls.length <= allowance.limit * (1 - shares[standing])
}

/**
 * For how long a token is held. One that has had a 401 is the last to find out whether another gets one, too: whoever sends
 * it again and again must not be the only one who is asked about.
 */
function holdFor({ unauthorized }: BackOff, hold: Hold, about: string, standing: Standing): number {
  if (hold.why !== 'credentials') return hold.ms
  if (unauthorized.includes(about)) return 2 * hold.ms
  return hold.isGuess === true && standing === 'known' ? 0 : hold.ms
}

/** Whether the endpoint may be asked now. `about`: the key of a token. */
export function planCall(
  state: BackOff,
  policy: BackOffPolicy,
  { about, standing }: Pick<Call, 'about' | 'standing'>,
  now: number,
): CallPlan {
  const { hold, trial } = state
  if (hold !== null && (trial !== null || now < hold.since + holdFor(state, hold, about, standing)))
    return 'held'
  if (isFull(state, policy, standing)) return 'busy'
  if (isReserved(state, policy, standing)) return 'reserved'
  return { about, standing, at: now, isTrial: hold !== null }
}

/** The state after the endpoint has said what is left of our allowance. */
export const allowed = (state: BackOff, allowance: Allowance, now: number): BackOff => ({
  ...state,
  allowance: { ...allowance, from: now },
})

export const begun = (state: BackOff, { at, standing, isTrial }: Call): BackOff => ({
  ...state,
  calls: [...state.calls, { at, standing }],
  trial: isTrial ? at : state.trial,
})

const clamp = (ms: number, { holdMs, maxHoldMs }: BackOffPolicy): number =>
  Math.min(maxHoldMs, Math.max(holdMs, ms))

/** The hold that a bad end brings, if it brings one. What was under way when the gate closed makes it no longer. */
function holdAfter(
  { hold, failed, unauthorized, answeredAt }: BackOff,
  policy: BackOffPolicy,
  { isTrial, standing }: Call,
  end: 'failed' | 'refused' | 'unauthorized' | number,
  now: number,
): Hold | null {
  if (hold !== null && !isTrial) return hold
  if (typeof end === 'number') return { why: 'rate_limit', since: now, ms: clamp(end, policy) }
  if (end === 'refused') return { why: 'credentials', since: now, ms: policy.refusedMs }
  const isAnswering = answeredAt !== null && now - answeredAt < policy.answeredMs
  if (end === 'unauthorized') {
    const isOurs = hold?.why === 'credentials' || (unauthorized.length >= policy.unauthorized && !isAnswering)
    const isGuess = standing === 'known' ? {} : ({ isGuess: true } as const)
    if (isOurs) return { why: 'credentials', since: now, ms: policy.refusedMs, ...isGuess }
  }
  // Whoever answers with 401 is there.
  if (hold === null || end === 'unauthorized') {
    const isDown = failed.length >= policy.failures && !isAnswering
    return isDown ? { why: 'failures', since: now, ms: policy.holdMs } : null
  }
  const ms = hold.why === 'failures' ? 2 * hold.ms : policy.holdMs
  return { why: 'failures', since: now, ms: clamp(ms, policy) }
}

/** One token that always fails is no more than one failure, however often it is sent. */
const withToken = (tokens: readonly string[], most: number, about: string): readonly string[] =>
  tokens.length >= most || tokens.includes(about) ? tokens : [...tokens, about]

/** The state after a call. An answer about any token opens the gate, for all of them. */
export function ended(state: BackOff, policy: BackOffPolicy, call: Call, end: CallEnd, now: number): BackOff {
  const index = state.calls.findIndex(({ at, standing }) => at === call.at && standing === call.standing)
  const calls = index < 0 ? state.calls : state.calls.toSpliced(index, 1)
  const trial = call.isTrial ? null : state.trial
  if (end === 'nothing') return { ...state, calls, trial }
  if (end === 'answered') return { ...NEVER_ASKED, calls, answeredAt: now, allowance: state.allowance }
  const unauthorized =
    end === 'unauthorized' ? withToken(state.unauthorized, policy.maxCalls, call.about) : state.unauthorized
  const failed =
    end === 'failed' || end === 'unauthorized'
      ? withToken(state.failed, policy.failures, call.about)
      : state.failed
  const hold = holdAfter({ ...state, failed, unauthorized }, policy, call, end, now)
  return { ...state, calls, trial, failed, unauthorized, hold }
}

/** Whole seconds until it is worth asking again, at least one. For `Retry-After`. `isReserved`: the allowance was kept for others. */
export function retryAfterSeconds(
  { hold, allowance }: BackOff,
  { maxHoldMs }: BackOffPolicy,
  isReserved: boolean,
  now: number,
): number {
  const end = isReserved && allowance !== null ? allowance.until : hold === null ? now : hold.since + hold.ms
  return Math.max(1, Math.ceil(Math.min(maxHoldMs, end - now) / 1000))
}
