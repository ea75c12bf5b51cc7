// Two tenants, many requests, one instance: no request gets the identity of the other tenant. The issuers share kid,
// client, subject and jti on purpose; only their keys, names and audiences differ.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toIdentity, webCrypto, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import { compileCore } from '../edges/core-edge.ts'
import { TO_EVENT } from '../edges/events.ts'
import { openWorkerEdge } from '../edges/worker-edge.ts'
import { comparable } from '../edges/edge.ts'
import { loadLambda } from '../support/artefact/lambda.ts'
import { findLeaks } from '../support/leaks.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../support/test-issuer.ts'

const AUDIENCES = ['https://a.test.example', 'https://b.test.example']

let issuers: TestIssuer[]
let keys: SigningKey[]
let config: LanekeeperConfig

beforeAll(async () => {
  keys = await Promise.all(AUDIENCES.map(() => generateKey('ES256', 'the-same-kid')))
  issuers = await Promise.all(
    AUDIENCES.map((audience, index) => startTestIssuer({ audience, keys: [keys[index]!] })),
  )
  const entry = (index: number) => ({
    issuer: issuers[index]!.issuer,
    audience: AUDIENCES[index]!,
    profile: 'rfc9068' as const,
    keys: { jwks_uri: issuers[index]!.jwksUri },
    algorithms: ['ES256' as const],
  })
  config = {
    issuers: { a: entry(0), b: entry(1) },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
    identity: { claims: { number: 'number' } },
  }
})

afterAll(() => Promise.all(issuers.map((issuer) => issuer.close())))

/** One of the concurrent requests, and the identity that it must get; `null`: it must be refused. */
interface ConcurrentRequest {
  readonly number: number
  readonly token: string
  readonly identity: Readonly<Record<string, string>> | null
}

/**
 * Every fourth token is valid for one tenant; each other one differs in one thing, which belongs to the other tenant.
 */
async function createRequests(count: number): Promise<ConcurrentRequest[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, number): Promise<ConcurrentRequest> => {
      const own = (number >> 2) % 2
      const issuer = issuers[own]!
      const claims = { number, jti: 'the-same-jti' }
      const change = [
        { claims },
        { claims, key: keys[1 - own]! },
        { claims: { ...claims, aud: AUDIENCES[1 - own] } },
        { claims: { ...claims, iss: issuers[1 - own]!.issuer } },
      ][number % 4]!
      const identity = {
        subject: 'user-1',
        principal: 'user',
        client_id: 'client-1',
        scope: 'read',
        issuer: own === 0 ? 'a' : 'b',
        number: String(number),
      }
      return { number, token: await issuer.token(change), identity: number % 4 === 0 ? identity : null }
    }),
  )
}

const createCore = async () =>
  (await compileCore(config, {}))({ crypto: webCrypto, fetch, now: Date.now, report: () => {} })

const bearer = (token: string) => `Bearer ${token}`

describe('A124 400 requests at once, of two tenants that share every name', () => {
  test('core', async () => {
    const authorizer = await createCore()
    const sent = await createRequests(400)
    const got = await Promise.all(
      sent.map(async ({ token }) => {
        const decision = await authorizer.authorize({
          method: 'GET',
          path: '/orders',
          authorization: [bearer(token)],
          accessTokenInQuery: false,
        })
        return decision.allow && decision.grant !== null ? comparable(toIdentity(decision.grant)) : null
      }),
    )
    expect(got).toEqual(sent.map(({ identity }) => identity))
    expect(issuers.map((issuer) => issuer.fetches())).toEqual([1, 1])
  })

  test('Lambda handler', async () => {
    const events: ReportEvent[] = []
    const { handler, close } = await loadLambda(
      { ...config, aws: { resultTtlSeconds: 0 } },
      {},
      { now: Date.now, report: (event) => void events.push(event) },
    )
    const sent = await createRequests(400)
    const got = await Promise.all(
      sent.map(async ({ token }) => {
        const event = TO_EVENT.http_2({ method: 'GET', path: '/orders', authorization: [bearer(token)] })
        const answer = (await handler(event as never)) as {
          isAuthorized: boolean
          context: Record<string, string>
        }
        const { decided_at: _, ...identity } = answer.context
        return answer.isAuthorized ? comparable(identity) : null
      }),
    )
    expect(got).toEqual(sent.map(({ identity }) => identity))
    await close()
    expect(issuers.map((issuer) => issuer.fetches())).toEqual([2, 2])
    const log = JSON.stringify(events)
    expect(
      findLeaks(
        log,
        sent.map(({ token }) => token),
      ),
    ).toEqual([])
  })

  test('A045 Worker in one isolate', async () => {
    const edge = await openWorkerEdge(config)
    try {
      const sent = await createRequests(400)
      const got = await edge.sendAll(
        sent.map(({ token, number }) => ({
          method: 'GET',
          target: `/orders?n=${number}`,
          fields: [['Authorization', bearer(token)]],
        })),
      )
      expect(got.map(({ identity }) => identity)).toEqual(sent.map(({ identity }) => identity))
      expect(got.map(({ response }) => response.status)).toEqual(
        sent.map(({ identity }) => (identity === null ? 401 : 200)),
      )
      expect(issuers.map((issuer) => issuer.fetches())).toEqual([3, 3])
    } finally {
      await edge.close()
    }
  })
})

test('no answer has data of an earlier request', async () => {
  const authorizer = await createCore()
  const ask = async (token: string) =>
    authorizer.authorize({
      method: 'GET',
      path: '/orders',
      authorization: [bearer(token)],
      accessTokenInQuery: false,
    })
  const first = await ask(await issuers[0]!.token({ claims: { number: 1, sub: 'first' } }))
  const second = await ask(await issuers[0]!.token({ claims: { sub: 'second' } }))
  expect(first).toMatchObject({ allow: true, grant: { principal: { id: 'first' }, facts: { number: 1 } } })
  expect(second).toMatchObject({ allow: true, grant: { principal: { id: 'second' }, facts: {} } })
})
