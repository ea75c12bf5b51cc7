// `lanekeeper revoke` and the caches of API Gateway: the requests of the real clients, when they are sent, and what N
// is where one is refused.

import type { IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { flushCaches } from '../../../cli/revocation/effect.ts'
import { reasonOfSdk } from '../../../cli/revocation/aws-sdk.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { REQUEST_MS } from '../../../shared/platform/deadline.ts'
import { FIRST_WAIT_MS } from '../../../shared/revocation/lookup-reader.ts'
import { STORE_WAIT_MS } from '../../../shared/revocation/waits.ts'
import { startDynalite, type Dynalite } from '../../support/dynalite.ts'
import {
  configFor,
  createProject,
  listen,
  startStoreServer,
  type LoopbackServer,
  type Project,
  type StoreServer,
} from './world.ts'

const REST = 'DELETE /restapis/a1b2c3d4e5/stages/production/cache/authorizers'
const HTTP = 'DELETE /v2/apis/f6g7h8i9j0/stages/%24default/cache/authorizers'

/** By its path, the status and the body of each operation. */
const ANSWERS: Readonly<Record<string, readonly [status: number, body: string]>> = {
  [REST]: [202, ''],
  [HTTP]: [204, ''],
}

let dynalite: Dynalite
let server: StoreServer
let gateway: LoopbackServer
let project: Project
let config: LanekeeperConfig
let requests: string[]
let regions: (string | undefined)[]
/** Requests that are refused in place of the usual answer. */
let refused: Map<string, readonly [status: number, body: string]>

const regionOf = ({ headers }: IncomingMessage): string | undefined =>
  /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/([^/]+)\/apigateway\/aws4_request/.exec(
    headers.authorization ?? '',
  )?.[1]

beforeAll(async () => {
  dynalite = await startDynalite()
})

afterAll(() => dynalite.close())

beforeEach(async () => {
  requests = []
  regions = []
  refused = new Map()
  gateway = await listen((request, response) => {
    const called = `${request.method} ${request.url}`
    requests.push(called)
    regions.push(regionOf(request))
    const [status, body] = refused.get(called) ?? ANSWERS[called] ?? [404, '{"message":"Invalid stage"}']
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  for (const [name, value] of Object.entries(dynalite.env)) vi.stubEnv(name, value)
  vi.stubEnv('AWS_ENDPOINT_URL_API_GATEWAY', gateway.url)
  vi.stubEnv('AWS_ENDPOINT_URL_APIGATEWAYV2', gateway.url)
  server = await startStoreServer()
  project = createProject()
  config = {
    ...configFor(server.url, dynalite.table),
    aws: {
      resultTtlSeconds: 300,
      caches: [
        { restApi: 'a1b2c3d4e5', stage: 'production', region: 'eu-north-1' },
        { httpApi: 'f6g7h8i9j0', stage: '$default' },
      ],
    },
  }
  project.writeConfig(config)
})

afterEach(async () => {
  await Promise.all([server.close(), gateway.close()])
  project.remove()
  vi.unstubAllEnvs()
})

const USUAL = `5 age of the news + ${STORE_WAIT_MS / 1000} waiting for the store`

test('each cache is emptied at once, and again when no function gives an answer from before', async () => {
  const sleep = vi.fn(async () => {
    expect([...requests].toSorted()).toEqual([REST, HTTP].toSorted())
    expect(server.requests).toEqual(['POST /revoke'])
  })
  const { exitCode, out, errors } = await project.run(['revoke', '--sub', 'alice'], { tools: { sleep } })
  expect([exitCode, errors]).toEqual([0, ''])
  expect(sleep.mock.calls).toEqual([[5_000 + STORE_WAIT_MS + REQUEST_MS]])
  expect([...requests].toSorted()).toEqual([REST, REST, HTTP, HTTP].toSorted())
  expect(new Set(regions)).toEqual(new Set(['eu-north-1', 'eu-west-1']))
  expect(out).toContain('REST API a1b2c3d4e5, stage production emptied')
  expect(out).toContain('HTTP API f6g7h8i9j0, stage $default emptied')
  expect(out).toMatch(
    new RegExp(` Lambda: 367 s = ${USUAL.replaceAll('+', '\\+')} .* \\(13 s while the store answers\\)`),
  )
})

test.each([
  [403, '{"message":"User: arn:aws:iam::1:user/ada is not authorized"}'],
  [404, '{"message":"Invalid API identifier specified"}'],
])(
  'a cache that refuses with %d is exit code 1, and N has the lifetime of its answers',
  async (status, body) => {
    refused.set(REST, [status, body])
    const { exitCode, out, errors } = await project.run(['revoke', '--sub', 'bob'])
    expect(exitCode).toBe(1)
    expect(errors).toContain(JSON.parse(body).message)
    expect(errors).toMatch(
      /^REST API a1b2c3d4e5, stage production: its cached answers are not removed: .* They stand for up to 300 s longer\.$/,
    )
    expect(out).toContain('REST API a1b2c3d4e5, stage production FAILED')
    expect(out).toContain('HTTP API f6g7h8i9j0, stage $default emptied')
    expect(out).toContain('(313 s while the store answers)')
    expect(out.match(/ (?:stored|known)$/gm)).toHaveLength(2)
  },
)

test('nobody waits longer than a function can remember and hold an answer', async () => {
  const revocation = { ...config.revocation!, refreshSeconds: 1 }
  project.writeConfig({ ...config, revocation })
  expect((await project.run(['revoke', '--sub', 'bea'])).slept).toEqual([FIRST_WAIT_MS + REQUEST_MS])
  project.writeConfig({ ...config, revocation: { ...revocation, refreshSeconds: 30 } })
  expect((await project.run(['revoke', '--sub', 'bea'])).slept).toEqual([30_000 + STORE_WAIT_MS + REQUEST_MS])
})

test('without aws.caches nothing is emptied, nobody waits, and N has the lifetime', async () => {
  project.writeConfig({ ...config, aws: { resultTtlSeconds: 300 } })
  const { exitCode, out, slept } = await project.run(['revoke', '--sub', 'carol'])
  expect([exitCode, requests, slept]).toEqual([0, [], []])
  expect(out).toContain('(313 s while the store answers)')
})

test('a dry run and another edge empty nothing', async () => {
  const dry = await project.run(['revoke', '--sub', 'dave', '--dry-run'])
  expect(dry.out).toContain('stage production not emptied')
  const other = await project.run(['revoke', '--sub', 'dave', '--edge', 'cloudflare'])
  expect(other.out).not.toContain('REST API')
  expect([requests, dry.slept, other.slept]).toEqual([[], [], []])
})

test('--json has each cache, and nothing else is printed', async () => {
  refused.set(HTTP, [404, '{"message":"Invalid stage"}'])
  const ran = await project.run(['revoke', '--sub', 'erin', '--json'])
  expect(ran.exitCode).toBe(1)
  expect(ran.document()).toMatchObject({
    ok: false,
    caches: [
      { name: 'REST API a1b2c3d4e5, stage production', error: null },
      { name: 'HTTP API f6g7h8i9j0, stage $default', error: expect.stringContaining('Invalid stage') },
    ],
    staleness: expect.arrayContaining([expect.objectContaining({ edge: 'aws', reachableSeconds: 313 })]),
  })
})

test('routes with strong have the revocation when no function holds an answer from before', async () => {
  project.writeConfig({
    ...config,
    routes: [{ ...config.routes[0]!, revocation: 'strong' }],
  } as LanekeeperConfig)
  const { out, slept } = await project.run(['revoke', '--sub', 'frank'])
  expect(slept).toEqual([REQUEST_MS])
  expect(out).toContain(' Lambda, routes with revocation strong: 7 s = 7 until the caches are emptied again')
  refused.set(REST, [404, '{}'])
  const { out: kept } = await project.run(['revoke', '--sub', 'frank'])
  expect(kept).toContain(
    ' Lambda, routes with revocation strong: 307 s = 7 until the function answers + 300 kept by the gateway',
  )
})

test('answers that expire before the caches are emptied again do not stand as long', async () => {
  const strong = { ...config.routes[0]!, path: '/strong', revocation: 'strong' }
  project.writeConfig({
    ...config,
    routes: [...config.routes, strong],
    aws: { ...config.aws, resultTtlSeconds: 1 },
  } as LanekeeperConfig)
  const { out, slept } = await project.run(['revoke', '--sub', 'heidi'])
  expect(slept).toEqual([5_000 + STORE_WAIT_MS + REQUEST_MS])
  expect(out).toContain(
    ' Lambda, routes with revocation strong: 8 s = 7 until the function answers + 1 kept by the gateway',
  )
  expect(out).toContain('(13 s while the store answers)')
})

describe('flushCaches', () => {
  const cacheWith = (name: string, ...outcomes: (string | null)[]) => ({
    name,
    flush: vi.fn(async () => outcomes.shift()!),
  })

  test('the second time decides', async () => {
    const wait = vi.fn(async () => {})
    const caches = [cacheWith('a', 'throttled', null), cacheWith('b', null, 'denied')]
    expect(await flushCaches(caches, wait)).toEqual([
      { name: 'a', problem: null },
      { name: 'b', problem: 'denied' },
    ])
    expect(wait).toHaveBeenCalledTimes(1)
  })

  test('nobody waits where no cache can be emptied, or where nothing is to be forgotten', async () => {
    const wait = vi.fn(async () => {})
    expect(await flushCaches([cacheWith('a', 'denied')], wait)).toEqual([{ name: 'a', problem: 'denied' }])
    expect(await flushCaches([], wait)).toEqual([])
    const cache = cacheWith('a', null)
    expect(await flushCaches([cache], null)).toEqual([{ name: 'a', problem: null }])
    expect([wait.mock.calls.length, cache.flush.mock.calls.length]).toEqual([0, 1])
  })
})

test('where the table has failed, nobody waits', async () => {
  project.writeConfig({
    ...config,
    revocation: { ...config.revocation, dynamodb: { table: 'no-such-table' } },
  })
  const { exitCode, out, slept } = await project.run(['revoke', '--sub', 'grace'])
  expect([exitCode, slept]).toEqual([1, []])
  expect(requests.toSorted()).toEqual([REST, HTTP].toSorted())
  expect(out).not.toContain(' Lambda: ')
})

test.each([
  [
    Object.assign(new Error("Cannot find package '@aws-sdk/client-api-gateway' imported from /a"), {
      code: 'ERR_MODULE_NOT_FOUND',
    }),
    'it needs the package @aws-sdk/client-api-gateway, which is not installed: npm install @aws-sdk/client-api-gateway',
  ],
  [
    Object.assign(new Error("Cannot find package 'other' imported from /a"), {
      code: 'ERR_MODULE_NOT_FOUND',
    }),
    "Cannot find package 'other' imported from /a",
  ],
  [Object.assign(new Error('no'), { name: 'AccessDeniedException' }), 'AccessDeniedException: no'],
  [Object.assign(new Error('late'), { name: 'TimeoutError' }), 'it did not answer in time'],
  [Object.assign(new Error(''), { name: 'Error' }), 'it failed'],
])('%s is a sentence', (error, sentence) => {
  expect(reasonOfSdk(error, '@aws-sdk/client-api-gateway')).toBe(sentence)
})
