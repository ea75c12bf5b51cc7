// Every name that the package exports has a doc comment where it is declared. Read with the compiler, which follows
// re-exports and joins declarations; `npm run docs:api` makes pages from the same comments.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { API, SymbolFlags } from 'typescript/unstable/sync'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

interface Export {
  /** `lanekeeper createAuthorizer`. */
  readonly id: string
  readonly doc: string
  /** Names of tags, without `@`. */
  readonly tags: readonly string[]
}

/** Where somebody begins who has the package for the first time. */
const WITH_EXAMPLE = [
  'lanekeeper createAuthorizer',
  'lanekeeper defineConfig',
  'lanekeeper/cloudflare createWorker',
  'lanekeeper/aws createHandler',
  'lanekeeper/node nodeCryptoAsync',
  'lanekeeper/cdk LanekeeperHttpAuthorizer',
]

/** What compiles the package. */
const PROJECTS = ['tsconfig.package.json', 'functions/aws/cdk/tsconfig.json']

/** By the name under which it is imported, the source of each entry that is code. */
function readEntries(): [string, string][] {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly exports: Readonly<Record<string, { readonly types?: string }>>
  }
  return Object.entries(manifest.exports).flatMap(([entry, { types }]): [string, string][] =>
    types === undefined
      ? []
      : [
          [
            join(manifest.name, entry),
            join(ROOT, types.replace('./dist/package/', '').replace(/\.d\.ts$/, '.ts')),
          ],
        ],
  )
}

function readExports(): Export[] {
  const api = new API({ cwd: ROOT })
  try {
    const projects = api
      .updateSnapshot({ openProjects: PROJECTS.map((name) => join(ROOT, name)) })
      .getProjects()
    return readEntries().flatMap(([entry, file]) => {
      const { program, checker } = projects.find((one) => one.program.getSourceFile(file) !== undefined)!
      const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
      return checker.getExportsOfModule(module).map((exported) => {
        const symbol = exported.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
        return {
          id: `${entry} ${exported.name}`,
          doc: checker.getDocumentationCommentOfSymbol(symbol).trim(),
          tags: checker.getJsDocTagsOfSymbol(symbol).map((tag) => tag.name),
        }
      })
    })
  } finally {
    api.close()
  }
}

const found = readExports()

test('the exports of all five entries are read', () => {
  const entries = new Set(found.map(({ id }) => id.split(' ')[0]))
  expect([...entries]).toEqual([
    'lanekeeper',
    'lanekeeper/cloudflare',
    'lanekeeper/aws',
    'lanekeeper/cdk',
    'lanekeeper/node',
  ])
  expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(WITH_EXAMPLE))
})

test('every exported name has a doc comment at its declaration', () => {
  const bare = found.filter(({ doc }) => doc === '')
  expect(bare.map(({ id }) => id)).toEqual([])
})

test('the main function of each entry has an @example', () => {
  const bare = found.filter(({ id, tags }) => WITH_EXAMPLE.includes(id) && !tags.includes('example'))
  expect(bare.map(({ id }) => id)).toEqual([])
})
