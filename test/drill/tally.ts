// Turns requests and their right verdicts into the figures of the drill, and decides whether it passes. Pure functions.

import type { FastClock } from './clock.ts'
import {
  ageOf,
  AGES,
  possibleVerdicts,
  type Age,
  type TimedRequest,
  type Attempt,
  type Verdict,
} from './oracle.ts'

/** A request that has been answered. Times are real milliseconds. */
export interface AnsweredRequest extends TimedRequest {
  readonly instance: string
  /** Index of the phase in which it was sent. */
  readonly phase: number
  readonly kind: string
  readonly verdict: Verdict | 'other'
}

export interface Tally {
  readonly requests: number
  readonly allows: number
  readonly denies: number
  readonly unavailable: number
  /** Wrong answers other than false denials. */
  readonly wrong: number
  /** Tokens that had to be allowed and were refused, by any refusal. */
  readonly falseDenials: number
  /** Requests with more than one right verdict. */
  readonly either: number
}

export interface ComparedRequest extends AnsweredRequest {
  readonly right: ReadonlySet<Verdict>
  readonly finding: 'right' | 'wrong' | 'false denial'
  readonly age: Age | null
}

export function compareWithOracle(
  answered: AnsweredRequest,
  attempts: readonly Attempt[],
  clock: FastClock,
): ComparedRequest {
  const right = possibleVerdicts(answered, attempts, clock)
  const only = right.size === 1 && right.has('allow')
  const isRight = answered.verdict !== 'other' && right.has(answered.verdict)
  const isDenial = only && (answered.verdict === 'deny' || answered.verdict === 'unavailable')
  return {
    ...answered,
    right,
    finding: isRight ? 'right' : isDenial ? 'false denial' : 'wrong',
    age: ageOf(answered, attempts, clock),
  }
}

export function tallyOf(requests: readonly ComparedRequest[]): Tally {
  const count = (is: (one: ComparedRequest) => boolean) => requests.filter(is).length
  return {
    requests: requests.length,
    allows: count(({ verdict }) => verdict === 'allow'),
    denies: count(({ verdict }) => verdict === 'deny'),
    unavailable: count(({ verdict }) => verdict === 'unavailable'),
    wrong: count(({ finding }) => finding === 'wrong'),
    falseDenials: count(({ finding }) => finding === 'false denial'),
    either: count(({ right }) => right.size > 1),
  }
}

/** Requests by the age of the keys and by whether the token's key was ever published. */
export function coverageOf(
  requests: readonly ComparedRequest[],
): { readonly age: Age; readonly known: number; readonly unknown: number }[] {
  return AGES.map((age) => {
    const there = requests.filter((one) => one.age === age && one.kid !== null)
    const unknown = there.filter(({ kind }) => kind === 'unknown kid').length
    return { age, known: there.length - unknown, unknown }
  })
}

export interface Shortcomings {
  readonly wrong: number
  readonly falseDenials: number
  /** Phases in which an instance fetched more documents than the bound. */
  readonly overFetched: number
  /** Ages of the keys that an instance never reached, by known or unknown kid. */
  readonly unreached: number
  /** Requests that were due but not sent. */
  readonly unsent: number
  /** Requests to an address that no edge may contact. */
  readonly trapped: number
}

export const passes = (found: Shortcomings): boolean => Object.values(found).every((number) => number === 0)
