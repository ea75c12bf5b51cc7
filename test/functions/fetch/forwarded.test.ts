// Which header fields of a client reach the server behind an edge: none under the names of proxies, gateways and
// frameworks, all others byte for byte, and the public host and scheme unchanged. Over a socket, to the Worker in
// workerd in front of a real origin; to a handler after the Hono middleware; and from another Worker.

import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createHonoMiddleware,
  toForwardedHeaders,
  type LanekeeperVariables,
  type RpcAnswer,
} from '../../../functions/cloudflare/worker.ts'
import { SPOOFABLE_FIELDS } from '../../../functions/fetch/spoofable-fields.ts'
import { createAuthorizer, type LanekeeperConfig } from '../../../shared/index.ts'
import type { Field } from '../../cases/row.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { startEchoOrigin } from '../../support/origin-process.ts'
import { AUDIENCE, startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

let world: CaseWorld
let edge: WorkerEdge
let bearer: Field

beforeAll(async () => {
  world = await startCaseWorld()
  edge = await openWorkerEdge(world.config, world.env)
  bearer = ['Authorization', `Bearer ${await world.main.token()}`]
})

afterAll(async () => {
  await edge.close()
  await world.close()
})

const MALLORY = 'mallory'

/** By product family: names as the documentation of the software that reads them spells them. */
const BELIEVED: readonly [string, readonly string[]][] = [
  [
    'the authority and what belongs to it',
    ['X-Forwarded-Port', 'X-Forwarded-Server', 'X-Forwarded-Scheme', 'X-Forwarded-Prefix', 'X-Forwarded-Ssl', 'Forwarded', 'X-Original-Host', 'X-Host', 'Disguised-Host', 'Front-End-Https', 'X-HTTP-Host-Override'],
  ],
  [
    'a user',
    ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Forwarded-User', 'X-Forwarded-Groups', 'X-Forwarded-Access-Token', 'Remote-User', 'Remote-Groups', 'X-Remote-User', 'X-WEBAUTH-USER', 'X-authentik-username', 'X-Pomerium-Claim-Email', 'X-Pomerium-Jwt-Assertion', 'X-Goog-Authenticated-User-Email', 'X-Goog-Iap-Jwt-Assertion', 'X-Amzn-Oidc-Data', 'X-MS-CLIENT-PRINCIPAL', 'X-MS-CLIENT-PRINCIPAL-NAME', 'X-MS-TOKEN-AAD-ID-TOKEN', 'Tailscale-User-Login', 'Cf-Access-Authenticated-User-Email', 'Cf-Access-Jwt-Assertion', 'X-Consumer-Username', 'X-Authenticated-Userid', 'X-Credential-Identifier', 'X-Vouch-User', 'OIDC_CLAIM_sub', 'SM_USER', 'iv-user', 'Impersonate-User', 'X-Appengine-User-Email', 'X-User', 'X-Userinfo'],
  ],
  ['a user of WebSphere', ['$WSRU', '$WSSN']],
  [
    'a certificate',
    ['X-Forwarded-Client-Cert', 'X-Forwarded-Tls-Client-Cert', 'X-Amzn-Mtls-Clientcert', 'ssl-client-verify', 'X-SSL-Client-S-DN', 'X-ARR-ClientCert', 'Client-Cert', 'MS-ASPNETCORE-CLIENTCERT'],
  ],
  [
    'what a framework acts on',
    ['x-astro-path', 'x-astro-locals', 'x-middleware-subrequest', 'x-middleware-subrequest-id', 'x-middleware-request-x-user', 'x-middleware-skip', 'x-matched-path', 'x-invoke-path', 'x-now-route-matches', 'X-HTTP-Method-Override', 'X-Original-URL', 'X-Rewrite-URL', 'X-Replaced-Path', 'X-React-Router-SPA-Mode', 'X-Sendfile-Type', 'X-Accel-Mapping', 'SCRIPT_NAME', 'Proxy'],
  ],
  ['another upstream', ['x-envoy-original-dst-host', 'x-envoy-original-path', 'l5d-dst-override']],
  [
    'an address',
    ['Client-IP', 'X-Client-IP', 'X-Cluster-Client-IP', 'WL-Proxy-Client-IP', 'Fastly-Client-IP', 'CloudFront-Viewer-Address', 'X-Azure-ClientIP', 'X_Forwarded_For', 'CF_Connecting_IP', 'True.Client.IP', 'x_real_ip'],
  ],
] // prettier-ignore

/** Fields that clients send for themselves, some with similar names. Miniflare keeps CF-Connecting-IP to itself. */
const ORDINARY: readonly Field[] = [
  ['X-Other', ' a  b;"c"\u00e9'],
  ['x_other', '1'],
  ['X-Forwarder', 'a'],
  ['Forwarding', 'a'],
  ['X-Request-Id', '7'],
  ['Traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  ['X-Amzn-Trace-Id', 'Root=1'],
  ['X-Api-Key', 'secret'],
  ['X-Auth-Token', 'secret'],
  ['X-Access-Token', 'secret'],
  ['X-Serverless-Authorization', 'Bearer x'],
  ['CF-Access-Client-Id', 'a.access'],
  ['CF-Access-Client-Secret', 'secret'],
  ['X-Ms-Date', 'Mon, 30 Nov 2026 00:00:00 GMT'],
  ['X-Middleware-Prefetch', '1'],
  ['X-Nextjs-Data', '1'],
  ['Next-Router-State-Tree', 'x'],
  ['X-Username', 'x'],
  ['Smooth', 'x'],
  ['Host-Name', 'x'],
  ['X-Forwarded-For', '203.0.113.7'],
  ['CF-IPCountry', 'DE'],
  ['True-Client-IP', '203.0.113.7'],
  ['X-Real-IP', '203.0.113.7'],
]

const valuesOf = (rawHeaders: readonly string[], name: string): string[] =>
  rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name)

const PLACES: readonly [string, boolean][] = [
  ['/orders', true],
  ['/health', false],
  ['/trial', false],
]

describe('to the origin of the Worker', () => {
  test.each(BELIEVED)('no client can send %s', async (_, names) => {
    for (const [target, known] of PLACES)
      for (const name of names)
        for (const spelling of [
          name,
          name.toUpperCase(),
          name.replaceAll('-', '_'),
          name.replace('-', '%2D'),
        ]) {
          const fields: Field[] = [[spelling, MALLORY], ...(known ? [bearer] : [])]
          const { response, seen } = await edge.sendRaw({ method: 'GET', target, fields })
          expect([spelling, response.status]).toEqual([spelling, 200])
          expect([spelling, seen!.rawHeaders.includes(MALLORY)]).toEqual([spelling, false])
        }
  })

  test('no field of any family arrives, and fields with similar names do', async () => {
    const fields = Object.values(SPOOFABLE_FIELDS)
      .flat()
      .map((name): Field => [name.replace(/^-/, '$').replace('*', '-x'), MALLORY])
    const { seen } = await edge.sendRaw({ method: 'GET', target: '/health', fields })
    expect(seen!.rawHeaders).not.toContain(MALLORY)
    const alike = fields.map(([name]): Field => [`y${name}`, MALLORY])
    const passed = await edge.sendRaw({ method: 'GET', target: '/health', fields: alike })
    expect(passed.seen!.rawHeaders.filter((value) => value === MALLORY)).toHaveLength(fields.length)
  })

  test('ordinary fields arrive byte for byte, and so do those of the platform', async () => {
    for (const [target, known] of PLACES) {
      const fields = [...ORDINARY, ...(known ? [bearer] : [])]
      const { seen } = await edge.sendRaw({ method: 'GET', target, fields })
      for (const [name, value] of ORDINARY)
        expect([name, valuesOf(seen!.rawHeaders, name.toLowerCase())]).toEqual([
          name,
          [Buffer.from(value.trim(), 'utf8').toString('latin1')],
        ])
    }
  })

  test('the host and scheme come from the URL of the request', async () => {
    const fields: Field[] = [
      ['X-Forwarded-Host', MALLORY],
      ['X-Forwarded-Proto', MALLORY],
      ['x_forwarded_host', MALLORY],
    ]
    const { seen } = await edge.sendRaw({ method: 'GET', target: '/health', host: 'Api.Example:80', fields })
    expect(valuesOf(seen!.rawHeaders, 'x-forwarded-host')).toEqual(['api.example'])
    expect(valuesOf(seen!.rawHeaders, 'x-forwarded-proto')).toEqual(['http'])
    expect(seen!.rawHeaders).not.toContain(MALLORY)
  })

  test('fields that the configuration keeps arrive unchanged, in that spelling alone', async () => {
    const origin = await startEchoOrigin()
    const keepHeaders = ['X-Original-URL', 'x-forwarded-host', 'OIDC_CLAIM_sub']
    const kept = await openWorkerEdge(
      { ...world.config, origin: { url: origin.url, keepHeaders } },
      world.env,
    )
    const send = async (...fields: Field[]) => {
      await kept.sendRaw({ method: 'GET', target: '/health', fields })
      return origin.seen.pop()!.rawHeaders
    }
    try {
      const seen = await send(['X-Original-URL', '/a'], ['X-Forwarded-Host', 'b'], ['OIDC_CLAIM_sub', 'c'])
      expect(valuesOf(seen, 'x-original-url')).toEqual(['/a'])
      expect(valuesOf(seen, 'x-forwarded-host')).toEqual(['b'])
      expect(valuesOf(seen, 'oidc_claim_sub')).toEqual(['c'])
      expect(valuesOf(seen, 'x-forwarded-proto')).toEqual(['http'])
      const others: Field[] = ['X_Original_URL', 'X_Forwarded-Host', 'OIDC-CLAIM-sub', 'X-Rewrite-URL'].map(
        (name) => [name, MALLORY],
      )
      expect(await send(...others)).not.toContain(MALLORY)
      expect(valuesOf(await send(), 'x-forwarded-host')).toEqual([])
    } finally {
      await Promise.all([kept.close(), origin.close()])
    }
  })
})

describe('with public URLs', () => {
  const publicUrls = ['https://api.test.example', 'https://edge.test.example:8443', 'http://localhost:8787']
  const cors = { origins: ['https://app.example'], preflight: 'answer' } as const
  const resources = [{ identifier: AUDIENCE }]
  const MISDIRECTED = { title: 'Misdirected Request', status: 421 }
  let listed: WorkerEdge

  beforeAll(async () => {
    listed = await openWorkerEdge({ ...world.config, publicUrls, cors, resources }, world.env)
  })

  afterAll(() => listed.close())

  test.each([
    ['api.test.example', 'https', 'api.test.example'],
    ['API.Test.Example', 'https', 'api.test.example'],
    ['api.test.example:80', 'https', 'api.test.example'],
    ['edge.test.example:8443', 'https', 'edge.test.example:8443'],
    ['localhost:8787', 'http', 'localhost:8787'],
  ])('a request for %s passes, and the origin gets %s and %s', async (host, scheme, forwarded) => {
    for (const [target, known] of PLACES) {
      const fields: Field[] = [
        ['X-Forwarded-Host', MALLORY],
        ['X-Forwarded-Proto', 'http'],
        ...(known ? [bearer] : []),
      ]
      const { response, seen } = await listed.sendRaw({ method: 'GET', target, host, fields })
      expect(response.status).toBe(200)
      expect(valuesOf(seen!.rawHeaders, 'x-forwarded-host')).toEqual([forwarded])
      expect(valuesOf(seen!.rawHeaders, 'x-forwarded-proto')).toEqual([scheme])
    }
  })

  test.each([
    'evil.example',
    'api.test.example.',
    'api.test.example:8443',
    'edge.test.example',
    'api.test.example.evil.example',
    'api.test.example@evil.example',
    'api.test.example\\.evil.example',
    'localhost',
    'a b',
  ])('a request for %s is 421, whatever it asks for', async (host) => {
    await listed.events()
    const preflight: Field[] = [
      ['Origin', 'https://app.example'],
      ['Access-Control-Request-Method', 'GET'],
    ]
    for (const [method, target, ...fields] of [
      ['GET', '/orders', bearer],
      ['GET', '/orders'],
      ['GET', '/health'],
      ['GET', '/trial'],
      ['GET', '/nowhere'],
      ['OPTIONS', '/orders', ...preflight],
      ['GET', '/.well-known/oauth-protected-resource'],
    ] as [string, string, ...Field[]][]) {
      const { response, seen } = await listed.sendRaw({ method, target, host, fields })
      expect([target, response.status, seen]).toEqual([target, 421, undefined])
      expect(response.headers).toMatchObject({ 'cache-control': 'no-store' })
      expect(response.headers).not.toHaveProperty('access-control-allow-methods')
      expect(JSON.parse(response.body)).toEqual(MISDIRECTED)
    }
    const events = (await listed.events()) as { code: string }[]
    expect(events.map(({ code }) => code)).toEqual(Array.from({ length: 7 }, () => 'host_unknown'))
  })

  test('these requests for a listed host do not get 421', async () => {
    const host = 'api.test.example'
    const fields: Field[] = [
      ['Origin', 'https://app.example'],
      ['Access-Control-Request-Method', 'GET'],
    ]
    const preflight = { method: 'OPTIONS', target: '/orders', host, fields }
    expect((await listed.sendRaw(preflight)).response.status).toBe(204)
    const published = { method: 'GET', target: '/.well-known/oauth-protected-resource', host }
    expect((await listed.sendRaw(published)).response.status).toBe(200)
    expect((await listed.sendRaw({ method: 'GET', target: '/orders', host })).response.status).toBe(401)
  })

  test.each([
    [{ binding: 'ORDERS' }, 200],
    [{ sameZone: true }, 421],
  ] as const)('with everything report-only, an invalid host with %j gets %d', async (origin, status) => {
    const ORDERS = `export default { fetch: (request) => new Response(request.headers.get('x-forwarded-host')) }`
    const trial = { ...world.config, publicUrls, reportOnly: true, origin }
    const reporting = await openWorkerEdge(trial, world.env, 0, { ORDERS })
    try {
      const { response } = await reporting.sendRaw({ method: 'GET', target: '/orders', host: 'a b' })
      expect(response.status).toBe(status)
      expect(await reporting.events()).toEqual([
        expect.objectContaining({
          outcome: 'would_deny',
          code: 'host_unknown',
          detail: { problem: 'malformed' },
        }),
      ])
      if (status !== 200) return
      const elsewhere = await reporting.sendRaw({ method: 'GET', target: '/orders', host: 'evil.example' })
      expect(elsewhere.response).toMatchObject({ status: 200, body: 'evil.example' })
      expect(await reporting.events()).toEqual([
        expect.objectContaining({
          outcome: 'would_deny',
          code: 'host_unknown',
          detail: { problem: 'not_listed' },
        }),
      ])
    } finally {
      await reporting.close()
    }
  })
})

const CLIENTS = {
  'x-forwarded-host': MALLORY,
  'x-auth-request-user': MALLORY,
  'x-astro-path': MALLORY,
  'x-lanekeeper-subject': MALLORY,
  x_forwarded_user: MALLORY,
  'x-other': 'kept',
  'x-forwarded-for': '203.0.113.7',
  'cf-connecting-ip': '203.0.113.7',
}

const seenBy = (headers: Headers): Record<string, string> => Object.fromEntries(headers)

describe('to what comes after the Hono middleware', () => {
  function start(more: Partial<LanekeeperConfig> = {}) {
    const ports = { fetch, now: Date.now, report: () => {}, secrets: world.secrets }
    const authorizer = createAuthorizer({ ...world.config, ...more }, ports, { env: world.env })
    const app = new Hono<{ Variables: LanekeeperVariables }>()
    app.use(async (context, next) => {
      if (context.req.header('x-read') !== undefined) await context.req.text()
      return next()
    })
    app.use(createHonoMiddleware(authorizer))
    app.all('*', async (context) => {
      const { method, url, headers } = context.req.raw
      return context.json({ method, url, headers: seenBy(headers), text: await context.req.text() })
    })
    return app
  }
  const url = 'https://api.test.example/health?a=%2F'

  test('comes the request without what no client may say', async () => {
    const forwarded = await (await start().request(url, { headers: CLIENTS })).json()
    expect(forwarded).toEqual({
      method: 'GET',
      url,
      headers: {
        'x-other': 'kept',
        'x-forwarded-for': '203.0.113.7',
        'cf-connecting-ip': '203.0.113.7',
        'x-forwarded-host': 'api.test.example',
        'x-forwarded-proto': 'https',
      },
      text: '',
    })
  })

  test.each([{}, { 'x-read': '1' }])('with its body and token, read before or not: %j', async (headers) => {
    const app = start({ routes: [{ path: '/orders', methods: ['POST'], scope: { allOf: ['read'] } }] })
    const authorization = bearer[1]
    const sent = { method: 'POST', body: 'hello', headers: { ...CLIENTS, ...headers, authorization } }
    const forwarded = await (await app.request('https://api.test.example/orders', sent)).json()
    expect(forwarded).toMatchObject({
      method: 'POST',
      text: 'hello',
      headers: { authorization, 'x-other': 'kept' },
    })
    expect(JSON.stringify(forwarded)).not.toContain(MALLORY)
  })

  test('and public URLs and kept fields count', async () => {
    const origin = { sameZone: true, keepHeaders: ['x-astro-path'] } as const
    const app = start({ publicUrls: ['https://api.test.example'], origin })
    const forwarded = await (await app.request(url.replace('https', 'http'), { headers: CLIENTS })).json()
    expect(forwarded.headers).toMatchObject({ 'x-astro-path': MALLORY, 'x-forwarded-proto': 'https' })
    expect((await app.request('https://evil.example/health', { headers: CLIENTS })).status).toBe(421)
  })

  test('and not the secret of diagnostics', async () => {
    const diagnostics = { header: 'X-Other', secret: { env: 'DIAGNOSTICS' } }
    const forwarded = await (await start({ diagnostics }).request(url, { headers: CLIENTS })).json()
    expect(forwarded.headers).not.toHaveProperty('x-other')
    expect(forwarded.headers).toHaveProperty('x-forwarded-for')
  })
})

describe('from another Worker', () => {
  const allow = { allow: true, grant: null } as const
  const identity = { subject: 'user-1', client_id: 'client-1' }
  const request = new Request('https://api.test.example/orders', {
    headers: {
      ...CLIENTS,
      authorization: 'Bearer x',
      connection: 'x-dropped, X-Forwarded-For, cf-connecting-ip',
      'x-dropped': '1',
    },
  })
  const send = (answer: Pick<RpcAnswer, 'decision' | 'identity'>, options = {}) =>
    seenBy(toForwardedHeaders(request, answer, options))
  const kept = {
    'x-other': 'kept',
    'x-forwarded-for': '203.0.113.7',
    'cf-connecting-ip': '203.0.113.7',
    'x-forwarded-host': 'api.test.example',
    'x-forwarded-proto': 'https',
  }

  test('goes the identity, and nothing that no client may say', () => {
    expect(send({ decision: allow, identity })).toEqual({
      ...kept,
      'x-lanekeeper-subject': 'user-1',
      'x-lanekeeper-client-id': 'client-1',
    })
    expect(send({ decision: allow, identity: null })).toEqual({ ...kept, authorization: 'Bearer x' })
    expect(send({ decision: { ...allow, reportOnly: true }, identity })).toHaveProperty('authorization')
    expect(request.headers.get('x-astro-path')).toBe(MALLORY)
  })

  test('as its settings say', () => {
    const options = {
      headerPrefix: 'x-mine-',
      keepHeaders: ['X-Astro-Path'],
      publicUrls: ['http://api.test.example'],
      token: 'forward',
    }
    expect(send({ decision: allow, identity }, options)).toEqual({
      ...kept,
      authorization: 'Bearer x',
      'x-astro-path': MALLORY,
      'x-forwarded-proto': 'http',
      'x-lanekeeper-subject': MALLORY,
      'x-mine-subject': 'user-1',
      'x-mine-client-id': 'client-1',
    })
  })

  test('without the secret of diagnostics', () => {
    const { 'x-other': _, ...others } = kept
    expect(send({ decision: allow, identity: null }, { diagnosticsHeader: 'X-Other' })).toEqual({
      ...others,
      authorization: 'Bearer x',
    })
  })
})
