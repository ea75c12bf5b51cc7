// Keys that a provisioned instance fetches while Lambda initialises it, from real key servers.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuthorizerEvent } from '../../../functions/aws/event.ts'
import { createHandler } from '../../../functions/aws/handler.ts'
import { prefetchKeys } from '../../../functions/aws/prefetch.ts'
import {
  REQUEST_MS,
  resolveConfig,
  webCrypto,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../../shared/index.ts'
import { bundleKeys } from '../../../shared/compiler.ts'
import { planOf } from '../../../shared/config/compile.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { assembleBundled } from '../../support/bundled-authorizer.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../../support/test-issuer.ts'

const AUDIENCE = 'https://api.test.example'
const TYPE = 'AWS_LAMBDA_INITIALIZATION_TYPE'
const PROVISIONED = { [TYPE]: 'provisioned-concurrency', SHARED: 'kS9!vQ2#xW7$zL4%bN8&cM1*dJ6(fH3)' }

let main: TestIssuer
let other: TestIssuer
let config: LanekeeperConfig
let clock: number
let events: ReportEvent[]

beforeEach(async () => {
  const keys = await Promise.all(['one', 'one', 'inline'].map((kid) => generateKey('ES256', kid)))
  ;[main, other] = (await Promise.all(
    keys.slice(0, 2).map((key) => startTestIssuer({ audience: AUDIENCE, keys: [key] })),
  )) as [TestIssuer, TestIssuer]
  const common = { audience: AUDIENCE, profile: 'rfc9068', algorithms: ['ES256'] } as const
  config = {
    issuers: {
      main: { ...common, issuer: main.issuer, keys: { discovery: 'openid-configuration' } },
      other: { ...common, issuer: other.issuer, keys: { jwks_uri: other.jwksUri } },
      inline: {
        ...common,
        issuer: 'https://inline.example',
        keys: { jwks: { keys: [keys[2]!.publicJwk] } },
      },
      secret: {
        ...common,
        issuer: 'https://secret.example',
        keys: { secret: { env: 'SHARED' }, encoding: 'text' },
        algorithms: ['HS256'],
      },
    },
    routes: [
      { path: '/', methods: ['GET'], scope: 'none' },
      { path: '/health', methods: ['GET'], public: true },
    ],
    aws: { resultTtlSeconds: 0 },
  }
  clock = Date.now()
  events = []
})

afterEach(() => Promise.all([main.close(), other.close()]))

const create = (env: Record<string, string>) =>
  createHandler(config, env, { now: () => clock, report: (event) => void events.push(event) })

/** The code of the decision and the fetches that it started. */
async function ask(handler: ReturnType<typeof create>, issuer: TestIssuer) {
  events = []
  const request = { method: 'GET', path: '/', authorization: [`Bearer ${await issuer.token()}`] }
  await handler(TO_EVENT.rest_request(request) as unknown as AuthorizerEvent).catch(() => {})
  const decisions = events.filter((event) => event.event === 'decision')
  return decisions.map(({ code, fetches }) => [code, fetches])
}

test('a provisioned instance has the keys of every issuer before its first event', async () => {
  const handler = create(PROVISIONED)
  await handler.prepare()
  expect([main.fetches(), other.fetches()]).toEqual([1, 1])
  expect(events.map((event) => [event.event, event.outcome])).toEqual([
    ['keys', 'refreshed'],
    ['keys', 'refreshed'],
  ])
  expect(await ask(handler, main)).toEqual([['access_token', 0]])
  expect(await ask(handler, other)).toEqual([['access_token', 0]])
  expect([main.fetches(), other.fetches()]).toEqual([1, 1])
})

test.each([['on-demand'], ['snap-start'], ['lambda-managed-instances'], ['']])(
  'an instance that starts as %j fetches with its first event',
  async (type) => {
    const handler = create({ ...PROVISIONED, [TYPE]: type })
    await handler.prepare()
    expect([main.requests(), other.requests()]).toEqual([0, 0])
    expect(await ask(handler, main)).toEqual([['access_token', 1]])
  },
)

test('no instance fetches before it is asked to prepare', () => {
  create(PROVISIONED)
  expect([main.requests(), other.requests()]).toEqual([0, 0])
})

test('an issuer that is down does not fail the start, and the first event fetches its keys', async () => {
  main.answerWith((_, response) => void response.writeHead(500).end())
  const handler = create(PROVISIONED)
  await handler.prepare()
  main.answerWith(null)
  clock += 2_000
  expect(await ask(handler, other)).toEqual([['access_token', 0]])
  expect(await ask(handler, main)).toEqual([['access_token', 1]])
})

test('keys of a provisioned instance grow old like all others', async () => {
  const handler = create(PROVISIONED)
  await handler.prepare()
  main.publish([(await generateKey('ES256', 'two')).publicJwk])
  clock += 21 * 60_000
  expect(await ask(handler, main)).toEqual([['key_unknown', 1]])
})

test('an issuer with bundled keys is left out', async () => {
  const keys = { jwks_uri: main.jwksUri, bundled: { maxAgeSeconds: 60 } }
  const issuers = { ...config.issuers, main: { ...config.issuers['main'], keys } }
  const resolved = resolveConfig({ ...config, issuers } as LanekeeperConfig, { env: PROVISIONED })
  const { bundledKeys } = await bundleKeys(resolved, { fetch, now: () => clock })
  const ports = { fetch, now: () => clock, report: () => {}, crypto: webCrypto }
  await assembleBundled({ ...planOf(resolved), bundledKeys: bundledKeys! }, null, ports).prefetchKeys()
  expect([main.fetches(), other.fetches()]).toEqual([1, 1])
})

describe('the start waits', () => {
  afterEach(() => void vi.useRealTimers())

  test('no longer than a request may take', async () => {
    vi.useFakeTimers()
    let isDone = false
    const work = prefetchKeys({ prefetchKeys: () => new Promise(() => {}) }, PROVISIONED)
    void work.then(() => void (isDone = true))
    await vi.advanceTimersByTimeAsync(REQUEST_MS - 1)
    expect(isDone).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(isDone).toBe(true)
  })

  test('no longer than the fetches take, whatever comes of them, and leaves no timer', async () => {
    vi.useFakeTimers()
    await prefetchKeys({ prefetchKeys: async () => {} }, PROVISIONED)
    await prefetchKeys({ prefetchKeys: () => Promise.reject(new Error('x')) }, PROVISIONED)
    expect(vi.getTimerCount()).toBe(0)
  })
})
