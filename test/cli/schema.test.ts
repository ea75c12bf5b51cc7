// The JSON Schema agrees with `resolveConfig`: about every configuration of the tests and the pages, and about good
// configurations that are changed in one place. `problemsOf` compares the two for every row about a problem.

import { Ajv } from 'ajv'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createConfigSchema,
  definitionOf,
  placesAt,
  walk,
  type Schema,
} from '../../cli/schema/config-schema.ts'
import shipped from '../../lanekeeper.config.ts'
import { SETTING_MEANINGS } from '../../shared/config/meanings.ts'
import { VERSION } from '../../shared/platform/version.ts'
import { soakConfig } from '../drill/soak-config.ts'
import { startCaseWorld } from '../support/case-world.ts'
import { GOOD, problemsOf, withMember } from '../support/config-problems.ts'
import { FULL_CONFIGS, FULL_ENVIRONMENT } from '../support/full-configs.ts'
import { configSchema, findDisagreement, schemaErrors } from '../support/schema-agreement.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

const schema = configSchema()

test('is a schema of draft-07, the same each time', () => {
  expect(new Ajv().validateSchema(schema)).toBe(true)
  expect(schema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `https://unpkg.com/lanekeeper@${VERSION}/dist/package/lanekeeper.schema.json`,
    title: 'Lanekeeper configuration',
  })
  expect(JSON.stringify(createConfigSchema())).toBe(JSON.stringify(schema))
})

test('is at the path that the package exports and its $id names', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> }
  expect(exports['./schema.json']).toEqual({ default: './dist/package/lanekeeper.schema.json' })
})

/** Every path of a setting, as docs/configuration.md writes it, and the alternatives that stand there. */
function settings(part: Schema, path: string, found = new Map<string, Schema[]>()): Map<string, Schema[]> {
  const definition = definitionOf(schema, part)
  if (definition !== undefined) return settings(definition, path, found)
  for (const each of part.anyOf ?? []) settings(each, path, found)
  if (part.anyOf !== undefined) return found
  found.set(path, [...(found.get(path) ?? []), part])
  const below = (name: string) => (path === '' ? name : `${path}.${name}`)
  if (part.items !== undefined) settings(part.items, `${path}[]`, found)
  for (const [name, member] of Object.entries(part.properties ?? {})) settings(member, below(name), found)
  if (typeof part.additionalProperties === 'object') settings(part.additionalProperties, below('NAME'), found)
  return found
}

const SETTINGS = settings(schema, '')

type Step = string | number

/** A place in a configuration, and its path as docs/configuration.md writes it. */
interface Location {
  readonly steps: readonly Step[]
  readonly path: string
  readonly value: unknown
}

function locationsIn(value: unknown, path = '', steps: readonly Step[] = []): Location[] {
  const here = { steps, path, value }
  if (Array.isArray(value))
    return [here, ...value.flatMap((item, index) => locationsIn(item, `${path}[]`, [...steps, index]))]
  if (typeof value !== 'object' || value === null) return [here]
  return [
    here,
    ...Object.entries(value).flatMap(([name, member]) => {
      const named = path === '' ? name : `${path}.${name}`
      const known = SETTINGS.has(named) ? named : `${path}.NAME`
      return locationsIn(member, known, [...steps, name])
    }),
  ]
}

/** A copy of the configuration with the value at a place changed. */
function changed(
  config: unknown,
  steps: readonly Step[],
  change: (parent: any, step: Step) => void,
): unknown {
  const holder = { config: structuredClone(config) as any }
  const all = ['config', ...steps]
  const parent = all.slice(0, -1).reduce((at: any, step) => at[step], holder)
  change(parent, all.at(-1)!)
  return holder.config
}

const replaced = (config: unknown, steps: readonly Step[], value: unknown): unknown =>
  changed(config, steps, (parent, step) => void (parent[step] = value))

/** Members of a key are those of RFC 7517 and more. */
const isKey = (path: string): boolean => /(?:jwks\.keys|publicKeys)\[\]/.test(path)

const problemsIn = (config: unknown): string[] => problemsOf(config, FULL_ENVIRONMENT)

const placesOfKeys = (): unknown[] =>
  ['origin.assertion.publicKeys[]', 'issuers.NAME.keys.jwks.keys[]'].map((path) => SETTINGS.get(path)![0])

describe.each(Object.entries(FULL_CONFIGS))('a good configuration %s', (_, config) => {
  const locations = locationsIn(config)
  const objects = locations.filter(({ value }) => typeof value === 'object' && !Array.isArray(value))

  test('is accepted by both', () => {
    expect(problemsIn(config)).toEqual([])
    expect(schemaErrors(config)).toEqual([])
  })

  test('is refused by both with an unknown member anywhere', () => {
    for (const { steps, path, value } of objects.filter(({ path }) => !isKey(path))) {
      const other = replaced(config, steps, { ...(value as object), 'no setting': 0 })
      expect([path, problemsIn(other).length > 0, schemaErrors(other).length > 0]).toEqual([path, true, true])
    }
  })

  const disagreements = (others: readonly (readonly [what: string, config: unknown])[]): string[] =>
    others.flatMap(([what, other]) => {
      try {
        problemsIn(other)
        return []
      } catch (error) {
        return [`${what}: ${(error as Error).message}`]
      }
    })

  test('has no member without which the two disagree', () => {
    const without = locations
      .filter(({ steps }) => typeof steps.at(-1) === 'string')
      .map(
        ({ steps, path }) =>
          [path, changed(config, steps, (parent, step) => void delete parent[step])] as const,
      )
    expect(disagreements(without)).toEqual([])
  })

  test.each([[true], [0], [-1], [1.5], [1e9], [''], ['x'], [[]], [{}], [['x']], [['x', 'x']], [[0]]])(
    'has no member about which the two disagree when it is %j',
    (value) => {
      const others = locations
        .filter(({ path }) => !isKey(path))
        .map(({ steps, path }) => [path, replaced(config, steps, value)] as const)
      expect(disagreements(others)).toEqual([])
    },
  )

  test('may have a word from the environment where the schema says so, and nowhere else', () => {
    for (const { steps, path, value } of locations) {
      const isWord = SETTINGS.get(path)?.some((part) => (part.enum ?? [part.const]).includes(value))
      if (!isWord || typeof value !== 'string') continue
      const other = replaced(config, steps, '${env:WORD}')
      const env = { ...FULL_ENVIRONMENT.env, WORD: value }
      expect([path, problemsOf(other, { env }).length > 0]).toEqual([path, schemaErrors(other).length > 0])
    }
  })
})

const NUMBERS = [...SETTINGS].filter(
  ([path, parts]) =>
    parts.some(({ type }) => type === 'integer' || type === 'number') && !path.startsWith('stages.'),
)

/** Each setting that is a reference to a secret can have each of these. */
const OF_A_SECRET = /\.(?:env|secretsStore|secretsManager|field|versionStage)$/

test('the good configurations have every setting', () => {
  const had = new Set(
    Object.values(FULL_CONFIGS)
      .flatMap((config) => locationsIn(config))
      .map(({ path }) => path),
  )
  expect(
    [...SETTINGS.keys()].filter(
      (path) => !path.startsWith('stages') && !OF_A_SECRET.test(path) && !had.has(path),
    ),
  ).toEqual([])
})

test.each(NUMBERS)('%s has the bounds that the check has', (path, parts) => {
  const [bounds, ...others] = parts.map(({ type, minimum, maximum }) => ({ type, minimum, maximum }))
  for (const other of others) expect(other).toEqual(bounds)
  const { type, minimum = NaN, maximum = NaN } = bounds!
  const step = type === 'integer' ? 1 : 0.01
  const places = Object.values(FULL_CONFIGS).flatMap((config) =>
    locationsIn(config)
      .filter((each) => each.path === path)
      .map(({ steps }) => ({ config, steps })),
  )
  expect(places.length).toBeGreaterThan(0)
  const isBound = (problem: string) => /: must be a (?:whole number|number of seconds) from /.test(problem)
  for (const { config, steps } of places)
    for (const [value, isIn] of [
      [minimum, true],
      [maximum, true],
      [minimum - step, false],
      [maximum + step, false],
    ] as const) {
      const other = replaced(config, steps, value)
      expect([path, value, !problemsIn(other).some(isBound)]).toEqual([path, value, isIn])
      expect([path, value, schemaErrors(other).length === 0]).toEqual([path, value, isIn])
    }
})

describe('what a row accepts is what the schema says', () => {
  const rows = Object.entries(SETTING_MEANINGS).flatMap(([path, { row }]) =>
    row?.accepted === undefined ? [] : [[path, row.accepted] as const],
  )

  test.each(rows)('%s', (path, accepted) => {
    const parts = SETTINGS.get(path)!
    const words = parts.flatMap(
      ({ enum: listed, const: only }) => listed ?? (only === undefined ? [] : [only]),
    )
    if ('enum' in accepted) expect(new Set(words)).toEqual(new Set(accepted.enum))
    else
      for (const part of [...parts, ...(SETTINGS.get(`stages.NAME.${path}`) ?? [])])
        expect(part).toMatchObject(accepted)
  })
})

test('defaults are those of docs/configuration.md', () => {
  for (const [path, { default: byDefault }] of Object.entries(SETTING_MEANINGS))
    for (const { part, isRequired } of placesAt(schema, path))
      expect([path, part.default]).toEqual([path, isRequired ? undefined : byDefault])
})

test('every object is closed, but for keys, and every section is described', () => {
  const open: Schema[] = []
  walk(schema, schema, (part) => {
    if (part.type === 'object' && part.additionalProperties === undefined) open.push(part)
  })
  expect(open).toEqual(placesOfKeys())
  for (const [name, { description }] of Object.entries(schema.properties!))
    expect([name, description]).toEqual([name, expect.stringMatching(/\w{3}/)])
})

describe('configurations of the project', () => {
  test('of the case rows, the soak and lanekeeper.config.ts are accepted', async () => {
    const world = await startCaseWorld()
    try {
      for (const config of [world.config, soakConfig('https://soak.example'), shipped, GOOD])
        expect(schemaErrors(config)).toEqual([])
      expect(Object.keys(shipped.stages!)).toContain('local')
    } finally {
      await world.close()
    }
  })

  /** The recipes for people who change the code show settings that are not there yet. */
  const PAGES = [
    'README.md',
    ...readdirSync(join(ROOT, 'docs'))
      .filter((name) => name.endsWith('.md') && !name.startsWith('adding-'))
      .map((name) => `docs/${name}`),
  ]

  /** The examples of a page that are members of a configuration, issuers or members of an issuer. */
  function examplesOf(page: string): unknown[] {
    return [...read(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => {
      const [, argument = `{${block}}`] = /^export default defineConfig\(([\s\S]*)\)\n$/m.exec(block) ?? []
      let example: Record<string, any>
      try {
        example = new Function(`return (${argument})`)()
      } catch {
        return []
      }
      const names = Object.keys(example)
      if (names.every((name) => name in schema.properties!)) return [{ ...GOOD, ...example }]
      if (names.every((name) => SETTINGS.has(`issuers.NAME.${name}`)))
        return [withMember('issuers.main', { ...GOOD.issuers['main'], ...example })]
      const isIssuer = (value: any) =>
        ['keys', 'introspection', 'check'].some((name) => name in Object(value))
      return Object.values(example).every(isIssuer) ? [{ ...GOOD, issuers: example }] : []
    })
  }

  test('that pages show are accepted', () => {
    const examples = PAGES.flatMap((page) => examplesOf(page).map((example) => [page, example] as const))
    expect(examples.map(([page]) => page)).toEqual(
      expect.arrayContaining([
        'README.md',
        ...['cloudflare', 'configuration', 'opaque-tokens', 'providers'].map((name) => `docs/${name}.md`),
      ]),
    )
    for (const [page, example] of examples) expect([page, schemaErrors(example)]).toEqual([page, []])
  })
})

test('a disagreement is found', () => {
  expect(findDisagreement({}, [])).toMatch(/^resolveConfig accepts what the schema refuses: /)
  expect(findDisagreement(GOOD, ['routes[0].scope: must be a number'])).toMatch(/^the schema accepts what /)
  expect(findDisagreement(GOOD, ['issuers.main.issuer: is not an absolute URL'])).toBeNull()
})
