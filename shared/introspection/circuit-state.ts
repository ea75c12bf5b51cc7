// The circuit breaker of one endpoint (introspection, a provider's check, userinfo) as a pure state machine. It starts
// no call and has no clock; circuit-breaker.ts does what it plans.
//
//   closed -> open -> one probe at a time -> closed, or open for longer
//
// Closed, it bounds the calls that are under way and keeps to the allowance that the endpoint states; a share of both
// is reserved for tokens that were active before. It opens
// - after `failures` tokens in a row failed and no token was answered for `answeredMs`;
// - after `unauthorized` tokens in a row were answered with 401, which may mean our credentials;
// - at once where the endpoint refuses our credentials, or limits our rate.
// If it is only a guess that our credentials are refused, a token that was active before may be the probe at any time.

import type { Allowance } from '../platform/allowance.ts'

/**
 * The priority of a token. Anybody can make up any number of tokens, so made-up tokens must not use up the calls that
 * real ones need.
 *
 * - `known`: the token was active here within the last hour.
 * - `unseen`: this instance knows nothing about the token.
 * - `odd`: the token does not look like those of its provider, either. It is introspected last, and never refused for that.
 */
export type Standing = 'known' | 'unseen' | 'odd'

/** Times in milliseconds. */
export interface CircuitPolicy {
  /** The most calls that may be under way at the same time. */
  readonly maxCalls: number
  /** The share of `maxCalls`, and of an allowance, for tokens of this standing and lower ones together. */
  readonly shares: Readonly<Record<Standing, number>>
  /** A call without a result is no longer counted after this time: its request may have been cut off. */
  readonly callMs: number
  /** After this many tokens in a row whose calls failed, the circuit opens. */
  readonly failures: number
  /** After this many tokens in a row with a 401, which may mean the token or our credentials, the circuit opens. */
  readonly unauthorized: number
  /**
   * Failures do not open the circuit for this long after an answer about any token. Otherwise somebody whose own tokens
   * make the endpoint fail could block the tokens of everybody else.
   */
  readonly answeredMs: number
  /** How long the circuit stays open first; each failed probe doubles it, up to `maxOpenMs`. */
  readonly openMs: number
  readonly maxOpenMs: number
  /** How long the circuit stays open after the endpoint refused all our credentials. */
  readonly refusedMs: number
}

export const CIRCUIT_POLICY: CircuitPolicy = {
  maxCalls: 256,
  shares: { known: 1, unseen: 0.75, odd: 0.5 },
  callMs: 30_000,
  failures: 5,
  unauthorized: 2,
  answeredMs: 10_000,
  openMs: 1_000,
  maxOpenMs: 30_000,
  refusedMs: 10_000,
}

export type OpenReason = 'failures' | 'credentials' | 'rate_limit'

/** Why the circuit is open, since when, and for how long. Milliseconds. */
export interface Opening {
  readonly reason: OpenReason
  readonly since: number
  readonly ms: number
  /** With `credentials`: the endpoint did not say so, and no token that was active here got the 401. */
  readonly isGuess?: true
}

export interface CircuitState {
  /** The calls under way. */
  readonly calls: readonly Pick<Call, 'at' | 'standing'>[]
  /** The rest of our allowance, as the endpoint last stated it. */
  readonly allowance: (Allowance & { readonly from: number }) | null
  /** Keys of the tokens whose calls failed since the last answer; at most `failures` of them. */
  readonly failed: readonly string[]
  /** Keys of the tokens that got a 401 since the last answer; at most `maxCalls` of them. */
  readonly unauthorized: readonly string[]
  /** `null`: the circuit is closed. */
  readonly opening: Opening | null
  /** When the probe under way was started. */
  readonly probe: number | null
  /** When the endpoint last answered about a token. */
  readonly answeredAt: number | null
}

export const CLOSED: CircuitState = {
  calls: [],
  failed: [],
  unauthorized: [],
  opening: null,
  probe: null,
  answeredAt: null,
  allowance: null,
}

/** A call about one token. A probe finds out whether the circuit may close. */
export interface Call {
  readonly tokenKey: string
  readonly standing: Standing
  readonly at: number
  readonly isProbe: boolean
}

/**
 * - `busy`: the calls for tokens of this standing are used up.
 * - `open`: the circuit is open.
 * - `reserved`: the rest of our allowance is reserved for tokens of a higher standing.
 */
export type CallPlan = Call | 'busy' | 'open' | 'reserved'

/**
 * How a call ended.
 *
 * - `answered`: the endpoint answered about the token.
 * - `failed`: the endpoint failed, as it would have for any other token.
 * - `refused`: the endpoint refused all our credentials.
 * - `unauthorized`: the endpoint refused our credentials or the token, and did not say which.
 * - `nothing`: no request was made.
 * - a number: the endpoint limits our rate; the milliseconds to wait.
 */
export type CallEnd = 'answered' | 'failed' | 'refused' | 'unauthorized' | 'nothing' | number

/**
 * The state without calls that were cut off, and without times in the future, which a clock that was set back leaves.
 */
export function expireCalls(state: CircuitState, policy: CircuitPolicy, now: number): CircuitState {
  const isRecent = (at: number): boolean => at <= now && now - at < policy.callMs
  const { allowance, calls } = state
  return {
    ...state,
    calls: calls.every(({ at }) => isRecent(at)) ? calls : calls.filter(({ at }) => isRecent(at)),
    allowance: allowance !== null && now >= allowance.from && now < allowance.until ? allowance : null,
    opening: state.opening !== null && state.opening.since > now ? null : state.opening,
    probe: state.probe !== null && isRecent(state.probe) ? state.probe : null,
    answeredAt: state.answeredAt !== null && state.answeredAt > now ? null : state.answeredAt,
  }
}

const RANK: Readonly<Record<Standing, number>> = { odd: 0, unseen: 1, known: 2 }

/** Whether all calls that tokens of this standing may use are under way. */
function isFull({ calls }: CircuitState, { maxCalls, shares }: CircuitPolicy, standing: Standing): boolean {
  const alike = calls.filter((call) => RANK[call.standing] <= RANK[standing])
  return calls.length >= maxCalls || alike.length >= maxCalls * shares[standing]
}

/** Whether the rest of the allowance is reserved for tokens of a higher standing. Calls under way count as used. */
function isReserved(
  { allowance, calls }: CircuitState,
  { shares }: CircuitPolicy,
  standing: Standing,
): boolean {
  if (allowance === null || standing === 'known') return false
  return allowance.remaining - calls.length <= allowance.limit * (1 - shares[standing])
}

/**
 * How long the circuit is open for a token. A token that got a 401 waits twice as long before it may probe, so that
 * another token probes first even while somebody sends this one again and again.
 */
function openMsFor(
  { unauthorized }: CircuitState,
  opening: Opening,
  tokenKey: string,
  standing: Standing,
): number {
  if (opening.reason !== 'credentials') return opening.ms
  if (unauthorized.includes(tokenKey)) return 2 * opening.ms
  return opening.isGuess === true && standing === 'known' ? 0 : opening.ms
}

/** Whether a call about a token may be made now. */
export function planCall(
  state: CircuitState,
  policy: CircuitPolicy,
  { tokenKey, standing }: Pick<Call, 'tokenKey' | 'standing'>,
  now: number,
): CallPlan {
  const { opening, probe } = state
  if (
    opening !== null &&
    (probe !== null || now < opening.since + openMsFor(state, opening, tokenKey, standing))
  )
    return 'open'
  if (isFull(state, policy, standing)) return 'busy'
  if (isReserved(state, policy, standing)) return 'reserved'
  return { tokenKey, standing, at: now, isProbe: opening !== null }
}

/** The state after the endpoint stated our allowance. */
export const setAllowance = (state: CircuitState, allowance: Allowance, now: number): CircuitState => ({
  ...state,
  allowance: { ...allowance, from: now },
})

export const startCall = (state: CircuitState, { at, standing, isProbe }: Call): CircuitState => ({
  ...state,
  calls: [...state.calls, { at, standing }],
  probe: isProbe ? at : state.probe,
})

const clamp = (ms: number, { openMs, maxOpenMs }: CircuitPolicy): number =>
  Math.min(maxOpenMs, Math.max(openMs, ms))

/**
 * Whether the circuit is open after a call that was not answered. A call from before it opened does not prolong that.
 */
function openingAfter(
  { opening, failed, unauthorized, answeredAt }: CircuitState,
  policy: CircuitPolicy,
  { isProbe, standing }: Call,
  end: 'failed' | 'refused' | 'unauthorized' | number,
  now: number,
): Opening | null {
  if (opening !== null && !isProbe) return opening
  if (typeof end === 'number') return { reason: 'rate_limit', since: now, ms: clamp(end, policy) }
  if (end === 'refused') return { reason: 'credentials', since: now, ms: policy.refusedMs }
  const isAnswering = answeredAt !== null && now - answeredAt < policy.answeredMs
  if (end === 'unauthorized') {
    const isOurs =
      opening?.reason === 'credentials' || (unauthorized.length >= policy.unauthorized && !isAnswering)
    const isGuess = standing === 'known' ? {} : ({ isGuess: true } as const)
    if (isOurs) return { reason: 'credentials', since: now, ms: policy.refusedMs, ...isGuess }
  }
  // An endpoint that answers with 401 is not down.
  if (opening === null || end === 'unauthorized') {
    const isDown = failed.length >= policy.failures && !isAnswering
    return isDown ? { reason: 'failures', since: now, ms: policy.openMs } : null
  }
  const ms = opening.reason === 'failures' ? 2 * opening.ms : policy.openMs
  return { reason: 'failures', since: now, ms: clamp(ms, policy) }
}

/** Counts each token once: one token that always fails is one failure, however often it is sent. */
const withToken = (tokens: readonly string[], most: number, tokenKey: string): readonly string[] =>
  tokens.length >= most || tokens.includes(tokenKey) ? tokens : [...tokens, tokenKey]

/** The state after a call. An answer about any token closes the circuit for all of them. */
export function endCall(
  state: CircuitState,
  policy: CircuitPolicy,
  call: Call,
  end: CallEnd,
  now: number,
): CircuitState {
  const index = state.calls.findIndex(({ at, standing }) => at === call.at && standing === call.standing)
  const calls = index < 0 ? state.calls : state.calls.toSpliced(index, 1)
  const probe = call.isProbe ? null : state.probe
  if (end === 'nothing') return { ...state, calls, probe }
  if (end === 'answered') return { ...CLOSED, calls, answeredAt: now, allowance: state.allowance }
  const unauthorized =
    end === 'unauthorized'
      ? withToken(state.unauthorized, policy.maxCalls, call.tokenKey)
      : state.unauthorized
  const failed =
    end === 'failed' || end === 'unauthorized'
      ? withToken(state.failed, policy.failures, call.tokenKey)
      : state.failed
  const opening = openingAfter({ ...state, failed, unauthorized }, policy, call, end, now)
  return { ...state, calls, probe, failed, unauthorized, opening }
}

/**
 * Whole seconds until another call is worth trying, at least one. For `Retry-After`. `isReserved`: the plan was
 * `reserved`.
 */
export function retryAfterSeconds(
  { opening, allowance }: CircuitState,
  { maxOpenMs }: CircuitPolicy,
  isReserved: boolean,
  now: number,
): number {
  const end =
    isReserved && allowance !== null ? allowance.until : opening === null ? now : opening.since + opening.ms
  return Math.max(1, Math.ceil(Math.min(maxOpenMs, end - now) / 1000))
}
