// The versions of Node, the checks and the formatting are each written in several files, because each tool reads only
// its own.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8')
const manifest = JSON.parse(read('package.json')) as {
  readonly engines: { readonly node: string }
  readonly devDependencies: Readonly<Record<string, string>>
}
const workflow = read('.github/workflows/ci.yml')

/** The values after `key:` in the lines of the workflow, without quotes. */
const valuesOf = (key: string): string[] =>
  [...workflow.matchAll(new RegExp(`^[ -]*${key}: (.+)$`, 'gm'))].map((match) =>
    match[1]!.replaceAll("'", ''),
  )

test('.nvmrc names the major version of the Node in node_modules', () => {
  expect(read('.nvmrc').trim()).toBe(manifest.devDependencies['node']!.split('.')[0])
})

test('hosted CI has the Node of .nvmrc, and the lowest one that package.json names', () => {
  expect(valuesOf('node-version-file')).toEqual(['.nvmrc'])
  expect(valuesOf('node-version').map((version) => `>=${version}`)).toEqual([manifest.engines.node])
})

test('hosted CI runs .ci/run, which checks the package, and makes the API pages', () => {
  expect(valuesOf('run')).toEqual(expect.arrayContaining(['.ci/run', 'npm run docs:api']))
  expect(read('.ci/run')).toMatch(/^part npm run .*check:package$/m)
})

test('hosted CI runs the two commands of the README with the lowest Node', () => {
  const commands = [...read('README.md').matchAll(/^ *(npm ci && npm (?:start|test))\b/gm)].map(
    (match) => match[1]!,
  )
  expect(commands).toEqual(['npm ci && npm start', 'npm ci && npm test'])
  const [start, all] = commands
  expect(valuesOf('run')).toEqual(expect.arrayContaining([`${start} -- --once`, all]))
})

test('every action is pinned to a commit', () => {
  const actions = valuesOf('uses')
  expect(actions.length).toBeGreaterThan(0)
  expect(actions.filter((action) => !/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([])
})

test('editors break code where oxfmt does', () => {
  const { printWidth } = JSON.parse(read('.oxfmtrc.json')) as { readonly printWidth: number }
  expect(read('.editorconfig')).toContain(`\nmax_line_length = ${printWidth}\n`)
})
