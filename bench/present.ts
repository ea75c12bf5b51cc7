// Formats the results for a person: a table for each group, and one for the targets.

import { layOut, paint, type Cell } from '../cli/table.ts'
import { isMet, ratioOf, type Group, type RowResult, type Target, type Unit } from './result.ts'
import { titleOf } from './rows.ts'
import { spreadOf, type Spread } from './statistics.ts'

const DIGITS: Readonly<Record<Unit, number>> = { 'per second': 0, ms: 2, µs: 1, bytes: 0 }

export const figure = (value: number, digits = 0): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

const between = ({ q1, q3 }: Spread, digits: number): string =>
  `${figure(q1, digits)} to ${figure(q3, digits)}`

/** Figures without a spread and without a reference to compare with. */
const presentPlain = ({ title, unit, contestants }: Group): string =>
  layOut(
    [title, unit],
    contestants.map(({ name, samples }) => [name, figure(spreadOf(samples).median, DIGITS[unit])]),
  )

/** Median and quartiles of every contestant, and of its ratio to the reference. */
export function presentGroup(group: Group): string {
  const { title, unit, reference, contestants } = group
  if (reference === null) return presentPlain(group)
  const digits = DIGITS[unit]
  const rows = contestants.map(({ name, samples }): (string | Cell)[] => {
    const spread = spreadOf(samples)
    const ratio = ratioOf(group, name, reference)
    return [
      name === 'lanekeeper' ? { text: name, colour: 'bold' } : name,
      figure(spread.median, digits),
      between(spread, digits),
      figure(ratio.median, 2),
      between(ratio, 2),
    ]
  })
  return layOut([title, unit, 'quartiles', `/ ${reference}`, 'quartiles'], rows)
}

export function presentRow({ row, groups, notes }: RowResult): string {
  const title = paint('bold', `${row}: ${titleOf(row)}`)
  return [title, ...groups.map(presentGroup), notes.map((note) => `- ${note}`).join('\n')]
    .filter((part) => part !== '')
    .join('\n\n')
}

export const targetText = ({ bound, unit }: Target): string =>
  'least' in bound
    ? `at least ${figure(bound.least, 2)}`
    : `at most ${unit === 'bytes' ? `${figure(bound.most)} bytes` : figure(bound.most, 2)}`

export const reachedText = ({ reached, unit }: Target): string =>
  unit === 'bytes' ? `${figure(reached.median)} bytes` : figure(reached.median, 2)

/** Every target, the result, and whether the target is met. */
export const presentTargets = (results: readonly RowResult[]): string =>
  layOut(
    ['target', 'to reach', 'reached', 'quartiles', 'met'],
    results.flatMap(({ targets }) =>
      targets.map((target) => [
        target.what,
        targetText(target),
        reachedText(target),
        target.unit === 'bytes' ? '' : between(target.reached, 2),
        isMet(target) ? { text: 'yes', colour: 'green' as const } : { text: 'no', colour: 'red' as const },
      ]),
    ),
  )
