// The end of a run of the vectors: one table, the stated departures, the wrong verdicts, one line.

import { layOut, paint, type Cell } from '../../cli/table.ts'
import type { Tally } from './tally.ts'

const MAX_IDS = 8
const MAX_WRONG = 50

const sum = (tallies: readonly Tally[], count: (tally: Tally) => number): number =>
  tallies.reduce((total, tally) => total + count(tally), 0)

const count = (number: number, colour: 'red' | 'dim'): string | Cell => ({
  text: String(number),
  ...(number === 0 && colour === 'red' ? { colour: 'dim' } : { colour }),
})

const table = (tallies: readonly Tally[]): string =>
  layOut(
    ['suite', 'put to our code', 'cases', 'as ruled', 'departures', 'not built yet', 'wrong'],
    tallies.map((tally) => [
      tally.suite,
      tally.part,
      String(tally.cases),
      String(tally.asRuled),
      String(tally.departures.length),
      String(tally.notBuilt),
      count(tally.wrong.length, 'red'),
    ]),
  )

function named(ids: readonly string[]): string {
  const rest = ids.length - MAX_IDS
  return `${ids.slice(0, MAX_IDS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Each reason once, with its cases. */
function departures(tallies: readonly Tally[]): string[] {
  const found = new Map<string, string[]>()
  for (const { suite, part, departures: all } of tallies) {
    for (const [reason, stated] of Map.groupBy(all, (departure) => departure.reason)) {
      const ids = named(stated.map(({ id }) => id))
      const line = `    ${stated.length}  ${suite}, ${part}: ${paint('dim', ids)}`
      found.set(reason, [...(found.get(reason) ?? []), line])
    }
  }
  if (found.size === 0) return []
  const lines = [...found].flatMap(([reason, cases]) => [`  ${reason}`, ...cases])
  return ['', 'Departures, where we say otherwise than the data, on purpose:', ...lines]
}

function wrong(tallies: readonly Tally[]): string[] {
  const all = tallies.flatMap((tally) =>
    tally.wrong.map(({ id, what }) => `  ${tally.suite}, ${tally.part}: ${id}\n     ${what}`),
  )
  if (all.length === 0) return []
  const rest = all.length - MAX_WRONG
  return ['', paint('red', 'Wrong:'), ...all.slice(0, MAX_WRONG), ...(rest > 0 ? [`  and ${rest} more`] : [])]
}

/** Text for a terminal; the last line has the number of cases. */
export function summarise(tallies: readonly Tally[]): string {
  const mistakes = sum(tallies, (tally) => tally.wrong.length)
  const cases = sum(tallies, (tally) => tally.cases)
  const facts = [
    `${sum(tallies, (tally) => tally.verdicts)} verdicts`,
    `${sum(tallies, (tally) => tally.departures.length)} stated departures`,
    `${sum(tallies, (tally) => tally.notBuilt)} not built yet`,
    `${mistakes} wrong`,
  ]
  const last = `Ran ${cases} cases: ${facts.join(', ')}.`
  return [
    table(tallies),
    ...departures(tallies),
    ...wrong(tallies),
    '',
    paint(mistakes === 0 ? 'green' : 'red', last),
  ].join('\n')
}
