// The cache of verified tokens: with it and without it every answer is the same. Its own rows run in the core and in
// workerd; every case row goes through the core twice with the cache and once without it.

import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthorizer, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import type { DecisionReport } from '../../shared/platform/ports.ts'
import { CORE_ROWS } from '../cases/index.ts'
import { expectedCode } from '../cases/row.ts'
import { CACHE_ROWS } from '../cases/verified-token-cache.ts'
import { createCoreDrill } from '../support/core-drill.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { startTokenDrill, type DrillRuntime } from '../support/token-drill.ts'
import { openCoreEdge } from './core-edge.ts'
import { openWorkerEdge } from './worker-edge.ts'

const without = (config: LanekeeperConfig): LanekeeperConfig => ({
  ...config,
  limits: { ...config.limits, tokenMemoryBytes: 0 },
})

async function startInWorkerd(config: LanekeeperConfig): Promise<DrillRuntime & { close(): Promise<void> }> {
  const edge = await openWorkerEdge(config)
  return {
    beginAt: (now) => edge.beginAt(now),
    setClock: (now) => edge.setClock(now),
    async ask({ method, path, authorization }) {
      await edge.takeEvents()
      const fields = authorization.map((value) => ['Authorization', value] as const)
      await edge.sendRaw({ method, target: path, fields })
      const events = await edge.takeEvents()
      return events.find((event): event is DecisionReport => event.event === 'decision')!
    },
    close: () => edge.close(),
  }
}

describe('a token that comes again', () => {
  let drill: Awaited<ReturnType<typeof startTokenDrill>>
  let workerd: Awaited<ReturnType<typeof startInWorkerd>>

  beforeAll(async () => {
    drill = await startTokenDrill()
    workerd = await startInWorkerd(drill.config)
  })

  afterAll(async () => {
    await workerd.close()
    await drill.close()
  })

  const rows = CACHE_ROWS.map((row) => [row.id, row] as const)

  test.each(rows)('in the core: %s', async (_, row) => {
    expect(await drill.play(row, createCoreDrill(drill.config))).toEqual([])
  })

  test.each(rows)('in the core without a cache: %s', async (_, row) => {
    expect(await drill.play(row, createCoreDrill(without(drill.config)), false)).toEqual([])
  })

  // A header field of 1 MB does not reach a Worker.
  test.each(rows.filter(([id]) => !id.includes('1 MB')))('in workerd: %s', async (_, row) => {
    expect(await drill.play(row, workerd)).toEqual([])
  })
})

const OPENS_THE_BREAKER = ['introspection_credentials_refused', 'introspection_rate_limited']

describe('every case row', () => {
  let world: CaseWorld

  beforeAll(async () => {
    world = await startCaseWorld()
  })

  afterAll(() => world.close())

  test('has the same outcome the second time', async () => {
    const edge = await openCoreEdge(world.config, world.env)
    const wrong: unknown[] = []
    for (const row of CORE_ROWS) {
      const request = await row.request(world)
      const first = await edge.send(request)
      const second = await edge.send(request)
      if (first.code !== expectedCode(row.expect)) wrong.push([row.id, first])
      // An issuer that refused our credentials, or asked for a pause, gets no second request.
      const isHeld = OPENS_THE_BREAKER.includes(String(first.code)) && second.code === 'introspection_held'
      // The detail may differ: it says how the answer came about, for instance that the circuit breaker is open.
      const [before, again] = [first, second].map(({ detail: _, ...outcome }) => outcome)
      if (!isHeld && !isDeepStrictEqual(again, before)) wrong.push([row.id, second])
    }
    expect(wrong).toEqual([])
  })

  test('has the same outcome without a cache', async () => {
    const edge = await openCoreEdge(without(world.config), world.env)
    const wrong: unknown[] = []
    for (const row of CORE_ROWS) {
      const { allow, code } = await edge.send(await row.request(world))
      if (allow !== row.expect.allow || code !== expectedCode(row.expect)) wrong.push([row.id, code])
    }
    expect(wrong).toEqual([])
  })

  test('is cached if it accepts a JWT signed with a published key, and only then', async () => {
    const events: ReportEvent[] = []
    const authorizer = createAuthorizer(
      world.config,
      { fetch, now: Date.now, secrets: world.secrets, report: (event) => void events.push(event) },
      { env: world.env },
    )
    const unexpected: string[] = []
    for (const row of CORE_ROWS) {
      const { method, path, authorization } = await row.request(world)
      const sent = { method, path, authorization, accessTokenInQuery: false }
      await authorizer.authorize(sent)
      events.length = 0
      const decision = await authorizer.authorize(sent)
      const report = events.find((event): event is DecisionReport => event.event === 'decision')!
      const token = authorization[0]?.split(/ +/)[1] ?? ''
      const isRemembered = report.remembered === true
      const isJwt = token.split('.').length === 3 && token.startsWith('e')
      const issuer = world.config.issuers[report.issuer ?? '']
      const published = issuer?.keys !== undefined && issuer.keys.secret === undefined
      const accepted =
        decision.allow &&
        decision.grant !== null &&
        isJwt &&
        published &&
        issuer.introspection?.jwt === undefined
      if (accepted && !isRemembered) unexpected.push(`${row.id} is not remembered`)
      if (isRemembered && !(isJwt && published)) unexpected.push(`${row.id} is remembered`)
    }
    expect(unexpected).toEqual([])
  })
})

test('instances share no cache, and each applies its own configuration to a token', async () => {
  const drill = await startTokenDrill()
  const { issuers, routes, limits } = drill.config
  const [row] = CACHE_ROWS
  const authorizerWith = (change: object) =>
    createCoreDrill({
      issuers: { main: { ...issuers['main']!, ...change } as (typeof issuers)[string] },
      routes: routes.filter(({ issuer }) => issuer === undefined),
      limits: limits!,
    })
  const first = async (runtime: DrillRuntime) =>
    (await drill.play({ ...row!, steps: row!.steps.slice(0, 2) }, runtime)).map((text) => text.split(': ')[1])
  expect(await first(authorizerWith({}))).toEqual([])
  expect(await first(authorizerWith({ audience: 'https://elsewhere.test.example' }))).toEqual([
    'audience_mismatch instead of access_token',
    'audience_mismatch, remembered instead of access_token, remembered',
  ])
  expect(await first(authorizerWith({ issuer: 'https://elsewhere.test.example' }))).toEqual([
    'issuer_unknown instead of access_token',
    'issuer_unknown instead of access_token, remembered',
  ])
  await drill.close()
})
