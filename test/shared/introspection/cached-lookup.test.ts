// How many introspection requests a token causes, which answers are cached and for how long. Real HTTP, the real
// authorizer; time is a number that the test sets.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthorizer, type Authorizer, type Ports, type ReportEvent } from '../../../shared/index.ts'
import { CIRCUIT_POLICY } from '../../../shared/introspection/circuit-state.ts'
import { INACTIVE_MS } from '../../../shared/introspection/cached-lookup.ts'
import { findLeaks } from '../../support/leaks.ts'
import { AUDIENCE, startCaseWorld, type CaseWorld } from '../../support/case-world.ts'
import { APP, type IssuerAnswer } from '../../support/opaque-issuer.ts'
import type { Members } from '../../support/test-issuer.ts'

let world: CaseWorld
let clock: number
let events: ReportEvent[]
let authorizer: Authorizer

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const create = (ports: Partial<Ports> = {}) =>
  createAuthorizer(
    world.config,
    {
      fetch,
      now: () => clock,
      report: (event) => void events.push(event),
      secrets: world.secrets,
      ...ports,
    },
    { env: world.env },
  )

beforeEach(() => {
  clock = Date.now()
  events = []
  authorizer = create()
})

const membersOf = (change: Members = {}): Members => ({
  active: true,
  token_type: 'Bearer',
  sub: 'user-1',
  aud: AUDIENCE,
  client_id: 'client-1',
  scope: 'read',
  ...change,
})

const issue = (change: Members = {}, answer: IssuerAnswer = {}, prefix = 'in_') =>
  world.opaque.issue(prefix, { json: membersOf(change), ...answer })

const ask = (token: string, method = 'GET', path = '/orders') =>
  authorizer.authorize({ method, path, authorization: [`Bearer ${token}`], accessTokenInQuery: false })

describe('one introspection request for each token', () => {
  test('a thousand concurrent requests with a new token cause one', async () => {
    const token = issue()
    const decisions = await Promise.all(Array.from({ length: 1_000 }, () => ask(token)))
    expect(decisions.filter(({ allow }) => allow)).toHaveLength(1_000)
    expect(world.opaque.calls(token)).toBe(1)
  })

  test('a thousand concurrent requests with an inactive token cause one', async () => {
    const token = issue({ active: false })
    const decisions = await Promise.all(Array.from({ length: 1_000 }, () => ask(token)))
    expect(decisions.filter((one) => !one.allow && one.code === 'token_inactive')).toHaveLength(1_000)
    expect(world.opaque.calls(token)).toBe(1)
  })

  test('a thousand concurrent requests to a failing server cause one, and the next request another', async () => {
    const token = issue({}, { status: 500 })
    const decisions = await Promise.all(Array.from({ length: 1_000 }, () => ask(token)))
    expect(decisions.filter((one) => !one.allow && one.code === 'introspection_status')).toHaveLength(1_000)
    expect(world.opaque.calls(token)).toBe(1)
    world.opaque.setAnswer(token, { json: membersOf() })
    expect(await ask(token)).toMatchObject({ allow: true })
    expect(world.opaque.calls(token)).toBe(2)
  })

  test('two tokens cause two, and no request gets the answer about the other token', async () => {
    const [one, two] = [issue(), issue({ sub: 'user-2' })]
    const [first, second] = await Promise.all([ask(one), ask(two)])
    expect(first).toMatchObject({ grant: { principal: { id: 'user-1' } } })
    expect(second).toMatchObject({ grant: { principal: { id: 'user-2' } } })
  })

  test('userinfo is requested once, too', async () => {
    const userinfo = { json: { sub: 'user-1', email: 'ada@acme.example' } }
    const token = issue({}, { userinfo }, 'us_')
    const decisions = await Promise.all(Array.from({ length: 100 }, () => ask(token)))
    expect(decisions.every(({ allow }) => allow)).toBe(true)
    expect([world.opaque.calls(token), world.opaque.userinfoCalls(token)]).toEqual([1, 1])
  })
})

describe('the cache', () => {
  test('keeps an answer for cacheSeconds: a revocation is seen then, and no later', async () => {
    const token = issue()
    await ask(token)
    world.opaque.setAnswer(token, { json: { active: false } })
    clock += 60_000 - 1
    expect(await ask(token)).toMatchObject({ allow: true })
    expect(world.opaque.calls(token)).toBe(1)
    clock += 1
    expect(await ask(token)).toMatchObject({ code: 'token_inactive' })
    expect(world.opaque.calls(token)).toBe(2)
  })

  test('keeps no decision: each request is checked for its own route and time', async () => {
    const token = issue({ exp: Math.floor(clock / 1000) + 20 })
    expect(await ask(token)).toMatchObject({ allow: true })
    expect(await ask(token, 'POST')).toMatchObject({ code: 'insufficient_scope' })
    expect(await ask(token, 'GET', '/orders/special')).toMatchObject({ code: 'insufficient_scope' })
    expect(await ask(token, 'GET', '/admin')).toMatchObject({ code: 'route_unknown' })
    clock += 24_000
    expect(await ask(token)).toMatchObject({ allow: true })
    expect(world.opaque.calls(token)).toBe(1)
    clock += 2_000
    expect(await ask(token)).toMatchObject({ code: 'token_expired' })
  })

  test('keeps the answer about an inactive token briefly', async () => {
    const token = issue({ active: false })
    await ask(token)
    world.opaque.setAnswer(token, { json: membersOf() })
    clock += INACTIVE_MS - 1
    expect(await ask(token)).toMatchObject({ code: 'token_inactive' })
    clock += 1
    expect(await ask(token)).toMatchObject({ allow: true })
    expect(world.opaque.calls(token)).toBe(2)
  })

  test('keeps nothing under the name of another issuer', async () => {
    const token = issue()
    await ask(token)
    const other = token.replace('in_', 'po_')
    world.opaque.setAnswer(other, { json: membersOf({ sub: 'user-2' }) })
    expect(await ask(other)).toMatchObject({ grant: { issuer: 'posted', principal: { id: 'user-2' } } })
  })

  test('drops entries from the future after a clock was set back', async () => {
    const token = issue()
    await ask(token)
    clock -= 3_600_000
    await ask(token)
    expect(world.opaque.calls(token)).toBe(2)
  })
})

describe('Retry-After', () => {
  test('is a second after one failure, and no time of the key store', async () => {
    expect(await ask(issue({}, { status: 500 }))).toMatchObject({ retryAfterSeconds: 1 })
  })

  test("is the rest of the circuit breaker's open time", async () => {
    const limit = { status: 429, headers: { 'retry-after': new Date(clock + 25_000).toUTCString() } }
    const token = issue({}, limit)
    const { retryAfterSeconds } = (await ask(token)) as { retryAfterSeconds: number }
    expect([24, 25]).toContain(retryAfterSeconds)
    clock += 10_500
    expect(await ask(issue())).toMatchObject({
      code: 'introspection_held',
      detail: { why: 'rate_limit' },
      retryAfterSeconds: retryAfterSeconds - 10,
    })
  })

  test('is the time until a secret is loaded again', async () => {
    authorizer = create({ secrets: async () => undefined })
    expect(await ask(issue())).toMatchObject({ code: 'secret_unavailable', retryAfterSeconds: 5 })
  })

  test('is absent if the token is at fault', async () => {
    expect(await ask(issue({ active: false }))).not.toHaveProperty('retryAfterSeconds')
  })
})

/** The answer of a server that refuses our credentials. */
const REFUSED: IssuerAnswer = { status: 401, json: { error: 'invalid_client' } }

describe('the open circuit breaker', () => {
  test('is that of one endpoint: other issuers get requests, and cached answers stay', async () => {
    const known = issue()
    await ask(known)
    await ask(issue({}, REFUSED))
    expect(await ask(issue())).toMatchObject({ code: 'introspection_held', detail: { why: 'credentials' } })
    expect(await ask(known)).toMatchObject({ allow: true })
    expect(await ask(issue({}, {}, 'po_'))).toMatchObject({ allow: true })
  })

  test('says nothing about the token: it is introspected once the breaker closes', async () => {
    const [refused, token] = [issue({}, REFUSED), issue()]
    await ask(refused)
    expect(await ask(token)).toMatchObject({ code: 'introspection_held' })
    expect(world.opaque.calls(token)).toBe(0)
    clock += 10_000
    expect(await ask(token)).toMatchObject({ allow: true })
  })

  test('of userinfo does not stop introspection, nor the other way round', async () => {
    const limited = { userinfo: { status: 429, headers: { 'retry-after': '9' } } }
    const tells = { userinfo: { json: { sub: 'user-1', email: 'ada@acme.example' } } }
    const code = 'userinfo_unavailable'
    expect(await ask(issue({}, limited, 'us_'))).toMatchObject({ code, retryAfterSeconds: 9 })
    const token = issue({}, tells, 'us_')
    expect(await ask(token)).toMatchObject({ code, detail: { problem: 'held', why: 'rate_limit' } })
    expect([world.opaque.calls(token), world.opaque.userinfoCalls(token)]).toEqual([1, 0])
    clock += 9_000
    expect(await ask(token)).toMatchObject({ allow: true })
    expect([world.opaque.calls(token), world.opaque.userinfoCalls(token)]).toEqual([1, 1])
  })

  test('of userinfo is not opened by tokens that it refuses', async () => {
    for (let count = 0; count < 20; count++)
      expect(await ask(issue({}, { userinfo: { status: 401 } }, 'us_'))).toMatchObject({
        code: 'identity_missing',
      })
    const tells = { userinfo: { json: { sub: 'user-1', email: 'ada@acme.example' } } }
    expect(await ask(issue({}, tells, 'us_'))).toMatchObject({ allow: true })
  })

  test('is not opened by any single token, whatever the server answers', async () => {
    const [token, userless] = [issue({}, { status: 500 }), issue({}, { userinfo: { status: 500 } }, 'us_')]
    for (let count = 0; count < 20; count++) {
      expect(await ask(token)).toMatchObject({ code: 'introspection_status' })
      expect(await ask(userless)).toMatchObject({ code: 'userinfo_unavailable', detail: { status: 500 } })
    }
    expect([world.opaque.calls(token), world.opaque.userinfoCalls(userless)]).toEqual([20, 20])
    expect(await ask(issue())).toMatchObject({ allow: true })
  })

  test.each<[string, IssuerAnswer]>([
    ['nothing', { status: 401 }],
    ['a page', { status: 401, type: 'text/html', body: '<p>Failed to authenticate user</p>' }],
    ['another error', { status: 401, json: { error: 'invalid_token' } }],
  ])(
    '401 and %s may be about one token: it takes a second, with no answer about any other',
    async (_, answer) => {
      const code = 'introspection_credentials_refused'
      const bad = issue({}, answer)
      for (let count = 0; count < 3; count++)
        expect(await ask(bad)).toMatchObject({ code, detail: { status: 401 } })
      expect(await ask(issue())).toMatchObject({ allow: true })
      for (let count = 0; count < 20; count++) expect(await ask(issue({}, answer))).toMatchObject({ code })
      expect(await ask(issue())).toMatchObject({ allow: true })
      clock += CIRCUIT_POLICY.answeredMs
      for (let count = 0; count < 3; count++) expect(await ask(bad)).toMatchObject({ code })
      expect(await ask(issue({}, answer))).toMatchObject({ code, retryAfterSeconds: 10 })
      expect(await ask(issue())).toMatchObject({ code: 'introspection_held', detail: { why: 'credentials' } })
      expect(await ask(bad)).toMatchObject({ code: 'introspection_held' })
    },
  )

  test('403 may be about one token: it takes several in a row', async () => {
    const code = 'introspection_credentials_refused'
    for (let count = 0; count < 4; count++)
      expect(await ask(issue({}, { status: 403 }))).toMatchObject({ code })
    expect(await ask(issue())).toMatchObject({ allow: true })
    clock += CIRCUIT_POLICY.answeredMs
    for (let count = 0; count < 5; count++)
      expect(await ask(issue({}, { status: 403 }))).toMatchObject({ code })
    expect(await ask(issue())).toMatchObject({ code: 'introspection_held', detail: { why: 'failures' } })
  })
})

test('a signed answer without a kid that no key verifies causes a fetch of keys', async () => {
  const { key, nextKey } = world.opaque
  let published = [nextKey.publicJwk]
  // The server would refuse a client assertion whose `iat` is in the future.
  clock -= 30_000
  authorizer = create({
    fetch: (url, init) =>
      url.endsWith('/jwks') ? Promise.resolve(Response.json({ keys: published })) : fetch(url, init),
  })
  const signedBy = (signer: typeof key) => {
    const claims = { iat: Math.floor(clock / 1000) }
    return issue({}, { signed: { key: signer, header: { kid: undefined }, claims } }, 'si_')
  }
  expect(await ask(signedBy(nextKey))).toMatchObject({ allow: true })
  published = [key.publicJwk]
  clock += 29_000
  expect(await ask(signedBy(key))).toMatchObject({ code: 'introspection_unverified' })
  clock += 1_000
  expect(await ask(signedBy(key))).toMatchObject({ allow: true })
  expect(await ask(signedBy(nextKey))).toMatchObject({ code: 'introspection_unverified' })
})

test('a malformed answer is not cached, and the detail names the member', async () => {
  const token = issue({ exp: '1790000000' })
  expect(await ask(token)).toMatchObject({ code: 'introspection_malformed', detail: { member: 'exp' } })
  world.opaque.setAnswer(token, { json: membersOf() })
  expect(await ask(token)).toMatchObject({ allow: true })
})

test('no piece of a token, a secret or an answer is in a decision or a report', async () => {
  const answers: IssuerAnswer[] = [
    {},
    // GitHub's answer has the token in it.
    {
      json: {
        ...membersOf({ app: { client_id: APP }, user: { id: 1 }, scopes: ['read'] }),
        token: 'an-answer-that-nobody-should-see',
      },
    },
    { status: 500, body: 'an-answer-that-nobody-should-see' },
    { body: '{"an-answer-that-nobody-should-see":' },
    { json: { active: 'an-answer-that-nobody-should-see' } },
    { json: { active: true, token_type: 'an-answer-that-nobody-should-see' } },
    { json: { active: true, exp: 'an-answer-that-nobody-should-see' } },
    { json: { active: true, token_use: ['an-answer-that-nobody-should-see'] } },
    { status: 401, json: { hint: 'an-answer-that-nobody-should-see' } },
    { status: 429, headers: { 'retry-after': 'an-answer-that-nobody-should-see' } },
  ]
  const tokens: string[] = []
  const output: string[] = []
  for (const prefix of ['in_', 'po_', 'si_', 'be_', 'st_', 'do_', 'gho_', 'ya29.', 'EAA', 'gl_']) {
    for (const answer of answers) {
      const token = issue({}, answer, prefix)
      tokens.push(token)
      output.push(JSON.stringify(await ask(token)))
    }
  }
  const text = [...output, ...events.map((event) => JSON.stringify(event))].join('\n')
  const secrets = [...tokens, ...Object.values(world.env), 'an-answer-that-nobody-should-see']
  expect(findLeaks(text, secrets)).toEqual([])
  expect(text.length).toBeGreaterThan(5_000)
})

test('secrets that this edge cannot load are a problem at start-up', () => {
  const ports = { fetch, now: Date.now, report: () => {} }
  expect(() => createAuthorizer(world.config, ports, { env: world.env })).toThrow(
    'issuers.intro.introspection.secret.env: cannot be read here; this edge reads: no secrets',
  )
})

test('a secret that is rotated in the middle of traffic fails no request', async () => {
  let secret = world.env['OUR_SECRET']!
  authorizer = create({
    secrets: async (ref) => (ref.env === 'OUR_SECRET' ? secret : world.secrets(ref)),
  })
  const outcomes: boolean[] = []
  const request = async () => outcomes.push((await ask(issue())).allow)
  try {
    await Promise.all(Array.from({ length: 20 }, request))
    secret = 'the-next-secret'
    world.opaque.rotate(secret)
    await Promise.all(Array.from({ length: 100 }, request))
    expect(outcomes.filter((allowed) => allowed)).toHaveLength(120)
    expect(events.filter(({ event }) => event === 'secret')).toHaveLength(2)
    // The new secret is stored before the issuer accepts it: the old one stays in use.
    secret = 'a-secret-that-is-early'
    clock += 5 * 60_000
    await Promise.all(Array.from({ length: 20 }, request))
    expect(outcomes.filter((allowed) => allowed)).toHaveLength(140)
    // Then both are replaced at once.
    secret = 'the-one-after-that'
    world.opaque.rotate(secret)
    clock += 10_000
    await Promise.all(Array.from({ length: 20 }, request))
    expect(outcomes.filter((allowed) => allowed)).toHaveLength(160)
  } finally {
    world.opaque.rotate(world.env['OUR_SECRET']!)
  }
})
