// What is right at a moment, known independently of the code under test: from what the proxy saw being served to
// an instance and the freshness policy as the documentation states it. Where a decision can have been made on
// either side of a change, both verdicts are possible; nothing else is. Pure; all times are real milliseconds.

import { fastTime, type FastClock } from './clock.ts'
import type { Held } from './lies.ts'

export type Verdict = 'allow' | 'deny' | 'unavailable'

/** One try of an instance to get the keys of the issuer, as seen by the proxy. */
export interface Attempt {
  readonly startedAt: number
  /** When the key set was offered; `null`: it never was. */
  readonly offeredAt: number | null
  /** By when the instance had certainly taken note of the end of this try; `null`: it did not say. */
  readonly takenBy: number | null
  readonly outcome: Held | 'failed'
}

/** What the oracle must know of a token. */
export interface TokenFacts {
  /** The key it names; `null` where it is refused before a key is looked for. */
  readonly kid: string | null
  /** Whether nothing but time and a missing key can be held against it. */
  readonly sound: boolean
  /** `exp`, in seconds on the fast clock. */
  readonly expiresAt: number
}

export interface Asked extends TokenFacts {
  readonly sentAt: number
  readonly answeredAt: number
}

/** How old the keys are: the promise of docs and code, stated again. In minutes. */
const FRESH = 10
const STALE_WHILE_REVALIDATE = 20
const STALE_IF_ERROR = 60
/** A kid that was not in a set this young is unknown; with an older one, the issuer must be asked again. */
const COOL_DOWN = 0.5
/** A kid that was in none of several sets in a row is taken to be unknown for longer: twice as long for each, up to this. */
const LONGEST_COOL_DOWN = 2
const TOLERANCE_SECONDS = 30

/** An instance that does not say that it has taken a set has done so by then. */
const TAKEN_AFTER_MS = 5_000
/** Clocks of processes are read at slightly different moments. */
const BLUR_MS = 50

/** A stretch of time during which an instance held certain keys. */
interface State {
  readonly held: Held | null
  /** Every set that was held until then, this one included, the newest first. */
  readonly sets: readonly Held[]
  readonly failing: boolean
  /** Youngest and oldest possible age of the keys during the stretch, in minutes of the fast clock. */
  readonly youngest: number
  readonly oldest: number
}

const possibleFrom = ({ outcome, startedAt, offeredAt }: Attempt): number =>
  outcome === 'failed' ? startedAt : (offeredAt ?? startedAt)

const certainBy = (attempt: Attempt): number => attempt.takenBy ?? possibleFrom(attempt) + TAKEN_AFTER_MS

/** Every state that an instance may have been in at some time of the window. `attempts` in order. */
export function possibleStates(
  attempts: readonly Attempt[],
  clock: FastClock,
  from: number,
  to: number,
): State[] {
  const states: State[] = []
  let held: Held | null = null
  let source: Attempt | null = null
  let sets: readonly Held[] = []
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

/** For how many minutes after a set was fetched a kid may be taken to be in no other. */
function coolDownOf(sets: readonly Held[], kid: string): number {
  const last = sets.findIndex((set) => set.has(kid))
  const absences = last === -1 ? sets.length : last
  return Math.min(LONGEST_COOL_DOWN, COOL_DOWN * 2 ** Math.max(0, absences - 1))
}

/** What a state can say about a key. Nothing where the instance must ask the issuer first: a later state answers. */
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

function verdictsOfUsableKey(asked: Asked, clock: FastClock): Verdict[] {
  if (!asked.sound) return ['deny']
  const endsAt = (asked.expiresAt + TOLERANCE_SECONDS) * 1000
  const verdicts: Verdict[] = []
  if (fastTime(clock, asked.sentAt - BLUR_MS) < endsAt) verdicts.push('allow')
  if (fastTime(clock, asked.answeredAt + BLUR_MS) >= endsAt) verdicts.push('deny')
  return verdicts
}

/** Every verdict that is right for a request to an instance. */
export function possibleVerdicts(
  asked: Asked,
  attempts: readonly Attempt[],
  clock: FastClock,
): ReadonlySet<Verdict> {
  const { kid, sentAt, answeredAt } = asked
  if (kid === null) return new Set(['deny'])
  const findings = possibleStates(attempts, clock, sentAt, answeredAt).flatMap((state) =>
    findingsIn(state, kid),
  )
  return new Set(
    findings.flatMap((finding): Verdict[] => {
      if (finding === 'usable') return verdictsOfUsableKey(asked, clock)
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

/** In which part of their life the keys certainly were when a request was decided; `null` if that is uncertain. */
export function ageOf(
  { sentAt, answeredAt }: Asked,
  attempts: readonly Attempt[],
  clock: FastClock,
): Age | null {
  const ages = new Set(possibleStates(attempts, clock, sentAt, answeredAt).map(ageIn))
  const [only = null] = ages
  return ages.size === 1 ? only : null
}
