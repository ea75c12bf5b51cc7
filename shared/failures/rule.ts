// A rule is a row with a name and one check. The rules of a list run in order and the first refusal is the result, so
// the same input is always refused for the same reason.

import type { Failure } from './failure.ts'

export interface Rule<Subject extends readonly unknown[]> {
  readonly name: string
  readonly check: (...subject: Subject) => Failure | null
}

/** The first refusal, or `null` if no rule refuses. Three arguments at most: rest parameters allocate an array. */
export function firstRefusal<First, Second, Third>(
  rules: readonly Rule<[First, Second, Third]>[],
  first: First,
  second: Second,
  third: Third,
): Failure | null
export function firstRefusal<First, Second>(
  rules: readonly Rule<[First, Second]>[],
  first: First,
  second: Second,
): Failure | null
export function firstRefusal<First>(rules: readonly Rule<[First]>[], first: First): Failure | null
export function firstRefusal(
  rules: readonly Rule<[unknown, unknown, unknown]>[],
  first: unknown,
  second?: unknown,
  third?: unknown,
): Failure | null {
  for (const rule of rules) {
    const refused = rule.check(first, second, third)
    if (refused !== null) return refused
  }
  return null
}
