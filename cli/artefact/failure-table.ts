// The failure table of an artefact: the rows of the codes that stand in its modules or in its plan, and no others. No code
// is composed at run time (test/architecture.test.ts), so an artefact can produce no code that does not stand there.

import type { FailureCode, FailureRow } from '../../shared/index.ts'

type Row = Omit<FailureRow, 'hint'>
type Table = Readonly<Partial<Record<FailureCode, FailureRow>>>

/** The module without any row. */
export const EMPTY_TABLE = 'export const FAILURES = {}'

/** The rows of `table` whose codes stand in one of the texts as whole words. */
export function rowsIn(texts: readonly string[], table: Table): Table {
  const words = new Set(texts.flatMap((text) => text.match(/\w+/g) ?? []))
  return Object.fromEntries(Object.entries(table).filter(([code]) => words.has(code)))
}

/**
 * The rows without the hints that a Lambda never sends. A hint is part of a challenge, which only a refusal on a REST API
 * has; there every other refusal than a `forbidden` one is thrown, and an error has no challenge (functions/aws/answer.ts).
 */
export const withLambdaHints = (table: Table): Table =>
  Object.fromEntries(
    Object.entries(table).map(([code, { hint, ...row }]) => [
      code,
      row.gateway === 'forbidden' && hint !== undefined ? { ...row, hint } : row,
    ]),
  )

/** Codes by their rows as JSON, each row without its hint. The rows with the most codes come first. */
function codesByRow(table: Table): readonly (readonly [row: Row, codes: readonly string[]])[] {
  const groups = new Map<string, string[]>()
  for (const [code, { hint: _, ...row }] of Object.entries(table)) {
    const text = JSON.stringify(Object.fromEntries(Object.entries(row).toSorted()))
    groups.set(text, [...(groups.get(text) ?? []), code])
  }
  return [...groups]
    .map(([text, codes]) => [JSON.parse(text) as Row, codes] as const)
    .toSorted(([, one], [, other]) => other.length - one.length)
}

/** The first row without a member that another lacks. `internal_error`, which is in every table, has none such. */
const usualOf = (rows: readonly Row[]): Row =>
  rows.find((row) => rows.every((other) => Object.keys(row).every((name) => Object.hasOwn(other, name))))!

/** The members of `row` that `usual` has not, or with another value. `row` has every member of `usual`. */
const differing = (row: Row, usual: Row): object =>
  Object.fromEntries(Object.entries(row).filter(([name, value]) => usual[name as keyof Row] !== value))

/** The end that most hints share. */
const SHARED_END = ' cannot be used to call this API; send the access token.'

const hintExpression = (hint: string): string =>
  hint.endsWith(SHARED_END)
    ? `${JSON.stringify(hint.slice(0, -SHARED_END.length))} + sharedEnd`
    : JSON.stringify(hint)

/**
 * A module that exports `table` as `FAILURES`. Each distinct row is written once, as its differences from the usual
 * row. The order of the codes is not kept.
 */
export function failureTableModule(table: Table): string {
  const rows = codesByRow(table)
  const usual = usualOf(rows.map(([row]) => row))
  const groups = rows.map(([row, codes]) => [codes.join(' '), differing(row, usual)])
  const hints = Object.entries(table).flatMap(([code, { hint }]) =>
    hint === undefined ? [] : `${code}: ${hintExpression(hint)}`,
  )
  return `
const usual = ${JSON.stringify(usual)}
const sharedEnd = ${JSON.stringify(SHARED_END)}
const hints = { ${hints.join(', ')} }
export const FAILURES = {}
for (const [codes, row] of ${JSON.stringify(groups)})
  for (const code of codes.split(' ')) FAILURES[code] = { ...usual, ...row, hint: hints[code] }
`
}
