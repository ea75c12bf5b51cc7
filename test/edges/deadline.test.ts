// One deadline covers all fetches of a request: each answer comes within its own timeout, all of them together do not,
// and the caller gets an answer from here before a gateway gives up. Real servers; time passes when the test says so.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHandler } from '../../functions/aws/handler.ts'
import { REQUEST_MS, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import type { EdgeName } from '../cases/row.ts'
import {
  CLIENT_ID,
  startOpaqueIssuer,
  type OpaqueIssuer,
  type IssuerAnswer,
} from '../support/opaque-issuer.ts'
import { AUDIENCE } from '../support/case-world.ts'
import { elapse, neverEnding, until } from '../support/time.ts'
import { EDGES } from './all-edges.ts'
import type { Edge } from './edge.ts'
import { TO_EVENT } from './events.ts'

let issuer: OpaqueIssuer
let config: LanekeeperConfig

beforeAll(async () => {
  issuer = await startOpaqueIssuer()
  config = {
    issuers: {
      main: {
        issuer: issuer.url,
        audience: AUDIENCE,
        introspection: {
          endpoint: `${issuer.url}/introspect/basic`,
          authentication: 'client_secret_basic',
          clientId: CLIENT_ID,
          secret: { env: 'OUR_SECRET' },
          timeoutSeconds: 5,
        },
        userinfo: { endpoint: `${issuer.url}/userinfo`, claim: 'email', timeoutSeconds: 5 },
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
  }
})

afterAll(() => issuer.close())

const MEMBERS = {
  active: true,
  token_type: 'Bearer',
  sub: 'ada',
  aud: AUDIENCE,
  client_id: 'c',
  scope: 'read',
}
const issue = (answer: IssuerAnswer = {}) => issuer.issue('t_', { json: MEMBERS, ...answer })
const requestWith = (token: string) => ({
  method: 'GET',
  path: '/orders',
  authorization: [`Bearer ${token}`],
})

/** Moves both the clock and the timeouts forward. */
async function pass(edge: Edge, ms: number): Promise<void> {
  await edge.advance(ms)
  await edge.elapse(ms)
}

const TRIED: readonly EdgeName[] = ['core', 'worker', 'rest REQUEST', 'http 2.0 simple']

describe('two slow answers', () => {
  test.each(TRIED)('%s: too late together', async (name) => {
    const edge = await EDGES[name](config, issuer.env)
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const userinfo = { json: { sub: 'ada', email: 'ada@acme.example' }, after: second.promise }
    const token = issue({ after: first.promise, userinfo })
    try {
      const pending = edge.send(requestWith(token))
      await until(() => issuer.calls(token) === 1)
      await pass(edge, 3_800)
      first.resolve()
      await until(() => issuer.userinfoCalls(token) === 1)
      await pass(edge, 3_800)
      const outcome = await pending
      expect(outcome).toMatchObject({ allow: false, code: 'deadline_exceeded' })
      if (name === 'core' || name === 'worker') expect(outcome.wire['status']).toBe(503)
      else expect(outcome.wire).toEqual({ thrown: 'lanekeeper: deadline_exceeded' })
    } finally {
      second.resolve()
      await edge.close()
    }
  })

  test('in time together', async () => {
    const edge = await EDGES.core(config, issuer.env)
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const userinfo = { json: { sub: 'ada', email: 'ada@acme.example' }, after: second.promise }
    const token = issue({ after: first.promise, userinfo })
    const pending = edge.send(requestWith(token))
    await until(() => issuer.calls(token) === 1)
    await pass(edge, 3_800)
    first.resolve()
    await until(() => issuer.userinfoCalls(token) === 1)
    await pass(edge, 3_100)
    second.resolve()
    expect(await pending).toMatchObject({ allow: true, code: 'access_token' })
  })
})

/**
 * A handler whose fetches never end, and whose timeouts never fire unless `fetch` says so. `settle` moves time forward
 * second by second until the work is done.
 */
function startPatiently(
  given: LanekeeperConfig,
  env: OpaqueIssuer['env'],
  fetch: (init: RequestInit) => Promise<never> = neverEnding,
) {
  let clock = Date.now()
  const events: ReportEvent[] = []
  const handler = createHandler(given, env, {
    fetch: (_, init) => fetch(init),
    now: () => clock,
    report: (event) => void events.push(event),
  })
  async function settle<Result>(work: Promise<Result>): Promise<Result> {
    let isSettled = false
    void work.finally(() => (isSettled = true))
    while (!isSettled) {
      clock += 1_000
      elapse(1_000)
      await nextTurn()
    }
    return work
  }
  const ask = (token: string) =>
    handler(TO_EVENT.http_2(requestWith(token)) as never).catch((error: Error) => error.message)
  return { ask, settle, events }
}

const CODE = 'lanekeeper: deadline_exceeded'

test('work that never ends delays neither its request nor one that joins it beyond the deadline', async () => {
  const { ask, settle, events } = startPatiently(config, issuer.env)
  const token = issue()
  expect(await settle(Promise.all([ask(token), ask(token)]))).toEqual([CODE, CODE])
  expect(await settle(ask(token))).toBe(CODE)
  const decisions = events.filter((one) => one.event === 'decision')
  expect(decisions.map(({ fetches }) => fetches).toSorted()).toEqual([0, 0, 2])
})

const keyed = (): LanekeeperConfig => ({
  ...config,
  issuers: {
    main: {
      issuer: 'https://login.test.example',
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { jwks_uri: 'https://login.test.example/jwks' },
    },
  },
})
const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
const KEYED_HEADER = { alg: 'RS256', typ: 'at+jwt', kid: 'k' }
const KEYED_TOKEN = `${part(KEYED_HEADER)}.${part({ iss: 'https://login.test.example' })}.c2ln`

test('a fetch of keys that never ends delays no request beyond the deadline', async () => {
  const { ask, settle } = startPatiently(keyed(), {})
  expect(await settle(Promise.all([ask(KEYED_TOKEN), ask(KEYED_TOKEN)]))).toEqual([CODE, CODE])
})

test('a fetch that ignores its signal fails at its own timeout, and the failure is reported', async () => {
  const { ask, settle, events } = startPatiently(keyed(), {}, () => new Promise(() => {}))
  const unavailable = 'lanekeeper: keys_unavailable'
  expect(await settle(Promise.all([ask(KEYED_TOKEN), ask(KEYED_TOKEN)]))).toEqual([unavailable, unavailable])
  expect(events[0]).toMatchObject({ event: 'keys', outcome: 'failed', code: 'timeout' })
  const opaque = startPatiently(config, issuer.env, () => new Promise(() => {}))
  expect(await opaque.settle(opaque.ask(issue()))).toBe('lanekeeper: introspection_timeout')
})

test('the function in serverless.yml has more time than a request may take', () => {
  const text = readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')
  const seconds = Number(/^ {2}timeout: (\d+)$/m.exec(text)?.[1])
  expect(seconds * 1000).toBeGreaterThanOrEqual(REQUEST_MS + 1_000)
})
