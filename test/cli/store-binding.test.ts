// The bindings of the Worker to the stores of revocations and of used proofs: each mistake in wrangler.toml is a
// problem, and what is bound there is not to be supplied.

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import { check } from '../../cli/config-check.ts'
import { repositoryPackager } from '../../cli/repository-packager.ts'
import config from '../../examples/revocation/lanekeeper.config.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'

const TOML = readFileSync(join(ROOT, 'examples/revocation/wrangler.toml'), 'utf8')
  .replace(/^main = .*$/m, 'main = "worker.ts"')
  .replace(/^command = .*$/m, 'command = "true"')
const CONFIG: LanekeeperConfig = { ...config, stages: { production: {}, staging: {} } }

const ENVIRONMENT = `
[env.staging]
vars = { LANEKEEPER_STAGE = "staging" }
`
const BINDING = /^\[\[durable_objects\.bindings\]\]\n(?:\w+ = .*\n)+/m

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanekeeper-store-binding-'))
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  writeFileSync(join(root, 'worker.ts'), 'export default {}')
})

afterEach(() => rmSync(root, { recursive: true }))

/** The problems of wrangler.toml, and what each stage still needs. */
async function checkWith(toml: string, checked: LanekeeperConfig = CONFIG, stage?: string) {
  writeFileSync(join(root, 'wrangler.toml'), toml)
  const { exitCode, stages, files } = await check(checked, {
    ...{ root, env: {}, stage, packager: repositoryPackager },
    print: () => {},
    printError: (text) => expect.unreachable(text),
  })
  return {
    exitCode,
    problems: files[0]!.findings.map(({ message }) => message),
    required: stages.map(({ worker }) => worker.requiredVariables),
  }
}

const OK = { exitCode: 0, problems: [], required: [[]] }
const MISSING =
  'durable_objects: has no binding REVOCATIONS, which is revocation.durableObject; add it (an environment inherits no binding)'
const OWN_OBJECT =
  'durable_objects: REVOCATIONS is an object of this Worker, which then needs migrations and cannot be rolled back; set script_name to the name of the store Worker'

test.each<[change: string, toml: string, problem: string, required: string[]]>([
  ['no binding', TOML.replace(BINDING, ''), MISSING, ['REVOCATIONS']],
  ['another name', TOML.replace('name = "REVOCATIONS"', 'name = "STORE"'), MISSING, ['REVOCATIONS']],
  [
    'another class',
    TOML.replace('class_name = "RevocationStore"', 'class_name = "Store"'),
    'durable_objects: REVOCATIONS has the class_name "Store"; it is RevocationStore',
    [],
  ],
  ['no script', TOML.replace(/^script_name = .*\n/m, ''), OWN_OBJECT, []],
  ['its own script', TOML.replace(/^script_name = .*$/m, 'script_name = "lanekeeper"'), OWN_OBJECT, []],
])('%s is a problem', async (_, toml, problem, required) => {
  expect(await checkWith(toml, CONFIG, 'production')).toEqual({
    exitCode: 1,
    problems: [`(top): ${problem}`],
    required: [required],
  })
  expect(await checkWith(TOML, CONFIG, 'production')).toEqual(OK)
})

test('an environment needs the binding of its stage', async () => {
  expect(await checkWith(TOML + ENVIRONMENT)).toEqual({
    exitCode: 1,
    problems: [`staging: ${MISSING}`],
    required: [[], ['REVOCATIONS']],
  })
  const binding = BINDING.exec(TOML)![0].replace('[[', '[[env.staging.')
  expect(await checkWith(TOML + ENVIRONMENT + binding)).toEqual({ ...OK, required: [[], []] })
  const other = { ...CONFIG.revocation!, durableObject: 'OTHER' }
  const stages = { production: {}, staging: { revocation: other } }
  expect(await checkWith(TOML + ENVIRONMENT + binding, { ...CONFIG, stages })).toEqual({
    exitCode: 1,
    problems: [`staging: ${MISSING.replace('REVOCATIONS', 'OTHER')}`],
    required: [[], ['OTHER']],
  })
})

test('a binding that one of two environments of a stage lacks is to be supplied', async () => {
  const second = ENVIRONMENT.replace('"staging"', '"production"')
  expect(await checkWith(TOML + second, CONFIG, 'production')).toEqual({
    exitCode: 1,
    problems: [`staging: ${MISSING}`],
    required: [['REVOCATIONS']],
  })
})

test('a Worker whose configuration has the table alone is a problem', async () => {
  const { durableObject: _, ...revocation } = CONFIG.revocation!
  expect((await checkWith(TOML, { ...CONFIG, revocation }, 'production')).problems).toEqual([
    '(top): durable_objects: the configuration has no revocation.durableObject, through which the Worker asks the store; add it',
  ])
})

test('without revocation no binding is asked for', async () => {
  const { revocation: _, ...without } = CONFIG
  const routes = CONFIG.routes.slice(0, 1)
  expect(await checkWith(TOML.replace(BINDING, ''), { ...without, routes }, 'production')).toEqual(OK)
})

test('the bindings of a configuration without stages are those of the top level', async () => {
  const { stages: _, ...unstaged } = CONFIG
  const toml = TOML.replace(/^LANEKEEPER_STAGE = .*$/m, '')
  expect(await checkWith(toml, unstaged)).toEqual(OK)
  expect((await checkWith(toml.replace(BINDING, ''), unstaged)).problems).toEqual([`(top): ${MISSING}`])
})

test('a wrangler.toml that cannot be read is one problem, and the binding is to be supplied', async () => {
  expect(await checkWith('name = ', CONFIG, 'production')).toEqual({
    exitCode: 1,
    problems: [expect.stringMatching(/^cannot be read: /)],
    required: [['REVOCATIONS']],
  })
})

describe('the binding to the store of used proofs', () => {
  const { revocation: _, stages: __, ...plain } = CONFIG
  const routes = plain.routes.slice(0, 1)
  const issuers = Object.fromEntries(
    Object.entries(plain.issuers).map(([name, issuer]) => [name, { ...issuer, senderConstraint: 'any' }]),
  ) as LanekeeperConfig['issuers']
  const proofs = (more: Partial<LanekeeperConfig> = {}): LanekeeperConfig => ({
    ...{ ...plain, issuers, routes, publicUrls: ['https://api.example.com'] },
    dpop: { replay: { durableObject: 'PROOFS' } },
    ...more,
  })
  const toml = TOML.replace(/^LANEKEEPER_STAGE = .*$/m, '')
    .replace('name = "REVOCATIONS"', 'name = "PROOFS"')
    .replace('class_name = "RevocationStore"', 'class_name = "ReplayStore"')

  test.each([
    [
      'no binding',
      toml.replace(BINDING, ''),
      'has no binding PROOFS, which is dpop.replay.durableObject; add it (an environment inherits no binding)',
    ],
    [
      'the class of revocations',
      toml.replace('ReplayStore', 'RevocationStore'),
      'PROOFS has the class_name "RevocationStore"; it is ReplayStore',
    ],
    [
      'no script',
      toml.replace(/^script_name = .*\n/m, ''),
      'PROOFS is an object of this Worker, which then needs migrations and cannot be rolled back; set script_name to the name of the store Worker',
    ],
  ])('%s is a problem', async (_name, changed, problem) => {
    expect((await checkWith(changed, proofs())).problems).toEqual([`(top): durable_objects: ${problem}`])
    expect(await checkWith(toml, proofs())).toEqual(OK)
  })

  test('is missing where a route has replay: "strong", and no other asks for one', async () => {
    const strong = routes.map((route) => ({ ...route, replay: 'strong' })) as typeof routes
    const without = toml.replace(BINDING, '')
    expect((await checkWith(without, proofs({ routes: strong, dpop: {} }))).problems).toEqual([
      '(top): durable_objects: the configuration has no dpop.replay.durableObject, through which the Worker asks the store for routes with replay: "strong"; add it',
    ])
    expect(await checkWith(without, proofs({ dpop: {} }))).toEqual(OK)
  })

  test('stands beside that to the revocations', async () => {
    const both = proofs({ revocation: CONFIG.revocation! })
    const ofRevocations = BINDING.exec(TOML)![0]
    expect(await checkWith(toml + ofRevocations, both)).toEqual(OK)
    expect((await checkWith(toml, both)).problems).toEqual([`(top): ${MISSING}`])
  })
})
