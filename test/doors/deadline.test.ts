// One deadline for everything that a request has to ask for: each answer comes within its own time, all of them
// together do not, and the caller gets an answer from here before a gateway gives up. Real servers, real time.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createHandler } from '../../functions/aws/handler.ts'
import { REQUEST_MS, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import type { DoorName } from '../cases/row.ts'
import { CLIENT_ID, startOpaqueIssuer, type OpaqueIssuer, type Told } from '../support/opaque-issuer.ts'
import { AUDIENCE } from '../support/surroundings.ts'
import { DOORS } from './all-doors.ts'
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

const FACTS = { active: true, token_type: 'Bearer', sub: 'ada', aud: AUDIENCE, client_id: 'c', scope: 'read' }
const issue = (told: Told = {}) => issuer.issue('t_', { json: FACTS, ...told })
const requestWith = (token: string) => ({
  method: 'GET',
  path: '/orders',
  authorization: [`Bearer ${token}`],
})

const TRIED: readonly DoorName[] = ['core', 'worker', 'rest REQUEST', 'http 2.0 simple']

describe.concurrent('two answers that take their time', () => {
  test.each(TRIED)('%s: too long in all', { timeout: 30_000 }, async (name) => {
    const door = await DOORS[name](config, issuer.env)
    try {
      const slow = { json: { sub: 'ada', email: 'ada@acme.example' }, afterMs: 3_800 }
      const outcome = await door.send(requestWith(issue({ afterMs: 3_800, userinfo: slow })))
      expect(outcome).toMatchObject({ allow: false, code: 'deadline_exceeded' })
      if (name === 'core' || name === 'worker') expect(outcome.wire['status']).toBe(503)
      else expect(outcome.wire).toEqual({ thrown: 'lanekeeper: deadline_exceeded' })
    } finally {
      await door.close()
    }
  })

  test('not too long', { timeout: 30_000 }, async () => {
    const door = await DOORS.core(config, issuer.env)
    const userinfo = { json: { sub: 'ada', email: 'ada@acme.example' }, afterMs: 500 }
    const outcome = await door.send(requestWith(issue({ afterMs: 3_800, userinfo })))
    expect(outcome).toMatchObject({ allow: true, code: 'access_token' })
  })
})

/** All clocks run twenty times as fast. */
async function fast<T>(work: () => Promise<T>): Promise<T> {
  const [abortAfter, callAfter] = [AbortSignal.timeout.bind(AbortSignal), globalThis.setTimeout]
  const spies = [
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => abortAfter(ms / 20)),
    vi
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation(((run: (...more: unknown[]) => void, ms = 0, ...more: unknown[]) =>
        callAfter(run, ms / 20, ...more)) as typeof setTimeout),
  ]
  try {
    return await work()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

test('work that never ends keeps neither the request nor the one that joins it, and the function answers without it', async () => {
  const events: ReportEvent[] = []
  const handler = createHandler(config, issuer.env, {
    fetch: () => new Promise(() => {}),
    report: (event) => void events.push(event),
  })
  const event = TO_EVENT.http_2(requestWith(issue()))
  const ask = () => handler(event as never).catch((error: Error) => error.message)
  const code = 'lanekeeper: deadline_exceeded'
  expect(await fast(() => Promise.all([ask(), ask()]))).toEqual([code, code])
  expect(await fast(ask)).toBe(code)
  const decisions = events.filter((one) => one.event === 'decision')
  expect(decisions.map(({ fetches }) => fetches).toSorted()).toEqual([0, 0, 2])
})

test('keys that cannot be had keep nobody longer, either', async () => {
  const keyed: LanekeeperConfig = {
    ...config,
    issuers: {
      main: {
        issuer: 'https://login.test.example',
        audience: AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks_uri: 'https://login.test.example/jwks' },
      },
    },
  }
  const handler = createHandler(keyed, {}, { fetch: () => new Promise(() => {}), report: () => {} })
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
  const header = { alg: 'RS256', typ: 'at+jwt', kid: 'k' }
  const token = `${part(header)}.${part({ iss: 'https://login.test.example' })}.c2ln`
  const event = TO_EVENT.http_2(requestWith(token))
  const ask = () => handler(event as never).catch((error: Error) => error.message)
  const code = 'lanekeeper: deadline_exceeded'
  expect(await fast(() => Promise.all([ask(), ask()]))).toEqual([code, code])
})

test('the function in serverless.yml has more time than a request may take', () => {
  const text = readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')
  const seconds = Number(/^ {2}timeout: (\d+)$/m.exec(text)?.[1])
  expect(seconds * 1000).toBeGreaterThanOrEqual(REQUEST_MS + 1_000)
})
