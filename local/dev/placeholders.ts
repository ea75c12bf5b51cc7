// `${env:NAME}` in a configuration, as shared/plan/values/substitute.ts reads it.

import { isObject } from './json-object.ts'

const PLACEHOLDER = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g

/** The first variable that a text still needs, or `null`. */
export const placeholderIn = (value: unknown): string | null =>
  typeof value === 'string' ? ([...value.matchAll(PLACEHOLDER)][0]?.[1] ?? null) : null

/** Replaces the variables that there are, in every string. Others stay. */
export function fillIn(value: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === 'string')
    return value.replaceAll(PLACEHOLDER, (whole, name: string) => env[name] || whole)
  if (Array.isArray(value)) return value.map((one) => fillIn(one, env))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillIn(one, env)]))
}
