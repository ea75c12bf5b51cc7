// What a request on Cloudflare has besides the Fetch standard: the Ray ID and the certificate of the client.

import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { readClientCertificate } from '../../../functions/cloudflare/client-certificate.ts'
import { createHonoMiddleware, toAuthorizationRequest } from '../../../functions/cloudflare/worker.ts'
import {
  createAuthorizer,
  NO_NEEDS,
  type AuthorizationRequest,
  type ReportEvent,
} from '../../../shared/index.ts'

const request = (fields: [string, string][] = []) => new Request('https://api.example/x', { headers: fields })

const MAIN = {
  issuer: 'https://issuer.test.example',
  audience: 'https://api.test.example',
  profile: 'rfc9068',
  keys: { jwks_uri: 'https://issuer.test.example/jwks' },
} as const
const CONFIG = { issuers: { main: MAIN }, routes: [{ path: '/x', methods: ['GET'], public: true }] } as const

const RAY = '8f2a3b4c5d6e7f80-FRA'

test('the identifier of a request is its ray', () => {
  expect(toAuthorizationRequest(request([['cf-ray', RAY]]))).toHaveProperty('requestId', RAY)
  expect(toAuthorizationRequest(request([['cf-ray', 'mallory']]))).not.toHaveProperty('requestId')
})

test('fields are shown if a check needs them; by default the DPoP field, which another Worker may have to pass on', () => {
  const sent = request([
    ['dpop', 'one'],
    ['x-sender', 'two'],
  ])
  expect(toAuthorizationRequest(sent, { fields: ['x-sender'], clientCertificate: false }).fields).toEqual({
    'x-sender': ['two'],
  })
  expect(toAuthorizationRequest(sent).fields).toEqual({ dpop: ['one'] })
  expect(toAuthorizationRequest(request()).fields).toEqual({ dpop: [] })
  expect(toAuthorizationRequest(sent, NO_NEEDS)).not.toHaveProperty('fields')
})

test('the log of the middleware names a request by its ray', async () => {
  const events: ReportEvent[] = []
  const ports = { fetch, now: () => 0, report: (event: ReportEvent) => void events.push(event) }
  const app = new Hono()
    .use(createHonoMiddleware(createAuthorizer(CONFIG, ports)))
    .get('/x', (context) => context.body('x'))
  expect((await app.request(request([['cf-ray', RAY]]))).status).toBe(200)
  expect(events).toMatchObject([{ event: 'decision', outcome: 'allow', requestId: RAY }])
})

const CERTIFICATE = { certPresented: '1', certVerified: 'SUCCESS', certFingerprintSHA256: 'ab'.repeat(32) }
const withCf = (tlsClientAuth: unknown) => Object.assign(request(), { cf: { tlsClientAuth } })

test('a certificate has the members of Cloudflare that are strings', () => {
  expect(readClientCertificate(withCf({ ...CERTIFICATE, certRFC9440TooLarge: false }))).toEqual(CERTIFICATE)
})

test.each([
  undefined,
  null,
  {},
  { ...CERTIFICATE, certPresented: '0' },
  { ...CERTIFICATE, certPresented: 1 },
])('no certificate was presented: %j', (stated) => {
  expect(readClientCertificate(withCf(stated))).toBeNull()
  expect(readClientCertificate(request())).toBeNull()
})

test('by default a certificate is shown, which another Worker may have to pass on', () => {
  expect(toAuthorizationRequest(withCf(CERTIFICATE))).toHaveProperty('clientCertificate', CERTIFICATE)
  expect(toAuthorizationRequest(withCf({ ...CERTIFICATE, certPresented: '0' }))).not.toHaveProperty(
    'clientCertificate',
  )
  expect(toAuthorizationRequest(request())).not.toHaveProperty('clientCertificate')
})

test('the middleware and direct callers show a certificate if a check needs it', async () => {
  const sent = withCf(CERTIFICATE)
  const needs = { ...NO_NEEDS, clientCertificate: true }
  expect(toAuthorizationRequest(sent, needs)).toHaveProperty('clientCertificate', CERTIFICATE)
  expect(toAuthorizationRequest(sent, NO_NEEDS)).not.toHaveProperty('clientCertificate')
  const requests: AuthorizationRequest[] = []
  const authorizer = {
    ...createAuthorizer(CONFIG, { fetch, now: () => 0, report: () => {} }),
    needs,
    authorize: async (about: AuthorizationRequest) => {
      requests.push(about)
      return { allow: true, route: 'GET /x', grant: null } as const
    },
  }
  await new Hono()
    .use(createHonoMiddleware(authorizer))
    .get('/x', (context) => context.body('x'))
    .request(sent)
  expect(requests).toMatchObject([{ clientCertificate: CERTIFICATE }])
})
