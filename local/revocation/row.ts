// A row of the table: what was done, what every edge should answer then, and what it answered.

import { layOut, type Cell } from '../../cli/table.ts'
import type { Edge } from './services.ts'
import type { Observation } from './watch.ts'

/** In the order of the edges; `null`: the row is not about this edge. */
export type Observations = readonly (Observation | null)[]

export interface Row {
  readonly what: string
  readonly expected: string
  readonly seen: Observations
  /** Seconds are shown from then on (`performance.now()`), beside the bound of each edge; `null`: none of this edge. */
  readonly times?: { readonly since: number; readonly boundOf: (edge: Edge) => number | null }
  /** What is wrong besides the answers. */
  readonly more?: readonly string[]
}

const toCell = ({ times }: Row, edge: Edge, observation: Observation | null): string | Cell => {
  if (observation === null) return '-'
  const { status, sentAt, problem } = observation
  if (problem !== null) return { text: String(status), colour: 'red' }
  const bound = times?.boundOf(edge) ?? null
  if (bound === null) return String(status)
  return `${status}, ${(Math.max(0, sentAt - times!.since) / 1000).toFixed(1)} of ${bound} s`
}

export const problemsOf = (
  { seen, more = [] }: Pick<Row, 'seen' | 'more'>,
  edges: readonly Edge[],
): readonly string[] => [
  ...seen.flatMap((observation, index) =>
    observation === null || observation.problem === null
      ? []
      : [`${edges[index]!.title} ${observation.problem}`],
  ),
  ...more,
]

/** The table, and below it what is wrong. */
export function describeRows(rows: readonly Row[], edges: readonly Edge[]): string {
  const table = layOut(
    ['#', 'what', 'expected', ...edges.map(({ title }) => title), ''],
    rows.map((row, index) => [
      String(index + 1).padStart(2),
      row.what,
      row.expected,
      ...edges.map((edge, at) => toCell(row, edge, row.seen[at]!)),
      problemsOf(row, edges).length === 0
        ? { text: 'as it should', colour: 'green' as const }
        : { text: 'WRONG', colour: 'red' as const },
    ]),
  )
  const problems = rows.flatMap((row, index) =>
    problemsOf(row, edges).map((problem) => `row ${index + 1}: ${problem}`),
  )
  return [table, ...problems].join('\n')
}
