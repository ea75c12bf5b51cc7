// The checks that every section of a configuration uses. None of them repairs a value or throws: it adds a problem with
// its path and returns a harmless value, so that the caller finds the other problems too.

import { OLD_NAME_GOES } from '../platform/version.ts'
import type { AddProblem } from '../plan/values/checks.ts'
import { isJsonObject, type JsonObject } from '../token/strict-json.ts'

export { isJsonObject, type JsonObject }
export { ConfigError, type ConfigProblem } from '../plan/config-error.ts'
export { checkStrings, checkUrl, isNonEmptyString, type AddProblem } from '../plan/values/checks.ts'

export const list = (names: Iterable<string>) => [...names].join(', ')

export function objectAt(
  value: unknown,
  path: string,
  addProblem: AddProblem,
  known?: readonly string[],
  oldNames: readonly string[] = [],
): JsonObject {
  if (!isJsonObject(value)) {
    addProblem(path, value === undefined ? 'is missing' : 'must be an object')
    return {}
  }
  for (const name of known === undefined ? [] : Object.keys(value)) {
    if (!known!.includes(name) && !oldNames.includes(name))
      addProblem(`${path}.${name}`, `is not a setting; known here: ${list(known!)}`)
  }
  return value
}

/** The value of a setting that may have its old name, which adds a warning, and the path under which it is written. */
export function readRenamed(
  given: JsonObject,
  path: string,
  name: string,
  oldName: string,
  addProblem: AddProblem,
): { readonly value: unknown; readonly path: string } {
  const oldPath = `${path}.${oldName}`
  if (!Object.hasOwn(given, oldName)) return { value: given[name], path: `${path}.${name}` }
  if (Object.hasOwn(given, name)) addProblem(oldPath, `is called ${name} now, which is configured, too`)
  else addProblem(oldPath, `is called ${name} now; ${OLD_NAME_GOES}`, undefined, 'warning')
  return { value: given[oldName], path: oldPath }
}

/** The message for a member that no plan can hold, or that makes its object unreadable. No other check can follow. */
export const IMPOSSIBLE_NAME = 'is a name that no member can have'

const IMPOSSIBLE: ReadonlySet<string> = new Set(['__proto__', 'toString', 'valueOf'])

/**
 * Refuses every own member that is `undefined`, at any depth. It does not count as absent: a value that was lost must
 * not remove a restriction, such as `clients`. Refuses members with names that JavaScript reads as well
 * (`IMPOSSIBLE_NAME`).
 */
export function checkMembers(value: unknown, path: string, addProblem: AddProblem): void {
  if (value === undefined) addProblem(path, 'is undefined; give it a value or leave it out')
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkMembers(item, `${path}[${index}]`, addProblem)
  else if (isJsonObject(value))
    for (const [name, item] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`
      if (IMPOSSIBLE.has(name)) addProblem(at, IMPOSSIBLE_NAME)
      else checkMembers(item, at, addProblem)
    }
}

export function checkSeconds(
  value: unknown,
  path: string,
  fallback: number,
  most: number,
  addProblem: AddProblem,
  least = 0,
): number {
  if (value === undefined) return fallback
  if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return value
  addProblem(path, `must be a number of seconds from ${least} to ${most}`)
  return fallback
}

export function checkWhole(
  value: unknown,
  path: string,
  fallback: number,
  least: number,
  most: number,
  addProblem: AddProblem,
): number {
  if (value === undefined) return fallback
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
    return value as number
  addProblem(path, `must be a whole number from ${least} to ${most}`)
  return fallback
}

export function checkFlag(value: unknown, path: string, fallback: boolean, addProblem: AddProblem): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean') addProblem(path, 'must be true or false')
  return value === true
}

export function checkOneOf<const T extends string>(
  value: unknown,
  path: string,
  allowed: readonly T[],
  addProblem: AddProblem,
): T {
  if (allowed.includes(value as T)) return value as T
  addProblem(path, `${value === undefined ? 'is missing' : 'is not known'}; one of: ${list(allowed)}`)
  return allowed[0]!
}

/** An optional setting that is an object; `{}` where it is left out. */
export const optionalObjectAt = (
  value: unknown,
  path: string,
  addProblem: AddProblem,
  known?: readonly string[],
): JsonObject => (value === undefined ? {} : objectAt(value, path, addProblem, known))
