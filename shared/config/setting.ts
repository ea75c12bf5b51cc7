// A row for a setting: its check and its default. A section reads its members through its rows, in the order in which
// their problems are listed.

import {
  checkFlag,
  checkOneOf,
  checkSeconds,
  checkWhole,
  type AddProblem,
  type JsonObject,
} from './checks.ts'

/** What the check of a row accepts besides the default, in the keywords of JSON Schema (cli/schema). */
export type Accepted =
  | { readonly type: 'integer' | 'number'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'boolean' }
  | { readonly enum: readonly string[] }

export interface Setting<Resolved, Default = Resolved> {
  readonly default: Default
  /** Absent where JSON Schema has no keyword for the check. */
  readonly accepted?: Accepted
  readonly check: (value: unknown, path: string, addProblem: AddProblem) => Resolved
}

/** The rows of a section. */
export type Settings<Name extends string> = Readonly<Record<Name, Setting<unknown>>>

type Resolved<Row> = Row extends Setting<infer Value, unknown> ? Value : never

/** A whole number in a range. */
export const whole = (least: number, most: number, byDefault: number): Setting<number> => ({
  default: byDefault,
  accepted: { type: 'integer', minimum: least, maximum: most },
  check: (value, path, addProblem) => checkWhole(value, path, byDefault, least, most, addProblem),
})

/** A number of seconds in a range, not necessarily whole. */
export const seconds = (least: number, most: number, byDefault: number): Setting<number> => ({
  default: byDefault,
  accepted: { type: 'number', minimum: least, maximum: most },
  check: (value, path, addProblem) => checkSeconds(value, path, byDefault, most, addProblem, least),
})

export const flag = (byDefault: boolean): Setting<boolean> => ({
  default: byDefault,
  accepted: { type: 'boolean' },
  check: (value, path, addProblem) => checkFlag(value, path, byDefault, addProblem),
})

/** One of a list of words. */
export const wordOf = <const Word extends string>(words: readonly Word[]): Setting<Word, undefined> => ({
  default: undefined,
  accepted: { enum: words },
  check: (value, path, addProblem) => checkOneOf(value, path, words, addProblem),
})

/** A setting whose default also holds for `null`. */
export const withDefault = <Value, const Default extends Value>(
  byDefault: Default,
  check: Setting<Value>['check'],
  accepted?: Accepted,
): Setting<Value, Default> => ({
  default: byDefault,
  ...(accepted && { accepted }),
  check: (value, path, addProblem) => check(value ?? byDefault, path, addProblem),
})

/** One of a list of words, by default the first. */
export const firstOf = <const Word extends string>(...words: [Word, ...Word[]]): Setting<Word> =>
  withDefault(words[0], wordOf(words).check, { enum: words })

/** A setting without a default: `null` where it is left out. */
export const optional = <Value>({
  check,
  accepted,
}: Pick<Setting<Value>, 'check' | 'accepted'>): Setting<Value | null> => ({
  default: null,
  ...(accepted && { accepted }),
  check: (value, path, addProblem) => (value === undefined ? null : check(value, path, addProblem)),
})

/** The default of each setting of a section. */
export const defaultsOf = <Rows extends Settings<string>>(rows: Rows) =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.default])) as {
    readonly [Name in keyof Rows]: Rows[Name]['default']
  }

/** A function that reads a member of `given` by its name and checks it with its row. */
export const readerOf =
  <Rows extends Settings<string>>(rows: Rows, given: JsonObject, path: string, addProblem: AddProblem) =>
  <Name extends keyof Rows & string>(name: Name): Resolved<Rows[Name]> =>
    rows[name]!.check(given[name], `${path}.${name}`, addProblem) as Resolved<Rows[Name]>
