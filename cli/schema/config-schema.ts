// The JSON Schema of the configuration. ts-json-schema-generator reads the types of shared/config and their docstrings;
// bounds and defaults come from the rows of the settings. The schema refuses what has the wrong structure. It does not
// check what needs more than that: URLs, names, keys and settings that contradict each other.

import { join } from 'node:path'
import {
  createFormatter,
  createParser,
  createProgram,
  LiteralType,
  SchemaGenerator,
  UnionType,
  type CompletedConfig,
  type SubNodeParser,
} from 'ts-json-schema-generator'
import { SETTING_MEANINGS } from '../../shared/config/meanings.ts'
import { VERSION } from '../../shared/platform/version.ts'

/**
 * A schema or a part of one. Draft-07: installed editors support it whole, and many of them newer drafts only in part
 * (microsoft/vscode#165219).
 */
export interface Schema {
  $ref?: string
  type?: string | string[]
  title?: string
  description?: string
  default?: unknown
  const?: unknown
  enum?: unknown[]
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  minItems?: number
  uniqueItems?: boolean
  minProperties?: number
  deprecated?: boolean | string
  deprecationMessage?: string
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  definitions?: Record<string, Schema>
}

const ROOT = join(import.meta.dirname, '../..')

/** The file of the package that has the schema. */
export const SCHEMA_FILE = 'lanekeeper.schema.json'

const GENERATOR: CompletedConfig = {
  path: join(ROOT, 'shared/config/config.ts'),
  tsconfig: join(ROOT, 'tsconfig.json'),
  type: 'LanekeeperConfig',
  expose: 'export',
  topRef: false,
  jsDoc: 'extended',
  markdownDescription: false,
  fullDescription: false,
  sortProps: false,
  strictTuples: false,
  skipTypeCheck: true,
  encodeRefs: true,
  minify: false,
  extraTags: [],
  additionalProperties: false,
  discriminatorType: 'json-schema',
  functions: 'fail',
}

/** What the types say. The generator cannot follow `keyof typeof TABLE` into the table; the compiler can. */
function schemaOfTypes(): Schema {
  const program = createProgram(GENERATOR)
  const checker = program.getTypeChecker()
  const namesOfTable: SubNodeParser = {
    supportsNode: (node) => /^keyof typeof \w+$/.test(node.getText()),
    createType(node) {
      const type = checker.getTypeAtLocation(node)
      const names = type.isUnion() ? type.types : [type]
      return new UnionType(
        names.map((name) => {
          if (!name.isStringLiteral()) throw new Error(`${node.getText()} has a member that is no string`)
          return new LiteralType(name.value)
        }),
      )
    },
  }
  const parser = createParser(program, GENERATOR, (chain) => chain.addNodeParser(namesOfTable))
  return new SchemaGenerator(program, parser, createFormatter(GENERATOR), GENERATOR).createSchema(
    GENERATOR.type,
  ) as Schema
}

const partsOf = ({ anyOf = [], items, properties = {}, additionalProperties }: Schema): Schema[] => [
  ...anyOf,
  ...(items === undefined ? [] : [items]),
  ...Object.values(properties),
  ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
]

export const definitionOf = (root: Schema, { $ref = '' }: Schema): Schema | undefined =>
  root.definitions?.[decodeURIComponent($ref.replace('#/definitions/', ''))]

/** Calls `visit` with a part of the schema and everything that it reaches, once each. */
export function walk(root: Schema, from: Schema, visit: (part: Schema) => void, seen = new Set<Schema>()) {
  if (seen.has(from)) return
  seen.add(from)
  visit(from)
  const definition = definitionOf(root, from)
  for (const part of [...partsOf(from), ...(definition === undefined ? [] : [definition])])
    walk(root, part, visit, seen)
}

/** The part itself, or the alternatives in it. */
const alternatives = (root: Schema, part: Schema): Schema[] => {
  const definition = definitionOf(root, part)
  if (definition !== undefined) return alternatives(root, definition)
  return part.anyOf === undefined ? [part] : part.anyOf.flatMap((each) => alternatives(root, each))
}

/** A member in the schema, and the object that has it. */
export interface Place {
  readonly part: Schema
  readonly isRequired: boolean
}

/** Every place of a path as docs/configuration.md writes it, as in `issuers.NAME.keys` and `routes[].path`. */
export function placesAt(root: Schema, path: string): Place[] {
  let places: Place[] = [{ part: root, isRequired: true }]
  for (const segment of path.split('.')) {
    const name = segment.replace('[]', '')
    places = places.flatMap(({ part }) =>
      alternatives(root, part).flatMap((each): Place[] => {
        const member = name === 'NAME' ? each.additionalProperties : each.properties?.[name]
        const isRequired = each.required?.includes(name) ?? false
        return typeof member === 'object' ? [{ part: member, isRequired }] : []
      }),
    )
    if (segment.endsWith('[]'))
      places = places.flatMap(({ part }) =>
        alternatives(root, part).flatMap(({ items }) =>
          items === undefined ? [] : [{ part: items, isRequired: false }],
        ),
      )
  }
  return places
}

/** The same settings in an entry of `aws.authorizers` and in a stage. What is left out there has no default. */
const overridesOf = (path: string): string[] => {
  const paths = [path, path.replace(/^aws\./, 'aws.authorizers.NAME.')]
  return [paths[1]!, ...paths.map((each) => `stages.NAME.${each}`)].filter((each) => each !== path)
}

function addRows(root: Schema): void {
  for (const [path, { row, default: byDefault }] of Object.entries(SETTING_MEANINGS)) {
    const places = placesAt(root, path)
    if (places.length === 0) throw new Error(`${path} is in no type`)
    for (const { part, isRequired } of places)
      if (byDefault !== undefined && !isRequired) part.default = byDefault
    const { accepted } = row ?? {}
    // The types have the words of a row.
    if (accepted === undefined || 'enum' in accepted) continue
    for (const each of [path, ...overridesOf(path)])
      for (const { part } of placesAt(root, each)) Object.assign(part, accepted)
  }
}

/** Sections in whose strings `${env:NAME}` is replaced (shared/config/substitute.ts). */
const SUBSTITUTED = ['issuers', 'resources', 'publicUrls', 'revocation', 'dpop', 'mtls', 'origin']

const VARIABLE = '\\$\\{env:[^}]+\\}'

const isWord = (part: Schema): boolean => part.type === 'string' && (part.enum ?? part.const) !== undefined

/** Words of the other sections get schemas of their own, because `allowVariables` changes those that are shared. */
function separateWords(root: Schema): void {
  const others = Object.keys(root.properties!).filter((name) => !SUBSTITUTED.includes(name))
  for (const { part } of others.filter((name) => name !== 'stages').flatMap((name) => placesAt(root, name)))
    walk(root, part, (each) => {
      const definition = definitionOf(root, each)
      if (definition === undefined || !isWord(definition)) return
      delete each.$ref
      Object.assign(each, { ...definition, ...each })
    })
}

/** A word of a list may come from the environment as well. */
function allowVariables(root: Schema): void {
  const words = new Set<Schema>()
  for (const path of SUBSTITUTED.flatMap((name) => [name, `stages.NAME.${name}`]))
    for (const { part } of placesAt(root, path))
      walk(root, part, (each) => {
        if (isWord(each)) words.add(each)
      })
  for (const word of words) {
    const { type, enum: listed, const: only } = word
    for (const keyword of ['type', 'enum', 'const'] as const) delete word[keyword]
    word.anyOf = [
      only === undefined ? { type: type!, enum: listed! } : { type: type!, const: only },
      { type: type!, pattern: VARIABLE },
    ]
  }
}

/** Keywords that neither the types nor the rows have. */
const KEYWORDS: Readonly<Record<string, Schema>> = {
  issuers: { minProperties: 1 },
  'routes[].claims': { minProperties: 1 },
  'routes[].scope': { minProperties: 1 },
  'revocation.logout.clients': { minProperties: 1 },
  'origin.assertion.publicKeys': { minItems: 0 },
  'issuers.NAME.profile.typ[]': { minLength: 0 },
}

/** Strings and lists are not empty, and strings are listed once, as `checkStrings` demands. */
function refuseEmpty(root: Schema): void {
  for (const [path, keywords] of Object.entries(KEYWORDS))
    for (const { part } of placesAt(root, path))
      for (const each of alternatives(root, part)) if (each.const === undefined) Object.assign(each, keywords)
  walk(root, root, (part) => {
    if (part.type === 'string' && part.const === undefined && part.enum === undefined) part.minLength ??= 1
    if (part.type !== 'array') return
    part.minItems ??= 1
    const isOfStrings = alternatives(root, part.items ?? {}).every(({ type }) => type === 'string')
    if (isOfStrings) part.uniqueItems = true
  })
}

/** The JSON Schema of a configuration, for every stage at once. */
export function createConfigSchema(): Schema {
  const { $schema, definitions = {}, ...types } = schemaOfTypes() as Schema & { $schema?: string }
  const root: Schema & { $schema?: string; $id?: string } = {
    ...($schema === undefined ? {} : { $schema }),
    $id: `https://unpkg.com/lanekeeper@${VERSION}/dist/package/${SCHEMA_FILE}`,
    title: 'Lanekeeper configuration',
    ...types,
    definitions,
  }
  // A JWK may have members that are not known (RFC 7517 section 4). A claim is compared to whole numbers alone.
  definitions['JWK'] = {
    type: 'object',
    properties: { kty: { type: 'string' } },
    required: ['kty'],
    description: 'A JSON Web Key (RFC 7517).',
  }
  Object.assign(definitions['ClaimValue']!, { type: ['string', 'integer', 'boolean'], minLength: 1 })
  addRows(root)
  separateWords(root)
  allowVariables(root)
  refuseEmpty(root)
  const reached = new Set<Schema>()
  walk(root, root, (part) => {
    reached.add(part)
    if (typeof part.deprecated !== 'string') return
    part.deprecationMessage = part.deprecated
    part.deprecated = true
  })
  root.definitions = Object.fromEntries(
    Object.entries(definitions)
      .filter(([, definition]) => reached.has(definition))
      .map(([name, definition]) => [name, { title: name, ...definition }]),
  )
  return root
}
