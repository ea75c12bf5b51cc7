// Runs one property with a number of inputs and counts the outcomes. A failure is returned as a value: the seed, the
// shrunk input and the reason, which is a row for kept.ts.

import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import type { FuzzFixture } from './fixture.ts'
import type { Property } from './property.ts'

export interface PropertyFailure {
  readonly seed: number
  readonly path: string
  readonly input: unknown
  readonly why: string
}

export interface PropertyOutcome {
  readonly runs: number
  /** How often each outcome was seen. */
  readonly seen: Readonly<Record<string, number>>
  readonly failure: PropertyFailure | null
}

export interface PropertyOptions {
  readonly runs: number
  readonly seed: number
  /** Whether to return the first failure instead of the smallest. */
  readonly endOnFailure?: boolean
  readonly onProgress?: (runs: number) => void
}

export async function runProperty(
  property: Property,
  fixture: FuzzFixture,
  { runs, seed, endOnFailure = false, onProgress }: PropertyOptions,
): Promise<PropertyOutcome> {
  const seen: Record<string, number> = {}
  let done = 0
  const details = await fc.check(
    fc.asyncProperty(property.input, async (input) => {
      const outcome = await property.check(input, fixture)
      seen[outcome] = (seen[outcome] ?? 0) + 1
      if (++done % 1_000 === 0) onProgress?.(done)
      // A property without I/O would block signals until its end.
      if (done % 100 === 0) await setImmediate()
    }),
    { numRuns: runs, seed, endOnFailure },
  )
  if (!details.failed) return { runs: details.numRuns, seen, failure: null }
  const why = details.errorInstance instanceof Error ? details.errorInstance.message : 'unknown'
  const failure = {
    seed: details.seed,
    path: details.counterexamplePath ?? '',
    input: details.counterexample![0],
    why,
  }
  return { runs: details.numRuns, seen, failure }
}
