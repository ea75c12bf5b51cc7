// The right verdicts at a moment, computed without the code under test: from what the proxy served to an instance and
// from the freshness policy as the documentation states it. If a decision can fall on either side of a change, both
// verdicts are right; no other verdict is. Pure functions; all times are real milliseconds.

import { fastTime, type FastClock } from './clock.ts'
import type { HeldKeys } from './lies.ts'

export type Verdict = 'allow' | 'deny' | 'unavailable'

/** One attempt of an instance to get the keys of the issuer, as the proxy saw it. */
export interface Attempt {
  readonly startedAt: number
  /** When the key set was served; `null`: it never was. */
  readonly offeredAt: number | null
  /** By when the instance had certainly processed the end of this attempt; `null`: it did not say. */
  readonly takenBy: number | null
  readonly outcome: HeldKeys | 'failed'
}

/** What the oracle must know about a token. */
export interface TokenTraits {
  /** The key that the token names; `null` for a token that is refused before the key is looked up. */
  readonly kid: string | null
  /** Whether only its expiry or a missing key can be a reason to refuse it. */
  readonly sound: boolean
  /** `exp`, in seconds on the fast clock. */
  readonly expiresAt: number
}

export interface TimedRequest extends TokenTraits {
  readonly sentAt: number
  readonly answeredAt: number
}

/** Ages of the keys in minutes: the values that docs and code promise, stated again. */
const FRESH = 10
const STALE_WHILE_REVALIDATE = 20
const STALE_IF_ERROR = 60
/** A kid missing from a set this young is unknown; with an older set, the instance must fetch the keys again. */
const COOL_DOWN = 0.5
/**
 * A kid missing from several sets in a row counts as unknown for longer: the time doubles with each set, up to this.
 */
const LONGEST_COOL_DOWN = 2
const TOLERANCE_SECONDS = 30

/** An instance that does not say that it has processed a set has done so after this time. */
const TAKEN_AFTER_MS = 5_000
/** The clocks of the processes may differ by this much. */
const BLUR_MS = 50

/** A period in which an instance held certain keys. */
interface State {
  readonly held: HeldKeys | null
  /** Every set that was held until then, newest first, this one included. */
  readonly sets: readonly HeldKeys[]
  readonly failing: boolean
  /** Youngest and oldest possible age of the keys in the period, in minutes of the fast clock. */
  readonly youngest: number
  readonly oldest: number
}

const possibleFrom = ({ outcome, startedAt, offeredAt }: Attempt): number =>
  outcome === 'failed' ? startedAt : (offeredAt ?? startedAt)

const certainBy = (attempt: Attempt): number => attempt.takenBy ?? possibleFrom(attempt) + TAKEN_AFTER_MS

/** Every state that an instance may have been in during the window. `attempts` in order. */
export function possibleStates(
  attempts: readonly Attempt[],
  clock: FastClock,
  from: number,
  to: number,
): State[] {
  const states: State[] = []
  let held: HeldKeys | null = null
  let source: Attempt | null = null
  let sets: readonly HeldKeys[] = []
  for (let index = -1; index < attempts.length; index++) {
    const attempt = attempts[index]
    if (attempt !== undefined && possibleFrom(attempt) > to + BLUR_MS) break
    if (attempt !== undefined && attempt.outcome !== 'failed') {
      held = attempt.outcome
      source = attempt
      sets = [attempt.outcome, ...sets]
    }
    const next = attempts[index + 1]
    const begins = attempt === undefined ? from : Math.max(from, possibleFrom(attempt))
    const ends = next === undefined ? to : Math.min(to, certainBy(next))
    if (next !== undefined && certainBy(next) < from - BLUR_MS) continue
    const age = (realMs: number) => (realMs * clock.speed) / 60_000
    states.push({
      held,
      sets,
      failing: attempt?.outcome === 'failed',
      youngest: source === null ? 0 : Math.max(0, age(begins - BLUR_MS - certainBy(source))),
      oldest: source === null ? Infinity : age(Math.max(begins, ends) + BLUR_MS - possibleFrom(source)),
    })
  }
  return states
}

type Finding = 'usable' | 'refused' | 'unknown' | 'unavailable'

/** How many minutes after a fetch a kid may still count as unknown without another fetch. */
function coolDownOf(sets: readonly HeldKeys[], kid: string): number {
  const last = sets.findIndex((set) => set.has(kid))
  const absences = last === -1 ? sets.length : last
  return Math.min(LONGEST_COOL_DOWN, COOL_DOWN * 2 ** Math.max(0, absences - 1))
}

/**
 * The findings about a key in a state. None if the instance must first fetch the keys again: a later state has them.
 */
function findingsIn({ held, sets, failing, youngest, oldest }: State, kid: string): Finding[] {
  const findings: Finding[] = []
  if (held !== null && youngest < STALE_IF_ERROR) {
    const entry = held.get(kid)
    if (entry === 'usable') findings.push('usable')
    else if (failing) findings.push(entry === 'unusable' ? 'refused' : 'unavailable')
    else if (youngest < coolDownOf(sets, kid)) findings.push(entry === 'unusable' ? 'refused' : 'unknown')
  }
  if ((held === null || oldest >= STALE_IF_ERROR) && failing) findings.push('unavailable')
  return findings
}

function verdictsOfUsableKey(request: TimedRequest, clock: FastClock): Verdict[] {
  if (!request.sound) return ['deny']
  const endsAt = (request.expiresAt + TOLERANCE_SECONDS) * 1000
  const verdicts: Verdict[] = []
  if (fastTime(clock, request.sentAt - BLUR_MS) < endsAt) verdicts.push('allow')
  if (fastTime(clock, request.answeredAt + BLUR_MS) >= endsAt) verdicts.push('deny')
  return verdicts
}

/** Every right verdict for a request to an instance. */
export function possibleVerdicts(
  request: TimedRequest,
  attempts: readonly Attempt[],
  clock: FastClock,
): ReadonlySet<Verdict> {
  const { kid, sentAt, answeredAt } = request
  if (kid === null) return new Set(['deny'])
  const findings = possibleStates(attempts, clock, sentAt, answeredAt).flatMap((state) =>
    findingsIn(state, kid),
  )
  return new Set(
    findings.flatMap((finding): Verdict[] => {
      if (finding === 'usable') return verdictsOfUsableKey(request, clock)
      return [finding === 'unavailable' ? 'unavailable' : 'deny']
    }),
  )
}

export const AGES = ['fresh', 'stale, refreshed behind', 'stale, if error', 'unavailable'] as const
export type Age = (typeof AGES)[number]

const ageIn = ({ held, failing, youngest, oldest }: State): Age | null => {
  if (held === null || youngest >= STALE_IF_ERROR) return failing ? 'unavailable' : null
  if (oldest < FRESH) return 'fresh'
  if (youngest >= FRESH && oldest < STALE_WHILE_REVALIDATE) return 'stale, refreshed behind'
  return youngest >= STALE_WHILE_REVALIDATE && oldest < STALE_IF_ERROR ? 'stale, if error' : null
}

/** The stage of the keys' life in which a request was certainly decided; `null` if that is uncertain. */
export function ageOf(
  { sentAt, answeredAt }: TimedRequest,
  attempts: readonly Attempt[],
  clock: FastClock,
): Age | null {
  const ages = new Set(possibleStates(attempts, clock, sentAt, answeredAt).map(ageIn))
  const [only = null] = ages
  return ages.size === 1 ? only : null
}
