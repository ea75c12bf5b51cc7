// A setting under its old name means what it means under its new one, with a warning, until 0.3.0.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEFAULTS, resolveConfig } from '../../../shared/index.ts'
import { RENAMED_PROFILES } from '../../../shared/token/profiles.ts'
import { GOOD, problemsOf } from '../../support/config-problems.ts'
import { readTable } from '../../support/markdown.ts'

interface Renamed {
  readonly name: string
  readonly oldName: string
  /** Where the object with the setting is. */
  readonly path: string
  readonly value: unknown
  readonly badValue: unknown
  readonly problem: string
  /** A configuration whose object at `path` has these members. */
  readonly configWith: (members: object) => unknown
}

const ISSUER = { issuer: 'https://login.example.com', audience: 'https://api.example.com' }
const ENDPOINT = { endpoint: 'https://login.example.com/introspect', authentication: 'bearer' }
const PROFILE = { typ: ['at+jwt'], scopes: { claim: 'scope', shape: 'string' }, client: 'client_id' }

const RENAMED: readonly Renamed[] = [
  {
    name: 'requiredMembers',
    oldName: 'marks',
    path: 'issuers.main.introspection',
    value: ['token_type', 'scope'],
    badValue: [],
    problem: 'must be a list of at least one non-empty string',
    configWith: (members) => ({
      ...GOOD,
      issuers: { main: { ...ISSUER, introspection: { ...ENDPOINT, secret: { env: 'SECRET' }, ...members } } },
    }),
  },
  {
    name: 'evidence',
    oldName: 'marks',
    path: 'issuers.main.profile',
    value: [{ claim: 'client_id' }, { header: 'pi.atm' }],
    badValue: [],
    problem: 'must be a list of at least one member',
    configWith: (members) => ({
      ...GOOD,
      issuers: {
        main: { ...ISSUER, keys: { discovery: 'openid-configuration' }, profile: { ...PROFILE, ...members } },
      },
    }),
  },
]

const ENVIRONMENT = { env: { SECRET: 's3cret' } }
const resolve = (config: unknown) => resolveConfig(config as never, ENVIRONMENT)

describe.each(RENAMED)('$path.$oldName is $name', (row) => {
  const { name, oldName, path, value, configWith } = row

  test('it resolves to the same value, with a warning that names the new one', () => {
    const { warnings, ...before } = resolve(configWith({ [oldName]: value }))
    const { warnings: none, ...now } = resolve(configWith({ [name]: value }))
    expect(before).toEqual(now)
    expect(JSON.stringify([...now.issuers.values()][0])).toContain('scope')
    expect(none).toEqual([])
    expect(warnings).toEqual([
      { path: `${path}.${oldName}`, message: `is called ${name} now; the old name goes away in 0.3.0` },
    ])
  })

  test('both are a problem, whatever they say', () => {
    for (const other of [value, row.badValue])
      expect(problemsOf(configWith({ [oldName]: value, [name]: other }), ENVIRONMENT)).toEqual([
        `${path}.${oldName}: is called ${name} now, which is configured, too`,
      ])
  })

  test('a mistake is told at the name that was written', () => {
    for (const written of [name, oldName])
      expect(problemsOf(configWith({ [written]: row.badValue }), ENVIRONMENT)).toEqual([
        `${path}.${written}: ${row.problem}`,
      ])
  })

  test('undefined is not taken for absent', () => {
    expect(problemsOf(configWith({ [oldName]: undefined }), ENVIRONMENT)).toContain(
      `${path}.${oldName}: is undefined; give it a value or leave it out`,
    )
  })
})

test('the value of requiredMembers, and of its default under both names', () => {
  const [{ configWith }] = RENAMED as [Renamed]
  const membersOf = (members: object) =>
    [...resolve(configWith(members)).issuers.values()].map(({ opaque }) => opaque.reader?.requiredMembers)
  expect(membersOf({ marks: ['token_use'] })).toEqual([['token_use']])
  expect(membersOf({})).toEqual([DEFAULTS.requiredMembers])
  expect(DEFAULTS.marks).toEqual(DEFAULTS.requiredMembers)
})

test('an old name is no setting anywhere else', () => {
  for (const oldName of ['marks', 'canCarry'])
    expect(problemsOf({ ...GOOD, [oldName]: ['token_type'] })).toEqual([
      expect.stringMatching(new RegExp(`^config\\.${oldName}: is not a setting; known here: `)),
    ])
})

describe('canCarry is fitsContext', () => {
  const yes = () => true
  const warning = {
    path: 'environment.canCarry',
    message: 'is called fitsContext now; the old name goes away in 0.3.0',
  }

  test.each([
    ['the old name', { canCarry: yes }, [warning]],
    ['both', { canCarry: yes, fitsContext: yes }, [warning]],
    ['the new name', { fitsContext: yes }, []],
    ['neither', {}, []],
  ])('%s', (_, environment, warnings) => {
    expect(resolveConfig(GOOD, environment).warnings).toEqual(warnings)
  })
})

test('docs/configuration.md lists every old name, and no other', () => {
  const root = join(import.meta.dirname, '../../..')
  const sources = ['shared', 'functions'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(root, folder, file), 'utf8')),
  )
  const deprecated = sources.flatMap((text) =>
    [
      ...text.matchAll(/@deprecated.*\n\s*\*\/\n\s*(?:export )?(?:const |function |type |readonly )?(\w+)/g),
    ].map(([, name]) => name!),
  )
  expect(deprecated).toHaveLength(sources.join('').split('@deprecated').length - 1)
  const page = new URL('../../../docs/configuration.md', import.meta.url)
  const listed = readTable(page, 'old name', 'new name', 'its warning').map((row) =>
    row['old name']!.replace(/\(.*$/, '')
      .match(/[\w-]+/g)!
      .at(-1)!,
  )
  expect(listed.toSorted()).toEqual([...deprecated, ...Object.keys(RENAMED_PROFILES)].toSorted())
})
