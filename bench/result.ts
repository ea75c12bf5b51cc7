// What a row found out: samples by contestant and round, and how far that is from what was to be reached.

import { median, ratiosOf, spreadOf, type Spread } from './statistics.ts'
import type { RowName } from './rows.ts'

export type Unit = 'per second' | 'ms' | 'bytes' | 'µs'

export interface Samples {
  readonly name: string
  /** One for each round. */
  readonly samples: readonly number[]
}

/** Contestants that met each other in the same rounds. */
export interface Group {
  readonly title: string
  readonly unit: Unit
  /** Whom the others are divided by; `null` where nothing is compared. */
  readonly reference: string | null
  readonly contestants: readonly Samples[]
}

export interface Target {
  readonly what: string
  /** Which way is good. */
  readonly bound: { readonly least: number } | { readonly most: number }
  readonly unit: '×' | 'bytes'
  readonly reached: Spread
}

export interface RowResult {
  readonly row: RowName
  readonly groups: readonly Group[]
  readonly targets: readonly Target[]
  /** What a reader has to know, in sentences. */
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

/** The group where a ratio is worst for us: a target is met where it is met everywhere. */
export function worst(groups: readonly Group[], name: string, reference: string): Group {
  const sorted = groups.toSorted(
    (a, b) => median(compare(a, name, reference)) - median(compare(b, name, reference)),
  )
  return sorted[0]!
}

/** A figure without a spread. */
export const exactly = (value: number): Spread => ({ median: value, q1: value, q3: value })
