// The right answers, computed without the code under test: from what was written to a store and when it was broken. An
// answer is wrong only if no moment between the request and the answer would allow it. Pure functions; times are
// milliseconds of the driver's clock.

import type { Bound } from './config.ts'
import type { Verdict } from './edges.ts'
import type { Fault, Times } from './schedule.ts'

/** A time in which a store was broken. */
export interface Outage {
  readonly fault: Extract<Fault, 'killed' | 'slow'>
  /** Before the fault. */
  readonly startedAt: number
  /** When it was certainly broken; `null`: not yet. */
  confirmedAt: number | null
  /** Before it was mended; `null`: not yet. */
  endingAt: number | null
  /** When it certainly answered again; `null`: not yet. */
  endedAt: number | null
}

/** When the clock of an instance was set. */
export interface ClockSet {
  readonly startedAt: number
  readonly endedAt: number
}

/** What was written to one store about a token. */
export interface Written {
  /** Before the first attempt to revoke it. `null`: none was made. */
  attemptedAt: number | null
  /** When the store said that the entry is stored. */
  revokedAt: number | null
}

/** An answer of one instance. */
export interface Answered {
  readonly written: Written | null
  readonly verdict: Verdict
  readonly sentAt: number
  readonly answeredAt: number
  /** When the instance first refused the token as revoked, before this request was sent; `null`: it had not. */
  readonly refusedAt: number | null
  /** When the instance last answered about the token while its store answered; `null`: never. */
  readonly knownAt: number | null
}

export interface World {
  readonly edge: 'cloudflare' | 'aws'
  readonly outages: readonly Outage[]
  /** Of the instance. */
  readonly clockSets: readonly ClockSet[]
  readonly bound: Bound
  readonly times: Times
  /** Whether an edge may take the longest time of all even while its store answers: on a machine that is busy. */
  readonly isBusy: boolean
}

export type Finding =
  | 'right'
  /** Allowed although it was revoked longer ago than the bound. */
  | 'revoked, allowed'
  /** Allowed after it had been refused. */
  | 'refused, allowed again'
  /** Allowed although no news can be so young. */
  | 'no news, allowed'
  | 'not revoked, refused'
  /** 503 where the instance had news. */
  | 'unavailable'
  | 'no verdict'

/** An instance notices that a store answers again: it tries once a second, and a request waits for a second. */
const SETTLE_MS = 3_000
/** How far two readings of the clock may differ. */
const BLUR_MS = 50
/** How much earlier than `refreshSeconds` before an outage an instance may have asked: requests have gaps. */
const GAP_MS = 2_000
/** How long a refresh may take that began before a clock was set, and then does not tell how old its news is. */
const REFRESH_MS = 1_000

const overlaps = ({ startedAt, endedAt }: Outage, from: number, to: number): boolean =>
  startedAt <= to && (endedAt === null || endedAt + SETTLE_MS >= from)

/** Whether the store was broken at some time between two others. */
export const isBrokenBetween = ({ outages }: World, from: number, to: number): boolean =>
  outages.some((outage) => overlaps(outage, from, to))

/** How long after a revocation a token may still be allowed, for a request that was sent then. */
export function boundAt(world: World, revokedAt: number, sentAt: number): number {
  const { seconds, reachableSeconds } = world.bound
  const isReachable = !world.isBusy && !isBrokenBetween(world, revokedAt, sentAt)
  return (isReachable ? reachableSeconds : seconds) * 1000 + BLUR_MS
}

/** Whether every news of the instance is older than the bound. */
const isWithoutNews = ({ outages, bound }: World, { sentAt, answeredAt }: Answered): boolean =>
  outages.some(
    ({ fault, confirmedAt, endingAt }) =>
      fault === 'killed' &&
      confirmedAt !== null &&
      sentAt > confirmedAt + bound.seconds * 1000 + BLUR_MS &&
      (endingAt === null || answeredAt < endingAt),
  )

/** Whether a 503 is right: the instance may have had no news that is young enough, or may not have known its age. */
function mayLackNews(
  { edge, outages, clockSets, times }: World,
  { sentAt, answeredAt, knownAt }: Answered,
): boolean {
  const leastMs = (times.staleSeconds - times.refreshSeconds) * 1000 - GAP_MS
  const hasUnknownAge = clockSets.some(
    ({ startedAt, endedAt }) => startedAt <= answeredAt && sentAt <= endedAt + REFRESH_MS,
  )
  const lacksInOutage = outages.some((outage) => {
    if (!overlaps(outage, sentAt, answeredAt)) return false
    const isSet = clockSets.some(({ startedAt }) => startedAt >= outage.startedAt && startedAt <= answeredAt)
    // A Worker has the news about every token at once.
    if (isSet || edge === 'cloudflare') return isSet || answeredAt >= outage.startedAt + leastMs
    return knownAt === null || answeredAt >= Math.min(knownAt, outage.startedAt) + leastMs
  })
  return hasUnknownAge || lacksInOutage
}

export function judge(world: World, answered: Answered): Finding {
  const { written, verdict, sentAt, answeredAt, refusedAt } = answered
  if (verdict === 'other') return 'no verdict'
  if (verdict === 'unavailable') return mayLackNews(world, answered) ? 'right' : 'unavailable'
  if (verdict === 'revoked')
    return written !== null && written.attemptedAt !== null && written.attemptedAt <= answeredAt
      ? 'right'
      : 'not revoked, refused'
  if (refusedAt !== null) return 'refused, allowed again'
  const revokedAt = written?.revokedAt ?? null
  if (revokedAt !== null && sentAt > revokedAt + boundAt(world, revokedAt, sentAt)) return 'revoked, allowed'
  return isWithoutNews(world, answered) ? 'no news, allowed' : 'right'
}

/** The findings that are wrong verdicts. A 503 is none: it lets nobody in and says whose fault it is. */
export const isWrong = (finding: Finding): boolean => finding !== 'right' && finding !== 'unavailable'
