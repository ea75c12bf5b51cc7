// The handler on a runtime that has nothing but the Fetch standard: Node, with a platform made for this test. What the
// handler does to requests and responses is tested over a socket, in workerd (test/functions/cloudflare/).

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ALL_FETCH_PARTS } from '../../../functions/fetch/all-parts.ts'
import { createFetchHandler, type FetchRuntime } from '../../../functions/fetch/handler.ts'
import {
  createAuthorizer,
  type AuthorizationRequest,
  type Authorizer,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../../shared/index.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../../support/test-issuer.ts'

const AUDIENCE = 'https://api.test.example'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'one')] })
})

afterAll(() => issuer.close())

/** Sends no request: the stand-in for the origin answers with the request that reached it. */
const RUNTIME: FetchRuntime = {
  readRequestId: (request) => request.headers.get('x-made-up-id') ?? undefined,
  readClientCertificate: () => null,
  copyRequest: ({ method, headers, body }, url) =>
    new Request(url, { method, headers, body, redirect: 'manual', duplex: 'half' } as RequestInit),
  send: async ({ method, url, headers, body }) =>
    Response.json({ method, url, ...Object.fromEntries(headers), body: await new Response(body).text() }),
}

function startHandler(
  runtime: Partial<FetchRuntime> = {},
  report: (event: ReportEvent) => void = () => {},
  change: (authorizer: Authorizer) => Authorizer = (authorizer) => authorizer,
) {
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks_uri: issuer.jwksUri },
        algorithms: ['ES256'],
      },
    },
    routes: [{ path: '/orders', methods: ['GET', 'POST'], scope: 'none' }],
    origin: { url: 'https://origin.test.example' },
  }
  const ports = { fetch, now: () => Date.now(), report }
  const authorizer = createAuthorizer(config, ports, { needsOrigin: true })
  return createFetchHandler(change(authorizer), ports, { ...RUNTIME, ...runtime }, ALL_FETCH_PARTS, {})
}

const request = async (init: RequestInit = {}) =>
  new Request('https://edge.test.example/orders?page=2', {
    ...init,
    headers: { authorization: `Bearer ${await issuer.token()}`, 'x-made-up-id': 'id-1' },
  })

test('an allowed request is sent on with the identity and without the token', async () => {
  const events: ReportEvent[] = []
  const handle = startHandler({}, (event) => void events.push(event))
  const response = await handle(await request({ method: 'POST', body: 'three' }))
  expect(response.status).toBe(200)
  const seen = (await response.json()) as Record<string, string>
  expect(seen).toMatchObject({
    method: 'POST',
    url: 'https://origin.test.example/orders?page=2',
    body: 'three',
    'x-lanekeeper-issuer': 'main',
  })
  expect(seen).not.toHaveProperty('authorization')
  expect(response.headers.get('cache-control')).toBe('private')
  expect(events.filter(({ event }) => event === 'decision')).toMatchObject([
    { outcome: 'allow', requestId: 'id-1' },
  ])
})

test('a refused request is not sent on', async () => {
  const send = () => Promise.reject(new Error('sent'))
  const response = await startHandler({ send })(new Request('https://edge.test.example/orders'))
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
})

test('an origin that cannot be reached is 502', async () => {
  const send = () => Promise.reject(new TypeError('unreachable'))
  expect((await startHandler({ send })(await request())).status).toBe(502)
})

test.each(['readRequestId', 'copyRequest'] as const)(
  'where %s of the platform throws, it is 503',
  async (name) => {
    const fail = () => {
      throw new Error('broken')
    }
    expect((await startHandler({ [name]: fail })(await request())).status).toBe(503)
  },
)

test('a report that throws changes no answer', async () => {
  const report = () => {
    throw new Error('broken')
  }
  expect((await startHandler({}, report)(await request())).status).toBe(200)
  const copyRequest = () => {
    throw new Error('broken')
  }
  expect((await startHandler({ copyRequest }, report)(await request())).status).toBe(503)
})

test.each([true, false])(
  'the certificate is read where something needs it: %s',
  async (clientCertificate) => {
    const stated = { certPresented: '1' }
    const requests: AuthorizationRequest[] = []
    const handle = startHandler({ readClientCertificate: () => stated }, undefined, (authorizer) => ({
      ...authorizer,
      needs: { fields: [], clientCertificate },
      authorize(request, waitUntil) {
        requests.push(request)
        return authorizer.authorize(request, waitUntil)
      },
    }))
    expect((await handle(await request())).status).toBe(200)
    expect(requests.map((given) => given.clientCertificate)).toEqual([clientCertificate ? stated : undefined])
  },
)
