// What the operator sees: the log line of a decision, the data points of Analytics Engine, the metrics of CloudWatch.

import { STAMP } from '../support/stamp.ts'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createEmfReport, createHandler } from '../../functions/aws/handler.ts'
import {
  createAnalyticsReport,
  createWorker,
  type AnalyticsDataset,
} from '../../functions/cloudflare/worker.ts'
import { ANALYTICS_BLOBS } from '../../functions/cloudflare/analytics.ts'
import { createAuthorizer, type DecisionReport, type Ports, type ReportEvent } from '../../shared/index.ts'
import { withToken } from '../cases/row.ts'
import { TO_EVENT } from '../edges/events.ts'
import { openWorkerEdge } from '../edges/worker-edge.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'

const KEY = 'k'.repeat(32)

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

type Point = Parameters<AnalyticsDataset['writeDataPoint']>[0]

function startAuthorizer(log?: object, secrets: Ports['secrets'] = world.secrets) {
  const events: DecisionReport[] = []
  const report = (event: ReportEvent) => void (event.event === 'decision' && events.push(event))
  const config = { ...world.config, ...(log === undefined ? {} : { log }) }
  const authorizer = createAuthorizer(
    config,
    { fetch, now: Date.now, report, secrets },
    { env: { ...world.env, KEY } },
  )
  return async (token: string, path = '/orders'): Promise<DecisionReport> => {
    const authorization = token === '' ? [] : [`Bearer ${token}`]
    await authorizer.authorize({ method: 'GET', path, authorization, accessTokenInQuery: false })
    return events.pop()!
  }
}

describe('the log line', () => {
  test('names route, issuer, client and token, and counts the fetches', async () => {
    const decide = startAuthorizer()
    const token = await world.main.token({ claims: { sub: 'secret-user', org_id: 'secret-org' } })
    const first = await decide(token)
    expect(first).toEqual({
      ...STAMP,
      event: 'decision',
      outcome: 'allow',
      code: 'access_token',
      method: 'GET',
      route: 'GET /orders',
      issuer: 'main',
      client: 'client-1',
      token: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
      fetches: 1,
      ms: expect.any(Number),
    })
    expect(await decide(token)).toMatchObject({ fetches: 0, token: first.token })
    expect((await decide(await world.main.token())).token).not.toBe(first.token)
  })

  test('names a client only where the signature has been verified', async () => {
    const decide = startAuthorizer()
    const lacking = { scope: 'other', client_id: 'orders-web' }
    expect(await decide(await world.main.token({ claims: lacking }))).toMatchObject({
      code: 'insufficient_scope',
      client: 'orders-web',
    })
    expect(
      await decide(await world.main.token({ claims: { exp: 1, client_id: 'orders-web' } })),
    ).toMatchObject({
      code: 'token_expired',
      client: 'orders-web',
    })
    const forged = await decide(await world.main.token({ key: world.attackerKey, claims: lacking }))
    expect(forged).toMatchObject({ code: 'signature_invalid', token: expect.any(String) })
    expect(forged).not.toHaveProperty('client')
    const odd = await decide(await world.main.token({ claims: { client_id: 'x'.repeat(300) } }))
    expect(odd).not.toHaveProperty('client')
    expect(await decide('')).not.toHaveProperty('token')
  })

  test('gives one token one name in all instances that share a key, and in no others', async () => {
    const token = await world.main.token()
    const nameIn = async (decide: ReturnType<typeof startAuthorizer>) => {
      await decide(token)
      return (await decide(token)).token
    }
    const shared = { fingerprintKey: { env: 'KEY' } }
    const secrets =
      (key: string): Ports['secrets'] =>
      async (ref) =>
        ref.env === 'KEY' ? key : world.secrets(ref)
    const name = await nameIn(startAuthorizer(shared, secrets(KEY)))
    expect(name).toMatch(/^[A-Za-z0-9_-]{16}$/)
    expect(await nameIn(startAuthorizer(shared, secrets(KEY)))).toBe(name)
    expect(await nameIn(startAuthorizer(shared, secrets('l'.repeat(32))))).not.toBe(name)
    expect(await nameIn(startAuthorizer())).not.toBe(await nameIn(startAuthorizer()))
  })

  test('names a JWT by what was signed, and any other token by all of its text', async () => {
    const decide = startAuthorizer()
    const nameOf = async (text: string) => (await decide(text)).token
    const token = await world.main.token()
    const name = await nameOf(token)
    const unsigned = token.slice(0, token.lastIndexOf('.') + 1)
    expect(await nameOf(`${unsigned}AAAA`)).toBe(name)
    expect(await nameOf(unsigned)).toBe(name)
    expect(await nameOf(`${token}.AAAA`)).not.toBe(name)
    expect(await nameOf(await world.main.token({ claims: { jti: 'another' } }))).not.toBe(name)
    for (const opaque of ['abc.def.', 'abc.', '']) {
      const one = await nameOf(`${opaque}one`)
      expect(await nameOf(`${opaque}two`)).not.toBe(one)
    }
  })

  test('has no token name while the key is unavailable, and no request waits for it', async () => {
    const decide = startAuthorizer({ fingerprintKey: { env: 'KEY' } }, (ref) =>
      ref.env === 'KEY' ? new Promise(() => {}) : world.secrets(ref),
    )
    const event = await decide(await world.main.token())
    expect(event).toMatchObject({ outcome: 'allow' })
    expect(event).not.toHaveProperty('token')
  })
})

describe('the lines on the pages are the lines that are written', () => {
  const shown = (page: string) => {
    const line = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8').match(
      /^ {4}(\{"door".*)$/m,
    )![1]!
    return JSON.parse(line) as Record<string, unknown>
  }
  const write = async (claims: object, method: string, reportOnly: boolean) => {
    const lines: string[] = []
    const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
    try {
      const origin = { fetch: async () => new Response('bound') }
      const app = createWorker(
        { ...world.config, reportOnly, origin: { binding: 'ORDERS' } },
        { ...world.env, ORDERS: origin },
      )
      const headers = {
        authorization: `Bearer ${await world.main.token({ claims: { ...claims } })}`,
        'cf-ray': '8f2a3b4c5d6e7f80-FRA',
      }
      await app.fetch(new Request('https://edge.example/orders', { method, headers }))
    } finally {
      spy.mockRestore()
    }
    return lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find(({ event }) => event === 'decision')!
  }
  /** The members that depend neither on the token nor on the time. */
  const fixed = ({ door, event, outcome, code, blame, method, route, issuer }: Record<string, unknown>) => ({
    door,
    event,
    outcome,
    code,
    blame,
    method,
    route,
    issuer,
  })

  test('would_deny in docs/cloudflare.md', async () => {
    const page = shown('docs/cloudflare.md')
    const line = await write({}, 'POST', true)
    expect(fixed(line)).toEqual(fixed(page))
    expect(Object.keys(line).filter((name) => name !== 'requestId')).toEqual(Object.keys(page))
    expect(await write({}, 'POST', false)).toMatchObject({ ...fixed(page), outcome: 'deny' })
  })

  test('deny in docs/decisions.md', async () => {
    const page = shown('docs/decisions.md')
    const line = await write({ nonce: 'n' }, 'GET', false)
    expect(fixed(line)).toEqual(fixed(page))
    expect(Object.keys(line)).toEqual(Object.keys(page))
    expect(line['detail']).toEqual(page['detail'])
  })
})

describe('Analytics Engine', () => {
  test('gets one data point per event, its members in fixed places', () => {
    const points: Point[] = []
    const report = createAnalyticsReport({ writeDataPoint: (point) => void points.push(point) })
    report({
      event: 'decision',
      outcome: 'would_deny',
      code: 'token_expired',
      blame: 'client',
      method: 'GET',
      route: `GET /${'a'.repeat(200)}`,
      issuer: 'main',
      client: 'web',
      fetches: 1,
      ms: 7,
    })
    report({ event: 'origin', outcome: 'failed', code: 'origin_unreachable' })
    const route = `GET /${'a'.repeat(200)}`
    expect(points).toEqual([
      {
        indexes: [route.slice(0, 96)],
        blobs: ['decision', 'would_deny', 'token_expired', 'client', route, 'main', 'web', 'GET', '', ''],
        doubles: [1, 7, 1],
      },
      {
        indexes: ['origin'],
        blobs: ['origin', 'failed', 'origin_unreachable', '', '', '', '', '', '', ''],
        doubles: [1, 0, 0],
      },
    ])
    expect(ANALYTICS_BLOBS).toHaveLength(points[0]!.blobs.length)
  })

  test('is written to by the Worker where it is bound, and cannot stop it', async () => {
    const points: Point[] = []
    const dataset = {
      writeDataPoint(point: Point) {
        points.push(point)
        throw new Error('full')
      },
    }
    const app = createWorker(
      { ...world.config, origin: { url: 'https://origin.example' } },
      { ...world.env, LANEKEEPER_ANALYTICS: dataset },
    )
    const response = await app.fetch(new Request('https://edge.example/orders'))
    expect(response.status).toBe(401)
    expect(points).toMatchObject([
      {
        blobs: [
          'decision',
          'deny',
          'credential_missing',
          'client',
          'GET /orders',
          '',
          '',
          'GET',
          STAMP.plan,
          STAMP.version,
        ],
      },
    ])
  })
})

describe('CloudWatch', () => {
  test('gets the log line and its metrics in one', async () => {
    const lines: string[] = []
    const report = createEmfReport({ write: (line) => void lines.push(line), now: () => 1_000 })
    const handler = createHandler(world.config, world.env, { report })
    const event = TO_EVENT.rest_token({
      method: 'GET',
      path: '/orders',
      authorization: [`Bearer ${await world.main.token({ claims: { scope: 'other' } })}`],
    })
    await handler(event as never)
    const written = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(written.at(-1)).toMatchObject({
      _aws: {
        Timestamp: 1_000,
        CloudWatchMetrics: [
          {
            Namespace: 'Lanekeeper',
            Dimensions: [
              ['Outcome', 'Code'],
              ['Outcome', 'Code', 'Route'],
            ],
            Metrics: [{ Name: 'Decisions' }, { Name: 'DecisionMs' }, { Name: 'Fetches' }],
          },
        ],
      },
      door: 'lambda',
      event: 'decision',
      code: 'insufficient_scope',
      client: 'client-1',
      Outcome: 'deny',
      Code: 'insufficient_scope',
      Route: 'GET /orders',
      Decisions: 1,
      Fetches: 1,
    })
    expect(written.find(({ event: name }) => name === 'keys')).toMatchObject({ Event: 'keys', Events: 1 })
  })

  test("counts as a failure what is not the client's fault, and no refusal that is thrown", async () => {
    const lines: string[] = []
    const report = createEmfReport({ write: (line) => void lines.push(line) })
    const aws = { httpApiResponse: 'policy', resultTtlSeconds: 300 } as const
    const routes = world.config.routes.filter(({ path }) => path === '/orders')
    const config = { ...world.config, routes, aws }
    const request = {
      method: 'GET',
      path: '/orders',
      authorization: [`Bearer ${await world.main.token({ key: world.attackerKey })}`],
    }
    const counted = async (fetcher: typeof fetch) => {
      const handler = createHandler(config, world.env, { report, fetch: fetcher })
      await expect(handler(TO_EVENT.http_2(request) as never)).rejects.toThrow()
      return JSON.parse(lines.findLast((line) => line.includes('"decision"'))!) as Record<string, unknown>
    }
    const failures = { Dimensions: [['Blame']], Metrics: [{ Name: 'Failures', Unit: 'Count' }] }
    const thrown = await counted(fetch)
    expect(thrown).toMatchObject({ Code: 'signature_invalid', Decisions: 1 })
    expect(thrown).not.toHaveProperty('Failures')
    expect(thrown['_aws']).toMatchObject({
      CloudWatchMetrics: [{ Metrics: [{ Name: 'Decisions' }, {}, {}] }],
    })
    const down = await counted(() => Promise.reject(new Error('unreachable')))
    expect(down).toMatchObject({ Code: 'keys_unavailable', Decisions: 1, Failures: 1, Blame: 'issuer' })
    expect(down['_aws']).toMatchObject({
      CloudWatchMetrics: [{ Metrics: [{ Name: 'Decisions' }, {}, {}] }, failures],
    })
  })

  test('counts ambiguous keys as a failure of the issuer, though the caller gets 401', async () => {
    const lines: string[] = []
    const report = createEmfReport({ write: (line) => void lines.push(line) })
    const handler = createHandler(world.config, world.env, { report })
    const twice = world.careless.keys.find(({ kid }) => kid === 'twice')!
    for (const kid of ['twice', 'nobody has this']) {
      const token = await world.careless.token({ key: twice, header: { kid } })
      const event = TO_EVENT.rest_request(withToken(token))
      await expect(handler(event as never)).rejects.toThrow('Unauthorized')
    }
    const [ambiguous, unknown] = lines
      .filter((line) => line.includes('"decision"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(ambiguous).toMatchObject({ Code: 'key_ambiguous', blame: 'issuer', Blame: 'issuer', Failures: 1 })
    expect(unknown).toMatchObject({ Code: 'key_unknown', blame: 'client' })
    expect(unknown).not.toHaveProperty('Failures')
  })

  test('finds every declared dimension and metric in the line itself', () => {
    const lines: string[] = []
    const report = createEmfReport({ write: (line) => void lines.push(line), namespace: 'Mine' })
    report({ event: 'decision', outcome: 'deny', code: 'event_unrecognised', blame: 'operator' })
    report({ event: 'keys', outcome: 'failed', issuer: 'main', code: 'timeout', keys: 0, refused: [] })
    for (const line of lines) {
      const members = JSON.parse(line)
      for (const directive of members._aws.CloudWatchMetrics) {
        expect(directive.Namespace).toBe('Mine')
        for (const name of directive.Dimensions.flat()) expect(typeof members[name]).toBe('string')
        for (const { Name } of directive.Metrics) expect(typeof members[Name]).toBe('number')
      }
    }
    expect(lines).toHaveLength(2)
  })
})

test('in workerd, too, a decision has a name for its token and a number of fetches', async () => {
  const edge = await openWorkerEdge(world.config, world.env)
  try {
    const fields = [['Authorization', `Bearer ${await world.main.token()}`]] as const
    const decisions: ReportEvent[] = []
    for (let i = 0; i < 2; i++) {
      await edge.sendRaw({ method: 'GET', target: '/orders', fields })
      decisions.push(...(await edge.events()).filter(({ event }) => event === 'decision'))
    }
    const [first, second] = decisions as [DecisionReport, DecisionReport]
    expect(first).toMatchObject({ client: 'client-1', fetches: 1, token: expect.any(String) })
    expect(second).toMatchObject({ client: 'client-1', fetches: 0, token: first.token })
  } finally {
    await edge.close()
  }
})
