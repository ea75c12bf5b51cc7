// A check is a row: a name and one question. A list of rows is read in order and the first refusal is the
// answer, so the same input is always refused for the same reason.

import type { Failure } from './failure.ts'

export interface Rule<Subject extends readonly unknown[]> {
  readonly name: string
  readonly check: (...subject: Subject) => Failure | null
}

/** The first refusal, or `null` where no rule refuses. */
export function firstRefusal<Subject extends readonly unknown[]>(
  rules: readonly Rule<Subject>[],
  ...subject: Subject
): Failure | null {
  for (const rule of rules) {
    const refused = rule.check(...subject)
    if (refused !== null) return refused
  }
  return null
}
