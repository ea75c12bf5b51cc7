// The sentence about a setting in docs/configuration.md, and its row for the JSON Schema. Each section has its own beside
// types and defaults, in a function that nothing calls at run time: a bundler drops it, and would keep an object that
// reads defaults.

import type { Setting } from './setting.ts'

export type Meaning = { readonly meaning: string; readonly row?: Pick<Setting<unknown>, 'accepted'> } & (
  | { readonly default: unknown; readonly absent?: never }
  /** What holds where the setting is left out, in words. */
  | { readonly absent: string; readonly default?: never }
)

/** One for each setting. */
export type Meanings<Name extends string> = Readonly<Record<Name, Meaning>>

/** The members of a type, or of any of its variants. */
export type MemberOf<T> = T extends unknown ? keyof T & string : never

/** By name, or by the path at which the setting stands. */
export type Rows = Readonly<Record<string, Meaning>>

export const below = (path: string, rows: Rows): Rows =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [`${path}.${name}`, row]))
