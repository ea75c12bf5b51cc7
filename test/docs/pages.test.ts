// The pages for people who change the code name files, folders and case rows. Each of them is there.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROFILES } from '../../shared/token/profiles.ts'
import { CASE_ROWS } from '../cases/index.ts'
import { cognito } from '../cases/providers/okta-cognito.ts'
import { readTable } from '../support/markdown.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8')
const isThere = (path: string): boolean => existsSync(join(ROOT, path))

const PAGES = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /^(?:architecture|adding-.*|adr\/.*)\.md$/.test(name))
  .map((name) => `docs/${name}`)
  .sort()

/** Files that a recipe has the reader make, on the page that names them. */
const MADE_BY_READER = /`[^`\n]+`(?= \(new\))/g

const ROOMS = ['shared', 'functions', 'cli', 'local', 'examples', 'test', 'bench', 'docs']

/** What a page has between back quotes or in a command, where it begins with the name of a room. */
const pathsIn = (text: string): string[] => [
  ...new Set(text.match(new RegExp(`(?<![\\w./-])(?:${ROOMS.join('|')})/[\\w./-]*[\\w/]`, 'g'))),
]

test.each(PAGES)('%s: every path is there, or made by the reader', (page) => {
  const text = textOf(page)
  const made = (text.match(MADE_BY_READER) ?? []).map((name) => name.slice(1, -1))
  const isMade = (path: string) => made.some((name) => name === path || name.startsWith(`${path}/`))
  expect(pathsIn(text).filter((path) => !isThere(path) && !isMade(path))).toEqual([])
})

/** Names of the code that pages have between back quotes or in examples. */
const CONSTANT = /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g

const CODE = ['shared', 'functions', 'cli', 'local', 'test']
  .flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => textOf(`${room}/${name}`)),
  )
  .join('\n')

test.each(PAGES)('%s: every constant is in the code, or made by the reader', (page) => {
  const text = textOf(page)
  const made = ['SERVER_DEFAULTS']
  const names = [...text.matchAll(CONSTANT)].map(([, name = '']) => name)
  expect(names.filter((name) => !made.includes(name) && !CODE.includes(name))).toEqual([])
})

/** The examples of a page that are whole files, with where they go. */
const filesOn = (page: string): { readonly path: string; readonly code: string }[] =>
  [...textOf(page).matchAll(/`([^`\n]+)` \(new\)(?:(?!\(new\)|```)[^])*```ts\n([^]*?)```/g)].map(
    ([, path = '', code = '']) => ({ path, code }),
  )

test.each(PAGES.flatMap((page) => filesOn(page).map(({ path, code }) => [page, path, code] as const)))(
  '%s: what %s imports is there',
  (page, path, code) => {
    const made = filesOn(page).map((file) => file.path)
    const imports = [...code.matchAll(/^import \{([^}]*)\} from '(\.[^']*)'/gm)]
    expect(imports.length).toBeGreaterThan(0)
    const missing = imports.flatMap(([, names = '', from = '']) => {
      const file = join(dirname(path), from)
      if (made.includes(file)) return []
      if (!isThere(file)) return [file]
      const text = textOf(file)
      return names
        .split(',')
        .map((name) => name.replace(/^\s*(?:type )?|\s+$/g, ''))
        .filter((name) => name !== '' && !new RegExp(`\\b${name}\\b`).test(text))
        .map((name) => `${file} has no ${name}`)
    })
    expect(missing).toEqual([])
  },
)

/** The names of the members of an object in an example that is indented by two spaces. */
const membersIn = (code: string): string[] =>
  [...code.matchAll(/^ {2}(\w+)(?=[:(])/gm)].map(([, name = '']) => name)

test('the example of docs/adding-a-profile.md has the members of a profile and of its tokens', () => {
  const [profile, shape] = filesOn('docs/adding-a-profile.md').map(({ code }) => membersIn(code))
  expect(profile).toEqual(Object.keys(PROFILES.cognito))
  expect(shape).toEqual(Object.keys(cognito))
})

describe('docs/adding-a-check.md', () => {
  const steps = textOf('docs/adding-a-check.md')
    .split(/^(?=\*\*\d\. )/m)
    .slice(1)
    .map((text) => ({ text, files: pathsIn(text).filter((path) => path.endsWith('.ts')) }))
    // The last step of a recipe runs commands.
    .filter(({ text }) => !text.includes('** The first command'))
  /** Whether the code declares or imports the name, or has a method of that name. */
  const has = (code: string, name: string) =>
    new RegExp(
      `\\b(?:const|function) ${name}\\b|^import \\{[^}]*\\b${name}\\b|^ *${name}\\(.*\\{$`,
      'm',
    ).test(code)

  test.each(steps)('$files has every function that the example calls', ({ text, files }) => {
    const examples = [...text.matchAll(/^```ts\n([^]*?)^```|`([^`\n]+)`/gm)]
    const code = examples.map(([, block = '', inline = '']) => `${block}\n${inline}`).join('\n')
    const called = [...code.matchAll(/(?<![\w.])([a-z]\w*)\(/gi)].map(([, name = '']) => name)
    const known = [code, ...files.map(textOf)]
    expect(called.filter((name) => !(name in globalThis) && !known.some((one) => has(one, name)))).toEqual([])
  })
})

/** What stands in a title of a test for a name, and what a tool and not a test says. */
const NAMES = /\b(?:acme-id|app|window|amr|token_use|NAME|KIND|functions|docs\/\w+\.md)\b|\.\.\.| > |: /
const SAID_BY_TOOLS = /^(?:tsc|expected |Property |got |'["A-Z])/

test.each(PAGES.filter((page) => page.includes('/adding-')))('%s: every red test is one of ours', (page) => {
  const titles = [...textOf(page).matchAll(/^\| (`.*?) +\|/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
    .filter((code) => code.includes(' ') && !SAID_BY_TOOLS.test(code))
  expect(titles.length).toBeGreaterThan(1)
  const parts = titles.flatMap((title) => title.split(NAMES)).map((part) => part.trim())
  expect(parts.filter((part) => part.includes(' ') && !CODE.includes(part))).toEqual([])
})

test.each(PAGES)('%s: every link leads somewhere', (page) => {
  const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1]!)
  expect(links.filter((link) => !isThere(join(dirname(page), link)))).toEqual([])
})

/** Folders of .gitignore that a room may have. */
const IGNORED = ['node_modules', 'results']

/** git leaves a folder without its files where a commit moved them. */
const hasFile = (folder: string): boolean =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).some((entry) => entry.isFile())

describe('docs/architecture.md', () => {
  const PAGE = new URL('../../docs/architecture.md', import.meta.url)
  const codesIn = (cell: string): string[] => {
    const codes = [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
    // A cell that is one piece of code has lost its back quotes.
    return codes.length === 0 ? [cell] : codes
  }

  test('names the file and the rows of every standard', () => {
    const standards = readTable(PAGE, 'standard', 'file', 'rows')
    expect(standards.length).toBeGreaterThan(20)
    const isHeld = (rows: string) =>
      rows.startsWith('test/') ? isThere(rows) : CASE_ROWS.some(({ id }) => id.startsWith(rows))
    const wrong = standards.flatMap(({ standard = '', file = '', rows = '' }) => [
      ...(isThere(file) ? [] : [`${standard}: no file ${file}`]),
      ...codesIn(rows)
        .filter((group) => !isHeld(group))
        .map((group) => `${standard}: no row begins with ${group}`),
    ])
    expect(wrong).toEqual([])
  })

  test('has a line for every folder', () => {
    const listed = readTable(PAGE, 'folder', 'holds').flatMap(({ folder = '' }) => codesIn(folder))
    const folders = ['shared', 'functions', 'local', 'examples', 'test', 'bench'].flatMap((room) =>
      readdirSync(join(ROOT, room), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !IGNORED.includes(entry.name))
        .map(({ name }) => `${room}/${name}`)
        .filter(hasFile),
    )
    expect(listed.toSorted()).toEqual([...folders, 'cli', 'local', 'bench'].toSorted())
  })
})

test('every decision that a comment of the code names has a page', () => {
  const sources = ['shared', 'functions'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(ROOT, room, file), 'utf8')),
  )
  const numbers = sources.flatMap((text) =>
    [...text.matchAll(/docs\/adr\/(\d{4})/g)].map((match) => match[1]!),
  )
  const pages = readdirSync(join(ROOT, 'docs/adr'))
  expect(numbers.length).toBeGreaterThan(5)
  expect(numbers.filter((number) => !pages.some((page) => page.startsWith(number)))).toEqual([])
})
