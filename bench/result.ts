// The result of a row: samples by contestant and round, and how they compare with the target.

import { median, ratiosOf, spreadOf, type Spread } from './statistics.ts'
import type { RowName } from './rows.ts'

export type Unit = 'per second' | 'ms' | 'bytes' | 'µs'

export interface Samples {
  readonly name: string
  /** One for each round. */
  readonly samples: readonly number[]
}

/** Contestants that were timed in the same rounds. */
export interface Group {
  readonly title: string
  readonly unit: Unit
  /** The contestant that the others are divided by; `null` without a comparison. */
  readonly reference: string | null
  readonly contestants: readonly Samples[]
}

export interface Target {
  readonly what: string
  /** Whether lower or higher is better. */
  readonly bound: { readonly least: number } | { readonly most: number }
  readonly unit: '×' | 'bytes'
  readonly reached: Spread
}

export interface RowResult {
  readonly row: RowName
  readonly groups: readonly Group[]
  readonly targets: readonly Target[]
  /** Notes for the reader, in sentences. */
  readonly notes: readonly string[]
}

export const isMet = ({ bound, reached: { median: reached } }: Target): boolean =>
  'least' in bound ? reached >= bound.least : reached <= bound.most

const samplesOf = (group: Group, name: string): readonly number[] => {
  const found = group.contestants.find((contestant) => contestant.name === name)
  if (found === undefined) throw new Error(`${name} is not in "${group.title}"`)
  return found.samples
}

/** Ratios of one contestant to another, round by round. */
export const compare = (group: Group, name: string, reference: string): number[] =>
  ratiosOf(samplesOf(group, name), samplesOf(group, reference))

export const ratioOf = (group: Group, name: string, reference: string): Spread =>
  spreadOf(compare(group, name, reference))

/** How much more one contestant has than another: the median of the differences, round by round. */
export const addedTo = (group: Group, reference: string, name: string): number => {
  const less = samplesOf(group, reference)
  return median(samplesOf(group, name).map((sample, round) => sample - less[round]!))
}

/** The group with the ratio that is worst for us: a target is met only if every group meets it. */
export function worst(groups: readonly Group[], name: string, reference: string): Group {
  const sorted = groups.toSorted(
    (a, b) => median(compare(a, name, reference)) - median(compare(b, name, reference)),
  )
  return sorted[0]!
}

/** A figure without a spread. */
export const exactly = (value: number): Spread => ({ median: value, q1: value, q3: value })
