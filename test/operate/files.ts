// The files of examples/operate, read for tests.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../../examples/operate')
/** osls, a package of this project, reads serverless.yml with it. */
const { load } = createRequire(createRequire(import.meta.url).resolve('osls/package.json'))('js-yaml') as {
  load(text: string): unknown
}

export const readText = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

export const pathOf = (name: string): string => join(FOLDER, name)

export interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string | number }>>
  readonly Conditions?: Readonly<Record<string, unknown>>
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string
        readonly Condition?: string
        readonly Properties: Readonly<Record<string, any>>
      }
    >
  >
}

export const readTemplate = (name: string): Template => load(readText(name)) as Template

/** A value of a template with parameters filled in: `Ref` and `Fn::Sub`. Other functions stay as they are. */
export function fillIn(value: unknown, parameters: Readonly<Record<string, string | number>>): any {
  if (Array.isArray(value)) return value.map((one) => fillIn(one, parameters))
  if (typeof value !== 'object' || value === null) return value
  const { Ref: name, 'Fn::Sub': text } = value as { Ref?: string; 'Fn::Sub'?: string }
  if (name !== undefined) return parameters[name] ?? value
  if (text !== undefined)
    return text
      .replace(/\$\{([^!}]+)\}/g, (whole, one: string) => String(parameters[one] ?? whole))
      .replaceAll('${!', '${')
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillIn(one, parameters)]))
}

export interface Query {
  /** The first comment line before it. */
  readonly title: string
  readonly sql: string
}

/** The statements of queries.sql, each without its semicolon. */
export const readQueries = (): readonly Query[] =>
  readText('queries.sql')
    .split(/;\n/)
    .map((part) => {
      const lines = part.split('\n')
      const sql = lines.filter((line) => !line.startsWith('--')).join('\n')
      const title = lines
        .slice(
          0,
          lines.findIndex((line) => line.startsWith('SELECT')),
        )
        .findLast((line, index, all) => line.startsWith('-- ') && !(all[index - 1] ?? '').startsWith('-- '))
      return { title: (title ?? '').replace(/^-- /, ''), sql: sql.trim() }
    })
    .filter(({ sql }) => sql !== '')
