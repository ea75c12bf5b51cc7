// docs/migrating: every configuration builds, the tables have every request, and what has not been observed has a source.
// test/system/migrating.test.ts compares configurations with their deployment files. That the tables are right is seen by
// `npm run test:migrations`, and by test/edges/migrating.test.ts where no further package is needed.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../../cli/commands.ts'
import { createCommandIo } from '../support/command-io.ts'
import { exampleFilesOf } from '../support/example-files.ts'
import { writeFiles } from '../support/hand-made-project.ts'
import { PAGES } from '../migrations/pages.ts'
import { REQUESTS } from '../migrations/requests.ts'
import { differencesIn, readMadeTable, type Table } from '../migrations/tables.ts'

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'docs/migrating')
const NAMES = PAGES.map(({ name }) => name)
const textOf = (name: string) => readFileSync(join(FOLDER, `${name}.md`), 'utf8')
const examplesOf = (name: string) => exampleFilesOf(`docs/migrating/${name}.md`)

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-migrating-'))
})

afterAll(() => rmSync(directory, { recursive: true }))

test('README.md has every page, and names no other', () => {
  const pages = readdirSync(FOLDER).filter((file) => file !== 'README.md')
  expect(NAMES.map((name) => `${name}.md`).sort()).toEqual(pages.sort())
  const linked = [...textOf('README').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => file)
  expect([...new Set(linked)].sort()).toEqual(pages)
})

test('no line is wider than 120 characters, but for tables', () => {
  const wide = [...NAMES, 'README'].flatMap((name) =>
    textOf(name)
      .split('\n')
      .filter((line) => line.length > 120 && !line.startsWith('|')),
  )
  expect(wide).toEqual([])
})

/** Runs `lanekeeper build` with the configuration of a page. */
async function build(name: string, edge: string) {
  const project = mkdtempSync(join(directory, 'project-'))
  writeFiles(project, { 'lanekeeper.config.ts': examplesOf(name)['lanekeeper.config.ts']! })
  const { io, kept } = createCommandIo({ cwd: project, env: process.env })
  const exitCode = await runCommand(['build', '--edge', edge], io)
  return { exitCode, output: [...kept.printed, ...kept.errors].join('\n') }
}

describe('the configuration', () => {
  test.each([
    ['api-gateway-jwt', 'aws'],
    ['aws-jwt-verify', 'aws'],
    ['express-oauth2-jwt-bearer', 'cloudflare'],
  ])('of %s.md builds, and no plan has a warning', async (name, edge) => {
    const { exitCode, output } = await build(name, edge)
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/^plan /m)])
    expect(output).not.toContain('warning')
  })

  // It is that of a middleware, which wrangler bundles.
  test('of hono-jwk.md lacks an origin and nothing else', async () => {
    const { exitCode, output } = await build('hono-jwk', 'cloudflare')
    expect([exitCode, output.split('\n').filter((line) => line.startsWith('  '))]).toEqual([
      1,
      ['  origin: is missing; the Worker needs to know where requests go'],
    ])
  })
})

/** The names of the tables of requests on a page. */
const tablesOf = (name: string) =>
  Object.keys(PAGES.find((page) => page.name === name)!.tables ?? { requests: {} })

describe.each(NAMES)('%s.md', (name) => {
  test('its tables have every request, in order', () => {
    for (const table of tablesOf(name)) {
      const rows = readMadeTable(name, table).rows.map(([request]) => request)
      expect(rows.slice(0, REQUESTS.length)).toEqual(REQUESTS.map((request) => request.name))
    }
  })

  test('where the identity is, is how its code reads it', () => {
    const { rows } = readMadeTable(name, 'identity')
    const code = Object.values(examplesOf(name)).join('\n')
    const names = rows.flatMap(([claim, ...cells]) =>
      claim === 'any other' ? [] : cells.map((cell) => /`([^`]+)`/.exec(cell)?.[1] ?? ''),
    )
    expect(names.length).toBe(8)
    expect(names.filter((text) => text !== '' && !code.includes(text))).toEqual([])
  })

  test('says what becomes worse, and how to roll back', () => {
    for (const heading of ['What becomes better', 'What becomes worse, or is lost', 'Roll back'])
      expect(textOf(name)).toContain(`\n## ${heading}\n`)
  })
})

describe('api-gateway-jwt.md, what has not run', () => {
  const text = textOf('api-gateway-jwt')
  const defined = [...text.matchAll(/^\[(\w)\]: https:\/\/docs\.aws\.amazon\.com\//gm)].map(([, key]) => key!)

  test.each(['http', 'rest'])('%s: each cell has its source', (table) => {
    const { headings, rows } = readMadeTable('api-gateway-jwt', table)
    expect(headings).toEqual(['request', 'before', 'source', 'after'])
    const bare = rows.filter(
      ([, before = '', source = '']) =>
        !['not found', 'as after'].includes(before) &&
        source !== 'no authorizer' &&
        !defined.includes(/^\[(\w)\]$/.exec(source)?.[1] ?? ''),
    )
    expect(bare).toEqual([])
    expect(rows.filter(([, before]) => before === '')).toEqual([])
  })

  test('the function for both authorizers says the same of a caller, whichever was asked', async () => {
    const file = join(mkdtempSync(join(directory, 'function-')), 'orders.mjs')
    writeFiles(dirname(file), { 'orders.mjs': examplesOf('api-gateway-jwt')['orders.mjs with both']! })
    const { handler } = (await import(pathToFileURL(file).href)) as {
      handler: (event: object) => Promise<{ statusCode: number; body: string }>
    }
    const ask = (authorizer: object) => handler({ routeKey: 'GET /orders', requestContext: { authorizer } })
    const claims = { sub: 'a b', client_id: 'c', scope: 'orders:read', exp: '7' }
    const context = { subject: 'a%20b', client_id: 'c', scope: 'orders:read', expires_at: '7' }
    const wanted = { subject: 'a b', client: 'c', scope: 'orders:read', expires: 7 }
    for (const authorizer of [{ jwt: { claims } }, { lambda: context }]) {
      const { statusCode, body } = await ask(authorizer)
      expect([statusCode, JSON.parse(body)]).toEqual([200, wanted])
    }
  })

  test('each source is used', () => {
    expect(defined.filter((key) => !new RegExp(`\\[${key}\\](?!:)`).test(text))).toEqual([])
  })
})

describe('a table that says something else', () => {
  const made: Table = { headings: ['request', 'after'], rows: Object.entries({ a: '200', b: '401' }) }
  const saying = (cells: Readonly<Record<string, string>>): Table => ({
    headings: ['request', 'before', 'after'],
    rows: Object.entries(cells).map(([request, after]) => [request, '401', after]),
  })

  test('is named by its cell', () => {
    expect(differencesIn(saying({ a: '200', b: '401' }), made)).toEqual([])
    expect(differencesIn(saying({ a: '200', b: '200' }), made)).toEqual([
      'b: after: observed "401", the page says "200"',
    ])
  })

  test('is named by a row that it lacks, or has beyond the run', () => {
    expect(differencesIn(saying({ a: '200' }), made)).toEqual(['b: the page has no such row'])
    const more = saying({ a: '200', b: '401', c: '200' })
    expect(differencesIn(more, made)).toEqual(['c: the page has this row, and the run has not'])
    expect(differencesIn(more, made, ['c'])).toEqual([])
  })
})
