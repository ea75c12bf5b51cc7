// What the log says about keys that could not be fetched: the host, the status of its answer, and the document if the
// configuration names it. Of the metadata it says nothing but a host. Through the core, the Worker in workerd and the
// Lambda, with a real server whose issuer has a path. RFC 8414 section 3, OpenID Connect Discovery 1.0 section 4.

import { STAMP } from '../support/stamp.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHandler } from '../../functions/aws/handler.ts'
import {
  createAuthorizer,
  type DecisionReport,
  type KeysReport,
  type LanekeeperConfig,
  type PublicKeySource,
  type ReportEvent,
} from '../../shared/index.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../support/test-issuer.ts'
import { openWorkerEdge } from './worker-edge.ts'

const AUDIENCE = 'https://api.test.example'
const PATH = '/o'
/**
 * The path that django-oauth-toolkit uses when it is mounted below a path: RFC 8414 puts the well-known part before the
 * path.
 */
const ELSEWHERE = `${PATH}/.well-known/oauth-authorization-server`

let issuer: TestIssuer
let host: string

beforeAll(async () => {
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'k')] })
  host = new URL(issuer.issuer).host
})

afterAll(() => issuer.close())

type Serve = (request: IncomingMessage, response: ServerResponse) => unknown

/** Serves the metadata at ELSEWHERE only, and the key set. */
const serve =
  (metadata: object = {}): Serve =>
  ({ url }, response) => {
    const json = (document: object) => response.end(JSON.stringify(document))
    if (url === '/jwks') return json({ keys: issuer.keys.map(({ publicJwk }) => publicJwk) })
    if (url?.split('?')[0] !== ELSEWHERE) return response.writeHead(404).end()
    return json({ issuer: `${issuer.issuer}${PATH}`, jwks_uri: issuer.jwksUri, ...metadata })
  }

const RUNTIMES = {
  async core(config: LanekeeperConfig, token: string) {
    const events: ReportEvent[] = []
    const report = (event: ReportEvent) => void events.push(event)
    const authorizer = createAuthorizer(
      config,
      {
        fetch,
        now: () => Date.now(),
        report,
        secrets: async () => 's',
      },
      { env: { OUR_SECRET: 's' } },
    )
    const authorization = [`Bearer ${token}`]
    await authorizer.authorize({ method: 'GET', path: '/', authorization, accessTokenInQuery: false })
    return events
  },
  async worker(config: LanekeeperConfig, token: string) {
    const edge = await openWorkerEdge(config, { OUR_SECRET: 's' })
    const fields = [['authorization', `Bearer ${token}`]] as const
    await edge.sendRaw({ method: 'GET', target: '/', fields })
    const events = await edge.takeEvents()
    await edge.close()
    return events
  },
  async lambda(config: LanekeeperConfig, token: string) {
    const events: ReportEvent[] = []
    const handler = createHandler(config, { OUR_SECRET: 's' }, { report: (event) => void events.push(event) })
    const methodArn = 'arn:aws:execute-api:eu-west-1:1:a/prod/GET/'
    await handler({ type: 'TOKEN', authorizationToken: `Bearer ${token}`, methodArn }).catch(() => {})
    return events
  },
} as const

const routes = [{ path: '/', methods: ['GET'], scope: 'none' }] as const

const at = (path: string) => `http://${host}${path}`

interface Row {
  readonly keys: () => PublicKeySource
  readonly answers: Serve
  /** Members of the event about the keys. */
  readonly event: () => object
}

const ROWS: Readonly<Record<string, Row>> = {
  'RFC 8414 puts the well-known part before the path of the issuer': {
    keys: () => ({ discovery: 'oauth-authorization-server' }),
    answers: serve(),
    event: () => ({
      code: 'status',
      status: 404,
      host,
      url: at('/.well-known/oauth-authorization-server/o'),
    }),
  },
  'OpenID Connect puts it behind the path': {
    keys: () => ({ discovery: 'openid-configuration' }),
    answers: serve(),
    event: () => ({ code: 'status', status: 404, host, url: at('/o/.well-known/openid-configuration') }),
  },
  'another place is named, with a query that is not logged': {
    keys: () => ({ discovery: 'oauth-authorization-server', url: at('/elsewhere?key=secret') }),
    answers: serve(),
    event: () => ({ code: 'status', status: 404, host, url: at('/elsewhere') }),
  },
  'metadata of somebody else': {
    keys: () => ({ discovery: 'oauth-authorization-server', url: at(ELSEWHERE) }),
    answers: serve({ issuer: 'https://somebody.example/secret' }),
    event: () => ({ code: 'metadata_issuer', status: 200, host, url: at(ELSEWHERE) }),
  },
  'metadata that names no key set': {
    keys: () => ({ discovery: 'oauth-authorization-server', url: at(ELSEWHERE) }),
    answers: serve({ jwks_uri: 'http://somebody.example/secret' }),
    event: () => ({ code: 'metadata_jwks_uri', status: 200, host, url: at(ELSEWHERE) }),
  },
  'a key set that metadata names: its host alone': {
    keys: () => ({ discovery: 'oauth-authorization-server', url: at(ELSEWHERE) }),
    answers: (request, response) => serve({ jwks_uri: at('/secret/jwks?secret') })(request, response),
    event: () => ({ code: 'status', status: 404, host }),
  },
  'a key set that redirects': {
    keys: () => ({ jwks_uri: at('/jwks') }),
    answers: (_, response) => response.writeHead(302, { location: 'https://somebody.example/secret' }).end(),
    event: () => ({ code: 'redirect', status: 302, host, url: at('/jwks') }),
  },
  'a key set without a usable key': {
    keys: () => ({ jwks_uri: at('/jwks') }),
    answers: (_, response) => response.end('{"keys":[{"kty":"oct","k":"AA"}]}'),
    event: () => ({ code: 'no_usable_key', status: 200, host, url: at('/jwks') }),
  },
  'no answer': {
    keys: () => ({ jwks_uri: at('/jwks') }),
    answers: (_, response) => response.destroy(),
    event: () => ({ code: 'no_answer', host, url: at('/jwks') }),
  },
}

describe.each(Object.entries(RUNTIMES))('%s', (_, run) => {
  test.each(Object.entries(ROWS))('%s', async (_, { keys, answers, event }) => {
    issuer.answerWith(answers)
    const main = { issuer: `${issuer.issuer}${PATH}`, audience: AUDIENCE, profile: 'rfc9068' } as const
    const config: LanekeeperConfig = {
      issuers: { main: { ...main, keys: keys(), algorithms: ['ES256'] } },
      routes,
    }
    const events = await run(config, await issuer.token({ claims: { iss: main.issuer } }))
    const [{ event: _e, outcome, issuer: _i, keys: _k, refused: _r, ...rest }] = events.filter(
      (event): event is KeysReport => event.event === 'keys',
    ) as [KeysReport]
    expect(outcome).toBe('failed')
    expect(rest).toEqual({ ...event(), ...STAMP })
    expect(JSON.stringify(events)).not.toContain('secret')
  })

  test('the configured URL of the metadata leads to the keys, and the event has nothing of the metadata', async () => {
    issuer.answerWith(serve())
    const main = { issuer: `${issuer.issuer}${PATH}`, audience: AUDIENCE, profile: 'rfc9068' } as const
    const keys = { discovery: 'oauth-authorization-server', url: at(ELSEWHERE) } as const
    const config: LanekeeperConfig = { issuers: { main: { ...main, keys, algorithms: ['ES256'] } }, routes }
    const events = await run(config, await issuer.token({ claims: { iss: main.issuer } }))
    expect(events.map(({ event, outcome }) => [event, outcome])).toEqual([
      ['keys', 'refreshed'],
      ['decision', 'allow'],
    ])
    expect(events[0]).not.toHaveProperty('host')
  })

  test('metadata with the introspection endpoint: the same detail, in the decision', async () => {
    issuer.answerWith(serve())
    const introspection = {
      discovery: 'oauth-authorization-server',
      authentication: 'client_secret_basic',
      clientId: 'us',
      secret: { env: 'OUR_SECRET' },
    } as const
    const main = { issuer: `${issuer.issuer}${PATH}`, audience: AUDIENCE, introspection }
    const events = await run({ issuers: { main }, routes }, 'opaque')
    const decisions = events.filter((event): event is DecisionReport => event.event === 'decision')
    expect(decisions).toMatchObject([{ code: 'introspection_endpoint_unknown' }])
    expect(decisions[0]!.detail).toEqual({
      problem: 'status',
      status: 404,
      host,
      url: at('/.well-known/oauth-authorization-server/o'),
    })
  })
})
