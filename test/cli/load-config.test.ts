// Loading a configuration file: the forms in which people write it, and the one line that says why it cannot be loaded.

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CONFIG_FILES, findConfigFile, loadConfig } from '../../cli/load-config.ts'
import { Stop } from '../../cli/stop.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-load-')))
})

afterEach(() => rmSync(root, { recursive: true }))

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), text)
}

const load = (name = 'lanekeeper.config.ts') => loadConfig(join(root, name), root)

/** The message and the exit code with which loading ends. */
const refusal = async (text: string, name?: string): Promise<[string, number]> => {
  write(name ?? 'lanekeeper.config.ts', text)
  const error: unknown = await load(name).then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Stop)) throw error
  return [error.message, error.exitCode]
}

describe('a configuration is loaded', () => {
  test('TypeScript with defineConfig, a type, relative imports and JSON', async () => {
    write('keys/main.json', '{"keys":[]}')
    write('routes.ts', "export const routes: readonly object[] = [{ path: '/orders' }]")
    write(
      'lanekeeper.config.ts',
      `import { defineConfig, type RouteRule } from 'lanekeeper'
       import jwks from './keys/main.json' with { type: 'json' }
       import { routes } from './routes.ts'
       export default defineConfig({ issuers: { main: { keys: { jwks } } }, routes: routes as RouteRule[] } as never)`,
    )
    expect(await load()).toEqual({
      issuers: { main: { keys: { jwks: { keys: [] } } } },
      routes: [{ path: '/orders' }],
    })
  })

  test.each([
    ['lanekeeper.config.mts', 'export default { realm: "x" satisfies string }'],
    ['lanekeeper.config.js', 'export default { realm: "x" }'],
    ['lanekeeper.config.mjs', 'export default await Promise.resolve({ realm: "x" })'],
    ['other.cjs', 'const { sep } = require("node:path"); module.exports = { realm: sep === "" ? "" : "x" }'],
  ])('%s', async (name, text) => {
    write(name, text)
    expect(await load(name)).toEqual({ realm: 'x' })
  })

  test('each module has its own import.meta', async () => {
    write('parts/name.ts', 'export const name: string = import.meta.filename')
    write(
      'lanekeeper.config.ts',
      `import { readFileSync } from 'node:fs'
       import { name } from './parts/name.ts'
       export default { realm: readFileSync(new URL('./realm.txt', import.meta.url), 'utf8'), name, here: import.meta.dirname }`,
    )
    write('realm.txt', 'orders')
    expect(await load()).toEqual({ realm: 'orders', name: join(root, 'parts/name.ts'), here: root })
  })

  test('nothing stays in its folder', async () => {
    write('lanekeeper.config.ts', 'export default {}')
    await load()
    expect(readdirSync(root)).toEqual(['lanekeeper.config.ts'])
  })
})

describe('a configuration that cannot be loaded is one line with its location', () => {
  test.each([
    ['a syntax error', 'export default {\n  realm: ,\n}', 'lanekeeper.config.ts:2:10: Unexpected ","'],
    [
      'an import of nothing',
      "\nimport { a } from './missing.ts'\nexport default { a }",
      'lanekeeper.config.ts:2:19: Could not resolve "./missing.ts"',
    ],
    [
      'an error that it throws',
      "const realm: string = 'x'\n\nthrow new Error(`no ${realm}\nsecond line`)\nexport default {}",
      'lanekeeper.config.ts:3:7: Error: no x',
    ],
    [
      'a property of nothing',
      'const all: { a?: { b: string } } = {}\nexport default { realm: all.a!.b }',
      "lanekeeper.config.ts:2:32: TypeError: Cannot read properties of undefined (reading 'b')",
    ],
    [
      'no default export',
      'export const config = {}',
      'lanekeeper.config.ts: has no default export; write: export default defineConfig({ ... })',
    ],
    [
      'a function',
      'export default () => ({})',
      'lanekeeper.config.ts: has a default export that is a function and no object; write: export default defineConfig({ ... })',
    ],
    [
      'a list',
      'export default []',
      'lanekeeper.config.ts: has a default export that is an array and no object; write: export default defineConfig({ ... })',
    ],
    [
      'null',
      'export default null',
      'lanekeeper.config.ts: has a default export that is null and no object; write: export default defineConfig({ ... })',
    ],
    [
      'a promise',
      'export default Promise.resolve({})',
      'lanekeeper.config.ts: has a default export that is a promise; await it',
    ],
  ])('%s', async (_, text, message) => {
    expect(await refusal(text)).toEqual([message, 1])
  })

  test('a mistake in an imported file has the location of that file', async () => {
    write('parts/routes.ts', 'export const routes = [\n  { path: }\n]')
    expect(await refusal("import { routes } from './parts/routes.ts'\nexport default { routes }")).toEqual([
      join('parts', 'routes.ts:2:11: Unexpected "}"'),
      1,
    ])
    write('parts/routes.ts', "\nexport const routes = (): never => { throw new RangeError('none') }")
    expect(
      await refusal("import { routes } from './parts/routes.ts'\nexport default { routes: routes() }"),
    ).toEqual([join('parts', 'routes.ts:2:44: RangeError: none'), 1])
  })
})

describe('the file is found', () => {
  test.each(CONFIG_FILES.map((name, at) => [name, CONFIG_FILES.slice(at)] as const))(
    '%s before those after it',
    (name, present) => {
      for (const each of present) write(each, '')
      expect(findConfigFile(root)).toBe(join(root, name))
    },
  )

  test('where --config says', () => {
    write('gateway/prod.ts', '')
    expect(findConfigFile(root, 'gateway/prod.ts')).toBe(join(root, 'gateway', 'prod.ts'))
  })

  test.each([
    [undefined, /^There is no lanekeeper\.config\.ts or .* in \S+; name the file with --config\.$/],
    ['gateway.ts', /^gateway\.ts: there is no such file\.$/],
    ['gateway.json', /^gateway\.json: a configuration is a file of TypeScript or JavaScript\.$/],
  ])('--config %s is a mistake of the command', (given, message) => {
    write('gateway.json', '{}')
    expect(() => findConfigFile(root, given)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message), exitCode: 2 }),
    )
  })
})
