// The direction of imports: what each folder may import, and no cycle across all folders. The core knows no platform:
// the compiler enforces `types: []`, this test enforces its imports and the globals that it may use.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { FAILURES } from '../shared/index.ts'

const ROOT = resolve(import.meta.dirname, '..')

const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))

const importsOf = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:from\s+|import\s*\(?\s*)'([^']+)'/g)].map(
    (match) => match[1]!,
  )

const targetOf = (file: string, specifier: string): string =>
  specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier

/** The text of a file without its comments. */
const codeOf = (file: string): string =>
  readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')

const core = filesBelow('shared')

const LIBRARIES = [
  'jose',
  'jose/base64url',
  'jose/jwk/thumbprint',
  'jose/jwt/sign',
  'jose/key/import',
  '@noble/hashes/hmac.js',
  '@noble/hashes/sha2.js',
]

test('the core imports only itself and the listed libraries', () => {
  const unlisted = core.flatMap((file) =>
    importsOf(file)
      .map((specifier) => targetOf(file, specifier))
      .filter((target) => !target.startsWith('shared/') && !LIBRARIES.includes(target))
      .map((target) => `${file} imports ${target}`),
  )
  expect(unlisted).toEqual([])
})

const AMBIENT = [
  'process',
  'Buffer',
  'console',
  'Date.now',
  'globalThis',
  'setTimeout',
  'navigator',
  'Math.random',
]

test('the core uses no ambient clock, network, console or platform', () => {
  const uses = core.flatMap((file) => {
    const code = codeOf(file)
    return AMBIENT.filter((name) =>
      new RegExp(`(?<![\\w.'])${name.replace('.', '\\.')}\\b(?!['\\w])`).test(code),
    ).map((name) => `${file} uses ${name}`)
  })
  expect(uses).toEqual([])
})

test('the core fetches through its port alone', () => {
  const uses = core.filter((file) => /(?<![\w.])fetch\(/.test(readFileSync(join(ROOT, file), 'utf8')))
  expect(uses).toEqual(['shared/platform/bounded-fetch.ts'])
  expect(readFileSync(join(ROOT, 'shared/platform/bounded-fetch.ts'), 'utf8')).toContain(
    "fetch: Ports['fetch']",
  )
})

/** What each folder may import besides itself. `local/api-gateway` is an emulator that can be used alone. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  functions: ['shared/index.ts', 'shared/edge.ts', 'shared/compiler.ts', 'shared/parts'],
  'functions/fetch': ['shared/index.ts', 'shared/edge.ts', 'shared/parts'],
  'local/api-gateway': [],
  cli: [
    ...['shared/index.ts', 'shared/edge.ts', 'shared/compiler.ts'],
    ...['functions', 'local/api-gateway', 'lanekeeper.config.ts'],
    ...['local/dev', 'local/issuer'], // of `lanekeeper dev` and `token`
    'shared/config/meanings.ts', // of the JSON Schema
    'shared/platform/version.ts',
  ],
  local: ['shared/index.ts', 'shared/compiler.ts', 'functions', 'cli', 'examples', 'lanekeeper.config.ts'],
  examples: ['shared/index.ts', 'functions', 'lanekeeper.config.ts'],
}

test.each(Object.entries(MAY_IMPORT))('%s imports only what it may', (folder, allowed) => {
  const isIn = (target: string, place: string) => target === place || target.startsWith(`${place}/`)
  const past = filesBelow(folder).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => targetOf(file, specifier))
      .filter((target) => ![folder, ...allowed].some((place) => isIn(target, place)))
      .map((target) => `${file} imports ${target}`),
  )
  expect(past).toEqual([])
})

/** The files of the constructs that only decide: they are tested without aws-cdk-lib. */
const PURE = ['access-log', 'artefact', 'gateway-responses', 'problems', 'rights', 'settings'].map(
  (name) => `functions/aws/cdk/${name}.ts`,
)

/** Has the text of files that import it, and imports it not itself. */
const WRITES_CDK = 'cli/init/cdk-files.ts'

test('aws-cdk-lib is imported by the constructs alone, and by none of the files that decide what they set', () => {
  const ofCdk = (file: string) =>
    importsOf(file).some((specifier) => /^(?:aws-cdk-lib|constructs)(?:\/|$)/.test(specifier))
  const all = [...core, ...['functions', 'cli', 'local'].flatMap(filesBelow)].filter(
    (file) => file !== WRITES_CDK,
  )
  const importers = all.filter(ofCdk)
  expect(importers.filter((file) => !file.startsWith('functions/aws/cdk/'))).toEqual([])
  expect(importers.filter((file) => PURE.includes(file))).toEqual([])
  expect(importers).toContain('functions/aws/cdk/function.ts')
  const reached = all
    .filter((file) => !file.startsWith('functions/aws/cdk/'))
    .filter((file) =>
      importsOf(file).some((specifier) => targetOf(file, specifier).startsWith('functions/aws/cdk/')),
    )
  expect(reached).toEqual([])
})

/** Header fields of every platform and product, as data. */
const FIELD_LISTS = ['functions/fetch/spoofable-fields.ts', 'functions/fetch/spoofable-field-readers.ts']

test('functions/fetch names no platform', () => {
  const files = filesBelow('functions/fetch').filter((file) => !FIELD_LISTS.includes(file))
  const names = files.filter((file) =>
    /\bcf\b|\bcache(?:Ttl|Level)\b|cloudflare|workerd|wrangler/i.test(codeOf(file)),
  )
  expect(names).toEqual([])
})

test('no file of the core has more than 300 lines, and the wiring has no more than 150', () => {
  const linesOf = (file: string) => readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1
  expect(core.filter((file) => linesOf(file) > 300)).toEqual([])
  expect(linesOf('shared/authorizer.ts')).toBeLessThan(150)
})

/** The imports that remain in the compiled code: type imports are removed. */
const runningImportsOf = (file: string): string[] =>
  [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(
      /^(?:import|export)(?! type )[^;'"]*?(?:from )?'([^']+)'/gm,
    ),
  ].map((match) => match[1]!)

/** What resolves a configuration, and the exports of the package. */
const ABOVE_CONFIG = ['shared/authorizer.ts', 'shared/compiler.ts', 'shared/index.ts']

test('the rooms of the core know a configuration by its types alone', () => {
  const uses = core
    .filter((file) => !file.startsWith('shared/config/') && !ABOVE_CONFIG.includes(file))
    .flatMap((file) =>
      runningImportsOf(file)
        .map((specifier) => targetOf(file, specifier))
        .filter((target) => target.startsWith('shared/config/'))
        .map((target) => `${file} imports ${target}`),
    )
  expect(uses).toEqual([])
})

/** The modules that the entry of an artefact may import, besides the parts. */
const STARTS = [
  'functions/aws/emf-report.ts',
  'functions/aws/logout.ts',
  'functions/aws/metadata.ts',
  'functions/aws/planned-handler.ts',
  'functions/cloudflare/planned-worker.ts',
  'functions/cloudflare/store/planned-store.ts',
]

/** Every module that a running module imports, directly or not, also when a dynamic import loads it. */
function reachedFrom(starts: readonly string[]): readonly string[] {
  const reached = new Set(starts)
  for (const file of reached) {
    const dynamic = [...codeOf(file).matchAll(/(?<!typeof )import\('([^']+)'\)/g)].map((match) => match[1]!)
    for (const specifier of [...runningImportsOf(file), ...dynamic])
      if (/^\..*\.ts$/.test(specifier)) reached.add(targetOf(file, specifier))
  }
  return [...reached]
}

test('nothing that is deployed reaches shared/config', () => {
  const parts = ['shared/parts', 'functions/aws/parts', 'functions/fetch/parts'].flatMap(filesBelow)
  const deployed = reachedFrom([...STARTS, ...parts])
  expect(deployed).toContain('shared/pipeline.ts')
  expect(deployed.filter((file) => !/^(?:shared|functions)\//.test(file))).toEqual([])
  expect(deployed.filter((file) => file.startsWith('shared/config/'))).toEqual([])
})

test('what is always deployed imports no part', () => {
  const deployed = reachedFrom(STARTS)
  const isPart = (file: string) => /\/parts\/(?!parts\.ts$)/.test(file)
  expect(deployed.filter(isPart)).toEqual([])
})

test('no import leads back to its own file', () => {
  const all = [...core, ...['functions', 'cli', 'local', 'examples'].flatMap(filesBelow)]
  // config/ uses the checks of the rooms, and the rooms import its types, which are gone at run time.
  const namesTypeOfConfig = (file: string, specifier: string) =>
    targetOf(file, specifier).startsWith('shared/config/') &&
    !file.startsWith('shared/config/') &&
    !runningImportsOf(file).includes(specifier)
  const graph = new Map(
    all.map((file) => [
      file,
      importsOf(file)
        .filter((specifier) => !namesTypeOfConfig(file, specifier))
        .map((specifier) => targetOf(file, specifier)),
    ]),
  )
  const done = new Set<string>()

  /** The first cycle found from a file, without the path that leads to the cycle. */
  function findCircle(file: string, path: readonly string[] = []): readonly string[] | null {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    for (const target of graph.get(file) ?? []) {
      const circle = findCircle(target, [...path, file])
      if (circle !== null) return circle
    }
    done.add(file)
    return null
  }

  const circles = all.map((file) => findCircle(file)).filter((circle) => circle !== null)
  expect(circles.slice(0, 1)).toEqual([])
})

test('no failure code is composed, so that a search of the modules finds each one', () => {
  const codes = Object.keys(FAILURES)
  const composed = ['shared', 'functions']
    .flatMap(filesBelow)
    .flatMap((file) =>
      [...codeOf(file).matchAll(/(\w*_)(?:\$\{|['"`] *\+)|(?:\}|\+ *['"`])(_\w*)/g)]
        .filter(([, start, end]) =>
          codes.some((code) => (start !== undefined ? code.startsWith(start) : code.endsWith(end!))),
        )
        .map(([text]) => `${file}: ${text}`),
    )
  expect(composed).toEqual([])
})
