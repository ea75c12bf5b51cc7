// What `lanekeeper build --edge store` makes of a configuration: a plan with what the store needs and no more, and an
// artefact without the pipeline. It is built where it is named, and nowhere else.

import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../../../cli/commands.ts'
import { bundleArtefact } from '../../../../cli/artefact/build.ts'
import { ROOT } from '../../../../cli/build.ts'
import { ConfigError, fill } from '../../../../shared/edge.ts'
import type { LanekeeperConfig, SecretRef } from '../../../../shared/index.ts'
import { environment } from '../../../../shared/parts/environment.ts'
import { CONFIGS } from '../../../support/artefact/configs.ts'
import { externalsOf, modulesIn } from '../../../support/artefact/rooms.ts'
import { createCommandIo } from '../../../support/command-io.ts'

const ADMIN = { revoke: { env: 'REVOKE' }, list: [{ secretsStore: 'LIST_A' }, { env: 'LIST_B' }] } as const
const REVOCATION = { durableObject: 'REVOCATIONS', maxEntries: 500 } as const
const CONFIG = {
  ...CONFIGS.introspection,
  log: { fingerprintKey: { env: 'FINGERPRINTS' } },
  diagnostics: { header: 'x-diagnostics', secret: { env: 'DIAGNOSTICS' } },
  revocation: { ...REVOCATION, admin: ADMIN },
} satisfies LanekeeperConfig

const build = (config: LanekeeperConfig, env = {}) =>
  bundleArtefact({ config, edge: 'store', stage: '', env, project: ROOT, out: '/somewhere', metrics: null })

const problemsOf = async (config: LanekeeperConfig, env = {}) =>
  build(config, env).then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof ConfigError)) throw error
      return error.problems.map(({ path, message }) => `${path} ${message}`)
    },
  )

describe('the plan of the store', () => {
  test('names its issuers, its bound, its binding and its credentials, and nothing else', async () => {
    const { plan, parts } = (await build(CONFIG)).compiled
    expect(plan).toMatchObject({ edge: 'store', stage: '' })
    expect(plan.secrets.map(({ path }) => path)).toEqual([
      'revocation.admin.revoke',
      'revocation.admin.list[0]',
      'revocation.admin.list[1]',
    ])
    expect(plan.bindings).toEqual([{ path: 'revocation.durableObject', name: 'REVOCATIONS' }])
    expect(plan.config).toEqual({
      issuers: [
        {
          name: 'main',
          issuer: 'https://opaque.example.com',
          clockToleranceSeconds: expect.any(Number),
          maxLifetimeSeconds: expect.any(Number),
          opaque: { reader: {} },
          profile: {},
          tenant: null,
        },
      ],
      revocation: {
        durableObject: 'REVOCATIONS',
        maxEntries: 500,
        admin: { revoke: [ADMIN.revoke], list: ADMIN.list },
      },
      routes: [],
    })
    expect(parts).toEqual([
      { name: 'environment', because: 'revocation.admin.revoke' },
      { name: 'store/revocations', because: 'revocation.durableObject' },
    ])
  })

  test('does not change with what it does not need, and with what it needs it does', async () => {
    const hashOf = async (config: LanekeeperConfig) => (await build(config)).compiled.plan.hash
    const hash = await hashOf(CONFIG)
    expect(
      await hashOf({ ...CONFIG, realm: 'other', routes: [{ path: '/x', methods: ['GET'], public: true }] }),
    ).toBe(hash)
    expect(await hashOf({ ...CONFIG, revocation: { ...CONFIG.revocation, refreshSeconds: 9 } })).toBe(hash)
    expect(await hashOf({ ...CONFIG, revocation: { ...CONFIG.revocation, maxEntries: 501 } })).not.toBe(hash)
    expect(await hashOf({ ...CONFIG, revocation: REVOCATION })).not.toBe(hash)
  })

  test('has the tenants that entries can be about', async () => {
    const tenants = CONFIGS['1,000 tenants']
    const { plan } = (await build({ ...tenants, revocation: REVOCATION })).compiled
    const { issuers } = plan.config as unknown as { issuers: readonly { profile: object }[] }
    expect(issuers.length).toBe(1_000)
    const text = JSON.stringify([plan.config, plan.shared])
    expect(text).toContain('"tenant":"tid"')
    expect(JSON.stringify((await build(CONFIG)).compiled.plan)).not.toContain('"tenant":"')
  })
})

describe('the store is not built', () => {
  test.each([
    ['without revocation', CONFIGS.plain],
    ['without a binding', { ...CONFIGS.plain, revocation: { dynamodb: { table: 'revocations' } } }],
  ])('%s', async (_, config) => {
    expect(await problemsOf(config)).toEqual([
      'revocation.durableObject is missing; the store Worker needs it, or dpop.replay.durableObject',
    ])
    expect(await problemsOf({ ...config, revocation: REVOCATION })).toEqual([])
  })

  test('while an issuer is known only when it starts', async () => {
    const config = { ...CONFIGS['an open issuer'], revocation: REVOCATION }
    expect(await problemsOf(config)).toEqual([
      'issuers.main.issuer needs the environment variable OUR_ISSUER when it is built; set it or pass --env-file',
    ])
    expect(await problemsOf(config, { OUR_ISSUER: 'https://login.example.com' })).toEqual([])
  })

  test('and an origin that is known only when the Worker starts does not matter', async () => {
    expect(
      await problemsOf({ ...CONFIGS.plain, origin: { url: '${env:ORIGIN}' }, revocation: REVOCATION }),
    ).toEqual([])
  })

  test('with a credential that a Worker cannot load', async () => {
    const admin = (list: SecretRef) => ({
      ...CONFIG,
      revocation: { ...REVOCATION, admin: { ...ADMIN, list } },
    })
    expect(await problemsOf(admin({ secretsManager: 'list' }))).toEqual([
      expect.stringMatching(/^revocation\.admin\.list\.secretsManager cannot be read here/),
    ])
    expect(await problemsOf(admin({ env: 'LIST' }))).toEqual([])
  })
})

describe('the store does not start', () => {
  const credential = 'x'.repeat(32)
  const env = { REVOCATIONS: {}, REVOKE: credential, LIST_A: {}, LIST_B: credential }
  const start = async (given: Readonly<Record<string, unknown>>) => {
    const { plan } = (await build(CONFIG)).compiled
    try {
      return fill(plan, 'store', given, environment) && []
    } catch (error) {
      return (error as ConfigError).problems.map(({ path }) => path)
    }
  }

  test.each([
    ['REVOCATIONS', 'revocation.durableObject'],
    ['REVOKE', 'revocation.admin.revoke.env'],
    ['LIST_A', 'revocation.admin.list[0].secretsStore'],
    ['LIST_B', 'revocation.admin.list[1].env'],
  ])('without %s', async (name, path) => {
    expect(await start(env)).toEqual([])
    expect(await start({ ...env, [name]: undefined })).toEqual([path])
  })

  test.each(['short', `${credential} `])('with a credential of another form: %j', async (REVOKE) => {
    expect(await start({ ...env, REVOKE })).toEqual(['revocation.admin.revoke.env'])
  })

  test('from the plan of another edge', async () => {
    const { plan } = (await build(CONFIG)).compiled
    expect(() => fill(plan, 'cloudflare', env, environment)).toThrow(ConfigError)
    expect(() => fill({ ...plan, edge: 'cloudflare' }, 'store', env, environment)).toThrow(ConfigError)
  })
})

test('its artefact has no pipeline, no other edge and no configuration', async () => {
  const artefact = await build(CONFIG)
  const modules = modulesIn(artefact)
  expect(modules).toContain('functions/cloudflare/store/open-store')
  const strange =
    /^(?:cli|test|local|bench|examples)\/|^functions\/(?:aws|fetch|node)\/|^shared\/(?:config|grant|introspection|keys|policy(?!\/no-conditions$)|sender|routes)\/|^shared\/(?:pipeline|assemble|wiring)$/
  expect(modules.filter((name) => strange.test(name))).toEqual([])
  expect(externalsOf(artefact)).toEqual(['cloudflare:workers'])
  expect(artefact.startGzipBytes).toBeLessThan(15_200)
})

describe('the store of used proofs', () => {
  const { main } = CONFIGS.plain.issuers
  const BOUND = {
    ...CONFIGS.plain,
    issuers: { main: { ...main, senderConstraint: 'any' } },
    publicUrls: ['https://api.example.com'],
    dpop: { nonce: { key: { env: 'NONCES' } }, replay: { durableObject: 'PROOFS' } },
  } satisfies LanekeeperConfig
  const classesOf = async (config: LanekeeperConfig) => {
    const { files } = await build(config)
    const [, exported = ''] = /export\{([^}]*)\};?\s*$/.exec(files[0]!.text) ?? []
    return exported.split(',').map((name) => name.replace(/^.* as /, ''))
  }

  test('is a class of the store Worker where it is configured, beside the revocations or alone', async () => {
    expect(await classesOf(CONFIG)).toEqual(['RevocationStore', 'default'])
    expect(await classesOf(BOUND)).toEqual(['ReplayStore', 'default'])
    expect(await classesOf({ ...BOUND, revocation: REVOCATION })).toEqual([
      ...['ReplayStore', 'RevocationStore', 'default'],
    ])
    // Revocations of AWS alone.
    const elsewhere = { ...BOUND, revocation: { dynamodb: { table: 'revocations' } } }
    expect(await classesOf(elsewhere)).toEqual(['ReplayStore', 'default'])
  })

  test('alone has nothing of the configuration, of the revocations and of the pipeline', async () => {
    const artefact = await build(BOUND)
    const { parts, plan } = artefact.compiled
    expect(parts).toEqual([{ name: 'store/replays', because: 'dpop.replay.durableObject' }])
    expect([plan.secrets, plan.bindings, plan.config]).toEqual([[], [], { routes: [] }])
    expect(modulesIn(artefact).toSorted()).toEqual([
      'entry',
      'functions/cloudflare/replays',
      'functions/cloudflare/store/admin-answer',
      'functions/cloudflare/store/parts/replays',
      'functions/cloudflare/store/replay-object',
      'functions/cloudflare/store/used-proofs',
    ])
    expect(artefact.startGzipBytes).toBeLessThan(1_000)
    expect(artefact.files[0]!.text).not.toContain('example.com')
  })

  test('beside the revocations changes nothing that they have', async () => {
    const config = { ...CONFIG, revocation: { ...CONFIG.revocation } }
    const both = { ...config, issuers: { main: { ...config.issuers.main, senderConstraint: 'any' } } }
    const dpop = { publicUrls: BOUND.publicUrls, dpop: BOUND.dpop }
    const [alone, beside] = await Promise.all([
      build(config),
      build({ ...both, ...dpop } as LanekeeperConfig),
    ])
    expect(beside.compiled.plan).toEqual(alone.compiled.plan)
    const own = modulesIn(beside).filter((name) => !modulesIn(alone).includes(name))
    expect(own.toSorted()).toEqual([
      'functions/cloudflare/replays',
      'functions/cloudflare/store/parts/replays',
      'functions/cloudflare/store/replay-object',
      'functions/cloudflare/store/used-proofs',
    ])
  })

  test('is built while an issuer is known only when the edge starts', async () => {
    const { main: open } = CONFIGS['an open issuer'].issuers
    const config = { ...BOUND, issuers: { main: { ...open, senderConstraint: 'any' } } }
    expect(await problemsOf(config as LanekeeperConfig)).toEqual([])
  })
})

describe('lanekeeper build', () => {
  let root: string
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-store-')))
    writeFileSync(join(root, 'lanekeeper.config.ts'), `export default ${JSON.stringify(CONFIG)}`)
  })
  afterEach(() => rmSync(root, { recursive: true }))

  async function run(...args: string[]) {
    const lines: string[] = []
    const print = (text: string) => void lines.push(text)
    const exitCode = await runCommand(
      ['build', ...args],
      createCommandIo({ cwd: root, print, printError: print }).io,
    )
    return { exitCode, text: lines.join('\n') }
  }

  test('--edge store writes store/index.js and nothing else', async () => {
    expect(await run('--edge', 'store', '--out', 'built')).toMatchObject({
      exitCode: 0,
      text: expect.stringMatching(/^store: built\/store\nplan /),
    })
    expect(readdirSync(join(root, 'built'))).toEqual(['store'])
    expect(readdirSync(join(root, 'built/store'))).toEqual(['index.js'])
  })

  test('without --edge writes no store', async () => {
    expect((await run('--edge', 'cloudflare')).exitCode).toBe(0)
    await run()
    expect(existsSync(join(root, 'dist/worker/index.js'))).toBe(true)
    expect(existsSync(join(root, 'dist/store'))).toBe(false)
  })

  test('names the edges where another is asked for', async () => {
    expect(await run('--edge', 'azure')).toMatchObject({
      exitCode: 2,
      text: expect.stringContaining('--edge is cloudflare, aws or store.'),
    })
  })
})
