// The strings of a configuration, by their paths.

import type { LanekeeperConfig } from '../../../shared/index.ts'

/** Every string in a value, with its path. */
export function stringsIn(value: unknown, path: string): string[] {
  if (typeof value === 'string') return [path]
  if (Array.isArray(value)) return value.flatMap((item, index) => stringsIn(item, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) =>
    stringsIn(item, path === '' ? name : `${path}.${name}`),
  )
}

/** A copy in which the string at a path is another one. `take` gets the one that it replaces. */
export function withString(
  config: LanekeeperConfig,
  path: string,
  text: string,
  take: (replaced: string) => void = () => {},
): LanekeeperConfig {
  const copy = JSON.parse(JSON.stringify(config)) as LanekeeperConfig
  const names = path.split(/[.[\]]+/).filter((name) => name !== '')
  const parent = names
    .slice(0, -1)
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], copy) as Record<string, string>
  take(parent[names.at(-1)!]!)
  parent[names.at(-1)!] = text
  return copy
}

/** The path of a setting as OPEN_SETTINGS writes it. */
export const settingAt = (path: string): string =>
  path.replace(/^issuers\.[^.]+/, 'issuers.NAME').replace(/\[\d+\]/g, '[]')
