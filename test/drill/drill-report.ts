// The findings of a drill, laid out for a person, and the verdict.

import { layOut, paint, type Cell } from '../../cli/table.ts'
import { INSTANCES } from './edges.ts'
import { megabytes } from './process-info.ts'
import type { DrillResult } from './run-drill.ts'
import { fetchBound } from './schedule.ts'
import { coverageOf, passes, tallyOf, type ComparedRequest, type Shortcomings } from './tally.ts'

/** A number that must be 0. */
const mustBeNone = (number: number): Cell => ({
  text: String(number),
  colour: number === 0 ? 'green' : 'red',
})

const HEADINGS = [
  'phase',
  'edge',
  'requests',
  'allows',
  'denies',
  '503s',
  'wrong',
  'false denials',
  'either',
  'fetches',
  'bound',
  'MB at start',
  'at end',
]

interface Row {
  readonly cells: readonly (string | Cell)[]
  readonly overFetched: boolean
}

function phaseRows({ phases, requests }: DrillResult): Row[] {
  return phases.flatMap(({ phase, seconds, fetches, memory }, index) =>
    INSTANCES.map((instance, place): Row => {
      const tally = tallyOf(requests.filter((one) => one.phase === index && one.instance === instance))
      const bound = fetchBound(seconds)
      const fetched = fetches[instance] ?? 0
      const [start, end] = memory[instance] ?? [null, null]
      const overFetched = fetched > bound
      return {
        overFetched,
        cells: [
          place === 0 ? phase.name : '',
          instance,
          String(tally.requests),
          String(tally.allows),
          String(tally.denies),
          String(tally.unavailable),
          mustBeNone(tally.wrong),
          mustBeNone(tally.falseDenials),
          String(tally.either),
          overFetched ? { text: String(fetched), colour: 'red' } : String(fetched),
          `<= ${bound}`,
          megabytes(start),
          megabytes(end),
        ],
      }
    }),
  )
}

interface CoverageRow {
  readonly instance: string
  readonly age: string
  readonly known: number
  readonly unknown: number
}

const coverageRows = (compared: readonly ComparedRequest[]): CoverageRow[] =>
  INSTANCES.flatMap((instance) =>
    coverageOf(compared.filter((one) => one.instance === instance)).map((row) => ({ instance, ...row })),
  )

/** Of each kind of finding. */
const MOST_EXAMPLES = 6

/** The wrong verdicts in words, for the person who has to find their cause. */
function examples({ requests, phases }: DrillResult): string[] {
  const bad = requests.filter(({ finding }) => finding !== 'right')
  const some = (['wrong', 'false denial'] as const).flatMap((wanted) =>
    bad.filter(({ finding }) => finding === wanted).slice(0, MOST_EXAMPLES),
  )
  const lines = some.map((one) => {
    const right = [...one.right].join(' or ') || 'nothing'
    const name = phases[one.phase]?.phase.name ?? 'after the end'
    return `  ${name}, ${one.instance}: ${one.kind} token, ${one.verdict} where ${right} was right (keys: ${one.age ?? 'in transition'})`
  })
  return bad.length > lines.length ? [...lines, `  and ${bad.length - lines.length} more`] : lines
}

/** The whole report of a drill, and whether it passed. A short drill need not reach every age of the keys. */
export function reportDrill(
  result: DrillResult,
  mustReachAll: boolean,
): { readonly text: string; readonly passed: boolean } {
  const rows = phaseRows(result)
  const coverage = coverageRows(result.requests)
  const all = tallyOf(result.requests)
  const found: Shortcomings = {
    wrong: all.wrong,
    falseDenials: all.falseDenials,
    overFetched: rows.filter(({ overFetched }) => overFetched).length,
    unreached: coverage.flatMap(({ known, unknown }) => [known, unknown]).filter((count) => count === 0)
      .length,
    unsent: result.unsent,
    trapped: result.trapped,
  }
  const passed = passes(mustReachAll ? found : { ...found, unreached: 0 })
  const hostileAllows = result.requests.filter(
    ({ verdict, right }) => verdict === 'allow' && !right.has('allow'),
  ).length
  const fetches = result.phases
    .flatMap((phase) => Object.values(phase.fetches))
    .reduce((sum, n) => sum + n, 0)
  const verdict =
    `${all.requests} requests: ${all.allows} allows, ${all.denies} denies, ${all.unavailable} 503s; ` +
    `${all.wrong} wrong verdicts (${hostileAllows} of them allows), ${all.falseDenials} false denials, ` +
    `${fetches} fetches to the issuer, ${found.overFetched} times more than the bound, ` +
    `${found.unreached} ages of keys not reached, ${found.unsent} requests not sent, ` +
    `${found.trapped} where no edge may go.`
  const text = [
    layOut(
      HEADINGS,
      rows.map(({ cells }) => cells),
    ),
    '',
    'Requests decided while the keys held were certainly of this age, by known and by random unknown kid:',
    layOut(
      ['edge', 'age of the keys', 'known kid', 'unknown kid'],
      coverage.map(({ instance, age, known, unknown }) => [
        instance,
        age,
        known === 0 ? mustBeReached : String(known),
        unknown === 0 ? mustBeReached : String(unknown),
      ]),
    ),
    ...(all.wrong + all.falseDenials === 0 ? [] : ['', ...examples(result)]),
    '',
    paint(passed ? 'green' : 'red', `${passed ? 'As it should be' : 'NOT as it should be'}: ${verdict}`),
  ].join('\n')
  return { text, passed }
}

const mustBeReached: Cell = { text: '0', colour: 'red' }
