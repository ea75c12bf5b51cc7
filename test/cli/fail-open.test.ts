// Settings in wrangler.toml, and code in the source that it deploys, that could let a request past the Worker: each is
// found with its place, and the shipped files have none.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import config from '../../lanekeeper.config.ts'
import {
  FAIL_OPEN_ROWS,
  findFailOpen,
  findWrongBuild,
  findWrongStage,
  type WranglerSettings,
} from '../../cli/fail-open.ts'
import { findPassThrough } from '../../cli/fail-open-source.ts'
import { resolveConfig, type LanekeeperConfig } from '../../shared/index.ts'

const ROOT = join(import.meta.dirname, '../..')
const GOOD = { workers_dev: false, compatibility_flags: ['global_fetch_strictly_public'] }
const resolved = resolveConfig(config, { stage: 'production' })
const sameZone = resolveConfig({ ...config, origin: { sameZone: true } } as LanekeeperConfig, {
  stage: 'production',
})

test.each([undefined, 'staging'])('the shipped file has no such setting, in the environment %s', (env) => {
  const settings = unstable_readConfig({ config: join(ROOT, 'wrangler.toml'), env })
  expect(findFailOpen(settings as unknown as WranglerSettings, resolved)).toEqual([])
})

test('the stage of an environment has to be there where the configuration has stages, and only there', () => {
  expect(findWrongStage('staging', ['production', 'staging'])).toEqual([])
  expect(findWrongStage(undefined, [])).toEqual([])
  expect(findWrongStage(undefined, ['production', 'staging'])).toEqual([
    'vars: LANEKEEPER_STAGE: is missing; the configuration has: production, staging',
  ])
  expect(findWrongStage('staging', [])).toHaveLength(1)
})

test('an environment runs the stage that its build compiles', () => {
  const build = (command: string): WranglerSettings => ({ build: { command } })
  const command = 'npx lanekeeper build --edge cloudflare --stage production'
  expect(findWrongBuild(build(command), 'production')).toEqual([])
  expect(findWrongBuild(build(command), 'staging')).toEqual([
    'build: command compiles the stage production, and LANEKEEPER_STAGE is "staging"; give the environment a [build] of its own',
  ])
  expect(findWrongBuild(build(command), undefined)).toHaveLength(1)
  expect(findWrongBuild(build('npm run build'), 'staging')).toEqual([])
  expect(findWrongBuild({}, 'staging')).toEqual([])
})

test.each([undefined, 'staging'])('the shipped file compiles what it runs, in the environment %s', (env) => {
  const settings = unstable_readConfig({ config: join(ROOT, 'wrangler.toml'), env })
  const { vars } = settings as unknown as { vars: Record<string, string> }
  const { build } = settings as unknown as { build: { command: string } }
  expect(build.command).toContain('--stage')
  expect(findWrongBuild(settings as unknown as WranglerSettings, vars['LANEKEEPER_STAGE'])).toEqual([])
})

describe('is found', () => {
  test.each<[string, WranglerSettings, string]>([
    ['a cache', { ...GOOD, cache: { enabled: true } }, 'cache'],
    ['a cache that does not say', { ...GOOD, cache: {} }, 'cache'],
    ['assets', { ...GOOD, assets: { directory: 'public', run_worker_first: true } }, 'assets'],
    ['a site', { ...GOOD, site: { bucket: 'public' } }, 'site'],
    ['the workers.dev address', { ...GOOD, workers_dev: true }, 'workers_dev'],
    ['the workers.dev address by default', { ...GOOD, workers_dev: undefined }, 'workers_dev'],
    ['previews', { ...GOOD, preview_urls: true }, 'preview_urls'],
    ['a fetch past the zone', { ...GOOD, compatibility_flags: [] }, 'compatibility_flags'],
    [
      'a cache of an entrypoint',
      { ...GOOD, exports: { Authorizer: { type: 'worker', cache: { enabled: true } } } },
      'exports',
    ],
    [
      'previews of a custom domain',
      { ...GOOD, routes: [{ pattern: 'a.example', custom_domain: true, previews_enabled: true }] },
      'routes',
    ],
    ['a route for one scheme', { ...GOOD, routes: ['https://a.example/*'] }, 'routes'],
    [
      'a route for the other',
      { ...GOOD, route: { pattern: 'http://a.example/*', zone_name: 'a' } },
      'routes',
    ],
  ])('%s', (_, settings, setting) => {
    expect(findFailOpen(settings, resolved).map((problem) => problem.split(':')[0])).toEqual([setting])
  })

  test('a rule that no route brings to the Worker, by its name', () => {
    const uncovered = (...routes: unknown[]) =>
      findFailOpen({ ...GOOD, routes }, resolved).map((problem) => / covers (.*), so /.exec(problem)?.[1])
    const rest = ['POST /orders', 'GET /orders/{id}', 'GET /invoices', 'POST /invoices']
    expect(uncovered('a.example/orders*')).toEqual(['GET /health', 'GET /invoices', 'POST /invoices'])
    expect(uncovered('a.example/orders')).toEqual(['GET /health', ...rest.slice(1)])
    expect(uncovered('a.example/orders/*')).toEqual([
      'GET /health',
      'GET /orders',
      ...rest.filter((name) => name !== 'GET /orders/{id}'),
    ])
    expect(uncovered('a.example/orders*', { pattern: 'a.example/health', zone_name: 'a' })).toEqual(
      rest.slice(2),
    )
    expect(uncovered('a.example')).toHaveLength(6)
    for (const whole of ['a.example/*', '*.example/*', 'a.example*', { pattern: 'a', custom_domain: true }])
      expect(uncovered(whole)).toEqual([])
    expect(uncovered('a.example/orders*', 'b.example/*')).toEqual([])
    expect(uncovered()).toEqual([])
  })

  test('a route for a part of a host whose rest is the origin', () => {
    const settings = { workers_dev: false, compatibility_flags: [] }
    const found = (pattern: string) => findFailOpen({ ...settings, routes: [pattern] }, sameZone)
    expect(found('a.example/*')).toEqual([])
    expect(found('a.example/o*')[0]).toMatch(/^routes: pattern: has part of a host only/)
  })

  test('a Worker that would call itself', () => {
    expect(findFailOpen(GOOD, sameZone)).toEqual([
      'compatibility_flags: global_fetch_strictly_public: the Worker would call itself, because origin.sameZone is true; take it out',
    ])
    expect(findFailOpen({ ...GOOD, compatibility_flags: [] }, sameZone)).toEqual([])
  })

  test('nothing if every setting is off', () => {
    expect(findFailOpen({ ...GOOD, cache: { enabled: false }, preview_urls: false }, resolved)).toEqual([])
    expect(FAIL_OPEN_ROWS).toHaveLength(11)
    const off = { default: { type: 'worker', cache: { enabled: false } }, Other: { type: 'worker' } }
    expect(findFailOpen({ ...GOOD, exports: off, routes: ['a.example/*'] }, resolved)).toEqual([])
  })
})

describe('passThroughOnException in the deployed source', () => {
  let directory: string
  const put = (name: string, text: string) => writeFile(join(directory, name), text)

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lanekeeper-source-'))
    await put(
      'calls.ts',
      'type Context = { passThroughOnException(): void }\n// passThroughOnException\nexport const soften = (context: Context) =>\n  context.passThroughOnException()\n',
    )
    await put(
      'unused.ts',
      'export const never = (context: any) => context.passThroughOnException()\nexport const ONE = 1\n',
    )
    await put(
      'words.ts',
      '/* passThroughOnException is off here */\nexport interface C { passThroughOnException(): void }\nexport const two = (context: C) => [context, 2]\n',
    )
    await put(
      'indirect.ts',
      "import { soften } from './calls.ts'\nexport default { fetch: (_: Request, env: object, context: any) => soften(context) }\n",
    )
    await put(
      'taken.ts',
      'export default { fetch(_: Request, env: object, context: any) {\n  const { passThroughOnException: soften } = context\n  soften.call(context)\n} }\n',
    )
    await put(
      'good.ts',
      "import { ONE } from './unused.ts'\nimport { two } from './words.ts'\nexport default { fetch: () => Response.json([ONE, two({ passThrough: 1 } as never)]) }\n",
    )
  })

  afterAll(() => rm(directory, { recursive: true }))

  const SAYS = 'passThroughOnException lets a request past the Worker when it throws; take it out'

  test('is found in any module that ends up in the bundle, with its line', async () => {
    expect(await findPassThrough('indirect.ts', directory)).toEqual([`calls.ts:4: ${SAYS}`])
    expect(await findPassThrough('taken.ts', directory)).toEqual([`taken.ts:2: ${SAYS}`])
  })

  test('is not found in comments, types and code that the bundler removes', async () => {
    expect(await findPassThrough('good.ts', directory)).toEqual([])
  })

  test('is not in the shipped Worker and its dependencies', async () => {
    expect(await findPassThrough('functions/cloudflare/worker.ts', ROOT)).toEqual([])
  })
})
