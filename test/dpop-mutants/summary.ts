// The end of a run of the mutants: one table, and what went wrong.

import { layOut, paint, type Cell } from '../../cli/table.ts'
import { mistakesIn, type Tally } from './run-mutants.ts'

const MAX_MISTAKES = 40

const count = (number: number): Cell => ({ text: String(number), colour: number === 0 ? 'dim' : 'red' })

const sum = (tallies: readonly Tally[], of: (tally: Tally) => number): number =>
  tallies.reduce((total, tally) => total + of(tally), 0)

const toRow = (tally: Tally): (string | Cell)[] => [
  tally.rule,
  `${tally.algorithms} x ${tally.edges}`,
  String(tally.mutants),
  count(tally.passed.length),
  count(tally.otherwise.length),
  String(tally.goods),
  count(tally.refused.length),
  { text: tally.source, colour: 'dim' },
]

/** Text for a terminal; the last line has the number of mutants. */
export function summarise(tallies: readonly Tally[]): string {
  const mistakes = tallies.flatMap((tally) => mistakesIn(tally).map((text) => `  ${tally.rule}: ${text}`))
  const rest = mistakes.length - MAX_MISTAKES
  const facts = [
    `${sum(tallies, ({ passed }) => passed.length)} passed by mistake`,
    `${sum(tallies, ({ otherwise }) => otherwise.length)} refused for another reason`,
    `${sum(tallies, ({ refused }) => refused.length)} of ${sum(tallies, ({ goods }) => goods)} good requests refused`,
  ]
  const last = `${sum(tallies, ({ mutants }) => mutants)} mutants of ${tallies.length} rules: ${facts.join(', ')}.`
  return [
    layOut(
      [
        'rule',
        'algorithms x edges',
        'mutants',
        'passed by mistake',
        'another reason',
        'good',
        'good refused',
        'source',
      ],
      tallies.map(toRow),
    ),
    ...(mistakes.length === 0 ? [] : ['', ...mistakes.slice(0, MAX_MISTAKES)]),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
    '',
    paint(mistakes.length === 0 ? 'green' : 'red', last),
  ].join('\n')
}
