// Which refusals a gateway may cache: the column `keepable` of the failure table. Each code that is not keepable has a
// pair of requests in passing-refusals.ts; every other refusal that blames the client is cached.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toThrown } from '../../../../functions/aws/answer.ts'
import { createHandler } from '../../../../functions/aws/handler.ts'
import {
  FAILURES,
  failureRow,
  resolveConfig,
  type AwsConfig,
  type FailureCode,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../../../shared/index.ts'
import { TO_EVENT } from '../../../edges/events.ts'
import { firstOfEachCode } from '../../../edges/rows-for.ts'
import { startCaseWorld, type CaseWorld } from '../../../support/case-world.ts'
import type { Members } from '../../../support/test-issuer.ts'
import { createGateway, type GatewayKind } from './gateways.ts'
import { createKeys, createPassingWorld, PASSING_REFUSALS, type Keys } from './passing-refusals.ts'

/** The longest lifetime that API Gateway accepts. */
const LIFETIME_SECONDS = 3_600

/** A returned refusal is cached like any answer, a thrown one is not. AWS documents neither. */
const KEPT = { cachesRefusals: true, cachesUnauthorized: false }

/** A function that may see bound tokens keeps no answer (test/functions/aws/dpop.test.ts), so these have no pair. */
const OF_BOUND_TOKENS: readonly FailureCode[] = [
  'sender_constraint_missing',
  'dpop_scheme_unbound',
  'dpop_proof_unexpected',
  'dpop_proof_missing',
  'dpop_proof_invalid',
  'dpop_proof_replayed',
  'dpop_key_mismatch',
  'dpop_nonce_required',
  'client_certificate_missing',
  'client_certificate_refused',
  'client_certificate_mismatch',
]

/** Only the Worker has `host_unknown`: API Gateway routes by host itself. */
const PASSING: ReadonlySet<FailureCode> = new Set([
  ...PASSING_REFUSALS.map(({ code }) => code),
  ...OF_BOUND_TOKENS,
  'host_unknown',
])
const CODES = Object.keys(FAILURES) as FailureCode[]
const CLIENTS = CODES.filter((code) => failureRow(code).status !== 503)

const exact: AwsConfig = { strategy: 'exact', resultTtlSeconds: LIFETIME_SECONDS }
const BEHIND: readonly [name: string, kind: GatewayKind, aws: AwsConfig, thrownStatus: 401 | 500][] = [
  ['HTTP API, policy', 'http policy', { ...exact, httpApiResponse: 'policy' }, 401],
  ['HTTP API, simple answers', 'http simple', { ...exact, httpApiResponse: 'simple' }, 401],
  ['HTTP API that answers 500', 'http policy', { ...exact, httpApiResponse: 'policy' }, 500],
  ['REST, exact', 'rest request', exact, 401],
  ['REST, table', 'rest token', { ...exact, strategy: 'table' }, 401],
]

let keys: Keys

beforeAll(async () => {
  keys = await createKeys()
})

describe.each(BEHIND)('%s', (_, kind, aws, thrownStatus) => {
  const refusals = PASSING_REFUSALS.filter(
    ({ notForToken, onlyForRest }) =>
      (kind !== 'rest token' || !notForToken) && (kind.startsWith('rest') || !onlyForRest),
  )

  test.each(refusals)(
    '$code: the next request, which differs in what the code is about, gets a new decision',
    async ({ code, token, first, second, then, isRefusedAgain, identitySources }) => {
      const world = createPassingWorld(keys)
      const codes: string[] = []
      const report = (event: ReportEvent) => void (event.event === 'decision' && codes.push(event.code))
      const { fetch, now, revocations } = world
      const handler = createHandler({ ...world.config, aws }, world.env, { report, fetch, now, revocations })
      const choices = { ...KEPT, httpApiThrownUnauthorized: thrownStatus }
      const gateway = createGateway(kind, LIFETIME_SECONDS, handler, now, choices, identitySources)
      const sent = await token(world)
      expect(await gateway.send('GET', '/orders', sent, first)).toMatchObject({
        allowed: false,
        hit: false,
        status: thrownStatus,
      })
      await then?.(world)
      expect(await gateway.send('GET', '/orders', sent, second)).toMatchObject({
        allowed: isRefusedAgain !== true,
        hit: false,
      })
      expect(codes).toEqual([code, isRefusedAgain ? code : 'access_token'])
    },
  )
})

/** Each has a twin in passing-refusals.ts. */
const LASTING_REFUSALS: readonly {
  readonly code: FailureCode
  readonly path?: string
  readonly claims?: Members
  readonly authorization?: readonly string[]
}[] = [
  { code: 'credential_scheme', authorization: ['Basic eDp5'] },
  { code: 'credential_malformed', authorization: ['Bearer '] },
  { code: 'target_ambiguous', path: '/orders;a' },
  { code: 'route_unknown', path: '/nowhere' },
  { code: 'id_token', claims: { nonce: 'n' } },
  { code: 'audience_mismatch', claims: { aud: 'another' } },
  { code: 'token_expired', claims: { exp: 1_799_999_990 } },
  { code: 'insufficient_scope', claims: { scope: 'other' } },
]

describe.each(BEHIND.slice(0, 3))('%s', (_, kind, aws, thrownStatus) => {
  test.each(LASTING_REFUSALS)(
    '$code: the next request with the same token, method and path is refused from the cache',
    async ({ code, path = '/orders', claims = {}, authorization }) => {
      const world = createPassingWorld(keys)
      const codes: string[] = []
      const report = (event: ReportEvent) => void (event.event === 'decision' && codes.push(event.code))
      const { fetch, now, revocations } = world
      const handler = createHandler({ ...world.config, aws }, world.env, { report, fetch, now, revocations })
      const choices = { ...KEPT, httpApiThrownUnauthorized: thrownStatus }
      const gateway = createGateway(kind, LIFETIME_SECONDS, handler, now, choices)
      const sent = await world.token({ claims })
      const more = authorization === undefined ? {} : { authorization }
      const refused = { allowed: false, status: 403 }
      expect(await gateway.send('GET', path, sent, more)).toMatchObject({ ...refused, hit: false })
      expect(await gateway.send('GET', path, sent, { ...more, query: 'a=b' })).toMatchObject({
        ...refused,
        hit: true,
      })
      expect(codes).toEqual([code])
    },
  )
})

describe('the column keepable', () => {
  const settings = (resultTtlSeconds: number) => {
    const { config, env } = createPassingWorld(keys)
    return resolveConfig({ ...config, aws: { resultTtlSeconds } }, { env }).aws
  }
  const thrown = (
    code: FailureCode,
    shape: 'http_2' | 'rest_request' | 'websocket',
    lifetimeSeconds: number,
  ) =>
    toThrown({ allow: false, code }, { shape, isDispatchedElsewhere: false }, settings(lifetimeSeconds))
      ?.message

  test('is true only for codes that depend on token, method and path alone', () => {
    for (const code of CODES)
      expect([code, failureRow(code).keepable]).toEqual([code, CLIENTS.includes(code) && !PASSING.has(code)])
  })

  test.each(CLIENTS)('%s: an HTTP API that keeps answers gets an answer where it may be kept', (code) => {
    expect(thrown(code, 'http_2', 60)).toBe(PASSING.has(code) ? 'Unauthorized' : undefined)
    expect(thrown(code, 'http_2', 0)).toBeUndefined()
  })

  test.each(CLIENTS)('%s: a REST API that keeps answers gets none that must not be kept', (code) => {
    const isForbidden = failureRow(code).gateway === 'forbidden'
    expect(thrown(code, 'rest_request', 60)).toBe(
      isForbidden && !PASSING.has(code) ? undefined : 'Unauthorized',
    )
    expect(thrown(code, 'rest_request', 0)).toBe(isForbidden ? undefined : 'Unauthorized')
    expect(thrown(code, 'websocket', 60)).toBe(isForbidden ? undefined : 'Unauthorized')
  })
})

describe('every refusal of the case rows', () => {
  let world: CaseWorld
  let config: LanekeeperConfig

  beforeAll(async () => {
    world = await startCaseWorld()
    // `maxAgeSeconds` depends on the time, so it permits no result lifetime.
    const routes = world.config.routes.map(({ maxAgeSeconds: _, ...route }) => route)
    config = { ...world.config, routes, aws: { ...exact, httpApiResponse: 'policy' } } as LanekeeperConfig
  })

  afterAll(() => world.close())

  const rows = firstOfEachCode('http 2.0 policy').flatMap((row) =>
    row.expect.allow || !CLIENTS.includes(row.expect.code) ? [] : { ...row, code: row.expect.code },
  )

  test.each(rows)('$id: $code', async ({ request, code }) => {
    const codes: string[] = []
    const report = (event: ReportEvent) => void (event.event === 'decision' && codes.push(event.code))
    const handler = createHandler(config, world.env, { report })
    const answer = await handler(TO_EVENT.http_2(await request(world)) as never).catch(
      (error: Error) => error.message,
    )
    expect(codes).toEqual([code])
    if (PASSING.has(code)) expect(answer).toBe('Unauthorized')
    else
      expect(answer).toMatchObject({ policyDocument: { Statement: [{ Effect: 'Deny' }] }, context: { code } })
  })
})
