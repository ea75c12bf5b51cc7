// `lanekeeper routes`: what a rule demands, and what each edge cannot express of it. Every limit has a twin without it.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../../cli/commands.ts'
import { findEdgeLimits, GATEWAY_STATUS } from '../../../cli/routes/edge-limits.ts'
import { describeDemand } from '../../../cli/routes/demand.ts'
import type { RoutesDocument } from '../../../cli/routes/routes-report.ts'
import {
  failureRow,
  FAILURES,
  resolveConfig,
  type FailureCode,
  type LanekeeperConfig,
} from '../../../shared/index.ts'
import { createCommandIo } from '../../support/command-io.ts'

const MAIN = {
  issuer: 'https://login.example.com',
  audience: 'https://api.example.com',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
} as const

const configOf = (
  route: Partial<LanekeeperConfig['routes'][number]>,
  more: Partial<LanekeeperConfig> = {},
): LanekeeperConfig => ({
  issuers: { main: MAIN },
  routes: [
    {
      path: '/orders',
      methods: ['POST'],
      ...('public' in route ? {} : { scope: { allOf: ['a'] } }),
      ...route,
    } as LanekeeperConfig['routes'][number],
  ],
  origin: { url: 'https://orders.internal.example.com' },
  ...more,
})

const resolve = (config: LanekeeperConfig) => resolveConfig(config, { env: {} })

const MTLS: Partial<LanekeeperConfig> = {
  issuers: { main: { ...MAIN, senderConstraint: 'any' } },
  publicUrls: ['https://api.example.com'],
  mtls: { trust: 'possession' },
  aws: { strategy: 'off' },
}

describe('a demand', () => {
  test.each<[Partial<LanekeeperConfig['routes'][number]>, Partial<LanekeeperConfig>, readonly string[]]>([
    [{ public: true } as object, {}, ['public']],
    [{ scope: 'none' }, {}, ['any valid access token']],
    [{ scope: { allOf: ['a', 'b'] } }, {}, ['scope a and b']],
    [{ scope: { anyOf: ['a', 'b'] } }, {}, ['scope a or b']],
    [{ issuer: 'main' }, {}, ['issuer main', 'scope a']],
    [{ clients: ['web', 'app'] }, {}, ['scope a', 'client web or app']],
    [{ claims: { tier: { oneOf: ['gold', 'silver'] } } }, {}, ['scope a', 'claim tier = gold or silver']],
    [{ acr: ['mfa'], maxAgeSeconds: 300 }, {}, ['scope a', 'acr mfa', 'signed in within 300 s']],
    [{ authorizationDetails: ['payment'] }, {}, ['scope a', 'authorization_details payment']],
    [{}, MTLS, ['sender bearer or DPoP or mTLS or DPoP and mTLS together', 'scope a']],
    [{ senderConstraint: 'mtls' }, MTLS, ['sender mTLS or DPoP and mTLS together', 'scope a']],
    [
      {},
      { resources: [{ identifier: 'https://api.example.com' }] },
      ['resource https://api.example.com', 'scope a'],
    ],
  ])('%j %j', (route, more, expected) => {
    const config = resolve(configOf(route, more))
    expect(describeDemand(config.routes[0]!, config)).toEqual(expected)
  })
})

const BOTH = { hasWorker: true, hasLambda: true }

describe('a limit', () => {
  const HEAD = 'sends HEAD nowhere'
  test.each<
    [
      string,
      Partial<LanekeeperConfig['routes'][number]>,
      Partial<LanekeeperConfig>,
      Partial<LanekeeperConfig['routes'][number]>,
    ]
  >([
    [HEAD, { methods: ['GET'] }, {}, { methods: ['GET', 'HEAD'] }],
    ['has no route for PURGE', { methods: ['PURGE'] }, {}, { methods: ['PUT'] }],
    ['cannot tell an escape', { path: '/a%5Bb' }, {}, { path: '/ab' }],
    ['asks for another login', { acr: ['mfa'] }, {}, {}],
    ['asks for another login', { maxAgeSeconds: 60 }, {}, {}],
    ['before report-only', { reportOnly: true }, {}, {}],
    ['no DPoP challenge', {}, MTLS, { senderConstraint: 'none' }],
    ['states no certificate', {}, MTLS, { senderConstraint: 'none' }],
    [
      'a table has no parameters',
      { path: '/orders/{id}' },
      { aws: { authorizers: { t: { strategy: 'table' } } } },
      {},
    ],
    ['has no sharedCaches', { sharedCaches: true }, {}, {}],
    ['has no $connect', { path: '$connect', methods: ['GET'] }, {}, { path: '/connect', methods: ['GET'] }],
  ])('%s: %j', (text, route, more, twin) => {
    const textsOf = (given: object, settings: object) => {
      try {
        return findEdgeLimits(resolve(configOf(given, settings)), BOTH)
          .map((limit) => limit.text)
          .join('\n')
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(textsOf(route, more)).toContain(text)
    expect(textsOf(twin, more)).not.toContain(text)
  })

  test('an edge that the stage does not have has none', () => {
    const config = resolve(configOf({ path: '$connect', methods: ['GET'] }))
    const edgesOf = (edges: typeof BOTH) => findEdgeLimits(config, edges).flatMap((limit) => limit.edges)
    expect(edgesOf({ hasWorker: true, hasLambda: false })).toEqual(['Worker'])
    expect(edgesOf({ hasWorker: false, hasLambda: true })).toEqual(['WebSocket'])
  })
})

test('every failure has a status on every API, and only a failure of ours is 500 or more', () => {
  for (const code of Object.keys(FAILURES) as FailureCode[]) {
    const { status, gateway } = failureRow(code)
    for (const there of Object.values(GATEWAY_STATUS[gateway])) expect(there >= 500).toBe(status >= 500)
  }
})

describe('the command', () => {
  let root: string

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-routes-')))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  async function run(config: object, ...args: string[]) {
    writeFileSync(join(root, 'lanekeeper.config.js'), `export default ${JSON.stringify(config)}`)
    const { io, kept } = createCommandIo({ cwd: root })
    const exitCode = await runCommand(['routes', ...args], io)
    return { exitCode, text: kept.printed.join('\n'), errors: kept.errors.join('\n') }
  }

  test('prints rules, functions and limits, and what is refused', async () => {
    const { exitCode, text } = await run(configOf({}))
    expect(exitCode).toBe(0)
    expect(text).toMatch(/routes\[0\] +POST +\/orders +scope a/)
    expect(text).toMatch(/any other +request +refused/)
    expect(text).toMatch(/aws +exact +unknown/)
  })

  test('--json has the same as members', async () => {
    const { text } = await run(configOf({ reportOnly: true }), '--json')
    const document = JSON.parse(text) as RoutesDocument
    expect(document).toMatchObject({
      version: 1,
      ok: true,
      stage: null,
      rules: [
        {
          setting: 'routes[0]',
          methods: ['POST'],
          path: '/orders',
          name: 'POST /orders',
          demand: ['scope a'],
          reportOnly: true,
        },
      ],
      functions: [{ setting: 'aws', strategy: 'exact', resultTtlSeconds: null }],
    })
  })

  test('--edge leaves the other edge out', async () => {
    const { text } = await run(configOf({}), '--json', '--edge', 'cloudflare')
    expect(JSON.parse(text)).toMatchObject({ functions: [], limits: [] })
    expect(await run(configOf({}), '--edge', 'azure')).toMatchObject({ exitCode: 2 })
  })

  test('a stage has to be named, and has its own rules', async () => {
    const staged = { ...configOf({}), stages: { production: {}, trial: { reportOnly: true } } }
    expect(await run(staged)).toMatchObject({ exitCode: 1 })
    expect((await run(staged, '--stage', 'trial')).text).toContain('report-only')
    expect((await run(staged, '--stage', 'production')).text).not.toContain('report-only')
  })
})
