// The two fields of `mtls.header`, which a proxy sets: the server behind a Fetch edge gets neither, and no answer and
// no event has anything of them. Over a socket, to the Worker in workerd in front of a real origin; to a handler after
// the Hono middleware; and from another Worker.

import { Hono } from 'hono'
import { decodeJwt } from 'jose'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createHonoMiddleware,
  toForwardedHeaders,
  type LanekeeperVariables,
} from '../../../functions/cloudflare/worker.ts'
import {
  createCertificateAuthority,
  type Certified,
} from '../../../local/client-certificates/certificates.ts'
import { toClientCert, toTlsClientAuth } from '../../../local/client-certificates/platform-facts.ts'
import { createAuthorizer, type LanekeeperConfig, type ReportEvent } from '../../../shared/index.ts'
import type { Field } from '../../cases/row.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { makeProof } from '../../support/dpop-proofs.ts'
import { BASE, HOST, startDpopWorld, type DpopWorld } from '../../support/dpop-world.ts'
import { findLeaks } from '../../support/leaks.ts'
import { startEchoOrigin, startStreamingOrigin } from '../../support/origin-process.ts'

/** No server takes a field of this name for a statement of a proxy: without `mtls.header` it is an ordinary one. */
const NAME = 'X-Our-Leaf'
const GUARD = 'X-Edge-Guard'
const SECRET = randomBytes(24).toString('base64url')
const OTHER_SECRET = randomBytes(24).toString('base64url')
const DIAGNOSTICS = randomBytes(24).toString('base64url')
/** What a client writes into a field of another spelling. */
const MALLORY = 'mallory-0123456789abcdef'
const APP = 'https://app.test.example'

const HEADER = { name: NAME, format: 'rfc9440', guard: { header: GUARD, secret: { env: 'GUARD' } } } as const

let world: DpopWorld
let certified: Certified
let config: LanekeeperConfig
let env: Readonly<Record<string, string>>
let edge: WorkerEdge
let without: WorkerEdge
let bound: Field
/** The fields of the proxy. */
let certificate: Field
const guard: Field = [GUARD, SECRET]

beforeAll(async () => {
  world = await startDpopWorld()
  certified = await (await createCertificateAuthority('Clients of the test')).issue('Client Seven')
  certificate = [NAME, `:${Buffer.from(certified.certificate.rawData).toString('base64')}:`]
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  env = {
    GUARD: SECRET,
    DIAGNOSTICS,
    ASSERTION: JSON.stringify(privateKey.export({ format: 'jwk' })),
  }
  config = {
    ...world.config,
    mtls: { header: HEADER },
    cors: { origins: [APP], preflight: 'pass' },
    diagnostics: { header: 'X-Diagnostics', secret: { env: 'DIAGNOSTICS' } },
  }
  const { mtls: _, ...others } = config
  ;[edge, without] = await Promise.all([openWorkerEdge(config, env), openWorkerEdge(others, env)])
  bound = ['Authorization', `Bearer ${await boundToken()}`]
})

afterAll(async () => {
  await Promise.all([edge.close(), without.close()])
  await world.close()
})

const withoutDiagnostics = ({ diagnostics: _, ...others }: LanekeeperConfig): LanekeeperConfig => others

const boundToken = (more: object = {}) =>
  world.boundToken({ cnf: { 'x5t#S256': certified.thumbprint, ...more } })

/** As `Headers` takes them. */
const toInit = (fields: readonly Field[]) => fields.map(([name, value]): [string, string] => [name, value])

const get = (target: string, ...fields: Field[]) => ({ method: 'GET', target, host: HOST, fields })

const preflight: Field[] = [
  ['Origin', APP],
  ['Access-Control-Request-Method', 'GET'],
]

const namesOf = (rawHeaders: readonly string[]): string[] =>
  rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())

/** Text of the two fields, and of what a client forged. */
const secretsOf = () => [SECRET, certificate[1], MALLORY]

describe('to the origin of the Worker', () => {
  const KINDS: readonly [string, () => Parameters<WorkerEdge['sendRaw']>[0]][] = [
    ['an allowed request', () => get('/orders', bound)],
    ['an allowed request with a body', () => ({ ...get('/orders', bound), method: 'POST', body: 'x' })],
    ['a request on a public route', () => get('/health')],
    ['a request on a public route with a token', () => get('/health', bound)],
    ['a request with a token that would pass (report-only)', () => get('/trial', bound)],
    ['a request that would be refused (report-only)', () => get('/trial')],
    ['a preflight', () => ({ ...get('/orders', ...preflight), method: 'OPTIONS' })],
    ['a request that sees the plan', () => get('/orders', bound, ['X-Diagnostics', DIAGNOSTICS])],
  ]

  test.each(KINDS)('%s comes without either field', async (_, toRequest) => {
    const request = toRequest()
    for (const more of [
      [certificate, guard],
      [certificate, guard, ['Connection', `${NAME}, ${GUARD}`] satisfies Field],
    ] as Field[][]) {
      const { response, seen } = await edge.sendRaw({ ...request, fields: [...request.fields!, ...more] })
      expect(response.status).toBe(200)
      expect(namesOf(seen!.rawHeaders)).not.toContain(NAME.toLowerCase())
      expect(namesOf(seen!.rawHeaders)).not.toContain(GUARD.toLowerCase())
      expect(findLeaks(JSON.stringify([seen, response]), secretsOf())).toEqual([])
    }
  })

  const spellingsOf = (name: string) => [
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll('-', '_'),
    name.replace('-', '.'),
    name.replace('-', '%2D'),
    name.replaceAll('-', '%2d'),
    name.replace('-', '!'),
  ]

  test.each([...spellingsOf(NAME), ...spellingsOf(GUARD)])('no client can send %s', async (spelling) => {
    for (const target of ['/health', '/trial']) {
      const { response, seen } = await edge.sendRaw(get(target, [spelling, MALLORY]))
      expect([response.status, seen!.rawHeaders.includes(MALLORY)]).toEqual([200, false])
    }
  })

  test('a field whose name only begins or ends alike arrives', async () => {
    for (const name of [`${NAME}-Chain`, `X-${NAME}`, 'XOurLeaf', `${GUARD}s`]) {
      const { seen } = await edge.sendRaw(get('/health', [name, MALLORY]))
      expect([name, seen!.rawHeaders.includes(MALLORY)]).toEqual([name, true])
    }
  })

  test('without mtls.header the same fields arrive', async () => {
    for (const target of ['/health', '/trial']) {
      const { response, seen } = await without.sendRaw(get(target, certificate, guard))
      expect(response.status).toBe(200)
      expect(seen!.rawHeaders).toEqual(expect.arrayContaining([certificate[1], SECRET]))
    }
  })

  test('but not one whose name some server takes for a statement of a proxy', async () => {
    const { seen } = await without.sendRaw(get('/health', ['Client-Cert', certificate[1]]))
    expect(namesOf(seen!.rawHeaders)).not.toContain('client-cert')
  })

  test('the handshake of a WebSocket comes without either field', async () => {
    const origin = await startStreamingOrigin()
    const opening = await openWorkerEdge(
      {
        ...config,
        origin: { url: origin.url },
        routes: [{ path: '/files/socket', methods: ['GET'], scope: 'none' }],
      },
      env,
    )
    const start = (...fields: Field[]): ClientRequest =>
      httpRequest(`${opening.url}/files/socket`, {
        agent: false,
        headers: {
          host: HOST,
          connection: `Upgrade, ${NAME}, ${GUARD}`,
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...Object.fromEntries(fields),
        },
      }).end()
    try {
      const [refused] = (await once(start(bound, certificate), 'response')) as [IncomingMessage]
      expect(refused.statusCode).toBe(401)
      const [response, socket] = await once(start(bound, certificate, guard), 'upgrade')
      expect(response.statusCode).toBe(101)
      socket.destroy()
      expect(origin.seen).toHaveLength(1)
      expect(origin.seen[0]).toMatchObject({ 'x-lanekeeper-sender': 'mtls' })
      expect(findLeaks(JSON.stringify(origin.seen), secretsOf())).toEqual([])
    } finally {
      await Promise.all([opening.close(), origin.close()])
    }
  })
})

describe('of a token that is bound to a key and a certificate', () => {
  async function bothFields(): Promise<Field[]> {
    const token = await boundToken({ jkt: world.key.jkt })
    return [
      ['Authorization', `DPoP ${token}`],
      ['DPoP', makeProof(world.key, { url: `${BASE}/orders`, token })],
    ]
  }

  const valueOf = (rawHeaders: readonly string[], name: string) =>
    rawHeaders[namesOf(rawHeaders).indexOf(name) * 2 + 1]

  test('the origin gets neither token nor proof, and is told both methods', async () => {
    const { response, seen } = await edge.sendRaw(get('/orders', ...(await bothFields()), certificate, guard))
    expect(response.status).toBe(200)
    expect(namesOf(seen!.rawHeaders).filter((name) => /^(authorization|dpop)$/.test(name))).toEqual([])
    expect(valueOf(seen!.rawHeaders, 'x-lanekeeper-sender')).toBe('dpop mtls')
  })

  test('an origin that gets tokens gets both, and an assertion that states both methods', async () => {
    const origin = await startEchoOrigin()
    const assertion = { key: { env: 'ASSERTION' }, issuer: BASE, audience: 'origin' }
    const forwarding = await openWorkerEdge(
      { ...config, origin: { url: origin.url, token: 'forward', assertion } },
      env,
    )
    try {
      const both = await bothFields()
      await forwarding.sendRaw(get('/orders', ...both, certificate, guard))
      await forwarding.sendRaw(get('/orders', bound, certificate, guard))
      const [ofBoth, ofOne] = origin.seen.map(({ rawHeaders }) => rawHeaders)
      expect(['authorization', 'dpop'].map((name) => valueOf(ofBoth!, name))).toEqual(
        both.map(([, value]) => value),
      )
      expect(
        [ofBoth!, ofOne!].map((fields) => decodeJwt(valueOf(fields, 'x-lanekeeper-assertion')!)['sender']),
      ).toEqual(['dpop mtls', 'mtls'])
      expect(findLeaks(JSON.stringify(origin.seen), secretsOf())).toEqual([])
    } finally {
      await Promise.all([forwarding.close(), origin.close()])
    }
  })
})

describe('to what comes after the Hono middleware', () => {
  const start = (given: LanekeeperConfig) => {
    const secrets = async () => SECRET
    const ports = { fetch, now: Date.now, report: () => {}, secrets }
    const authorizer = createAuthorizer(given, ports, { env })
    const app = new Hono<{ Variables: LanekeeperVariables }>().use(createHonoMiddleware(authorizer))
    return app.all('*', ({ req }) => Response.json(Object.fromEntries(req.raw.headers)))
  }

  const ask = async (app: ReturnType<typeof start>, path: string, ...fields: Field[]) =>
    (await app.request(`${BASE}${path}`, { headers: toInit(fields) })).json()

  test('comes the request without them', async () => {
    const app = start(withoutDiagnostics(config))
    for (const [path, own] of [
      ['/orders', [bound]],
      ['/health', []],
      ['/trial', []],
    ] as [string, Field[]][]) {
      const other: Field = [NAME.replaceAll('-', '_'), MALLORY]
      const seen = await ask(app, path, ...own, certificate, guard, other, ['X-Other', 'kept'])
      expect(seen).toMatchObject({ 'x-other': 'kept' })
      expect(findLeaks(JSON.stringify(seen), secretsOf())).toEqual([])
    }
  })

  test('comes it with them where the configuration names neither', async () => {
    const seen = await ask(start(world.config), '/health', certificate, guard)
    expect(seen).toMatchObject({ [NAME.toLowerCase()]: certificate[1], [GUARD.toLowerCase()]: SECRET })
  })
})

describe('from another Worker', () => {
  const send = (options: Parameters<typeof toForwardedHeaders>[2]) =>
    Object.fromEntries(
      toForwardedHeaders(
        new Request(`${BASE}/health`, { headers: toInit([certificate, guard, ['x_edge_guard', MALLORY]]) }),
        { decision: { allow: true, route: 'GET /health', grant: null }, identity: null },
        options,
      ),
    )
  const forwarded = { 'x-forwarded-host': HOST, 'x-forwarded-proto': 'https' }

  test('goes neither, where it names them', () => {
    expect(send({ mtlsHeaders: { name: NAME, guard: GUARD } })).toEqual(forwarded)
  })

  test('go both, where it names none', () => {
    expect(send({})).toEqual({
      ...forwarded,
      [NAME.toLowerCase()]: certificate[1],
      [GUARD.toLowerCase()]: SECRET,
      x_edge_guard: MALLORY,
    })
  })
})

describe('nothing is said of', () => {
  /** Facts about the certificate, as platforms state them. */
  function factsOf(): readonly string[] {
    const { pem, thumbprint } = certified
    const { certFingerprintSHA1, certFingerprintSHA256, certSerial, certSubjectDN, certIssuerDN, certSKI } =
      toTlsClientAuth(pem)
    const facts = [
      certFingerprintSHA1,
      certFingerprintSHA256,
      certSerial,
      certSubjectDN,
      certIssuerDN,
      certSKI,
    ]
    const { serialNumber, subjectDN } = toClientCert(pem)
    return [...facts.map((fact) => fact!), serialNumber, subjectDN, thumbprint, certificate[1]]
  }

  const REQUESTS: readonly [string, () => readonly Field[], string][] = [
    ['allowed', () => [bound, certificate, guard], 'access_token'],
    ['without a certificate', () => [bound, guard], 'client_certificate_missing'],
    ['with another secret', () => [bound, certificate, [GUARD, OTHER_SECRET]], 'client_certificate_missing'],
    ['with a broken certificate', () => [bound, [NAME, certificate[1].slice(1)], guard], 'client_certificate_refused'],
    ['with two', () => [bound, certificate, certificate, guard], 'client_certificate_refused'],
    ['with another certificate', () => [bound, [NAME, otherCertificate], guard], 'client_certificate_mismatch'],
  ] // prettier-ignore

  let otherCertificate: string

  beforeAll(async () => {
    const other = await (await createCertificateAuthority('Others')).issue('Client Eight')
    otherCertificate = `:${Buffer.from(other.certificate.rawData).toString('base64')}:`
  })

  test.each(REQUESTS)('the secret and the certificate by a request %s', async (_, toFields, code) => {
    await edge.takeEvents()
    const { response } = await edge.sendRaw(get('/orders', ...toFields()))
    const events = await edge.takeEvents()
    const decision = events.find(({ event }) => event === 'decision')
    expect(decision).toMatchObject({ code })
    const text = JSON.stringify([response, events])
    const hidden = [SECRET, OTHER_SECRET, otherCertificate, ...factsOf()]
    expect(findLeaks(text, hidden)).toEqual([])
    expect(hidden.filter((fact) => text.includes(fact))).toEqual([])
    expect(text).not.toMatch(/Client (?:Seven|Eight)|Clients of the test/)
  })

  test('a secret that cannot be loaded, but where it should be', async () => {
    const events: ReportEvent[] = []
    const ports = { fetch, now: Date.now, report: (event: ReportEvent) => void events.push(event) }
    const broken = createAuthorizer(
      withoutDiagnostics(config),
      { ...ports, secrets: async () => `${SECRET} ` },
      { env },
    )
    const decision = await broken.authorize({
      method: 'GET',
      path: '/orders',
      origin: BASE,
      authorization: [bound[1]],
      accessTokenInQuery: false,
      fields: { [NAME.toLowerCase()]: [certificate[1]], [GUARD.toLowerCase()]: [SECRET] },
    })
    expect(decision).toMatchObject({
      allow: false,
      code: 'secret_unavailable',
      detail: { secret: 'env', problem: 'malformed' },
    })
    expect(events.find(({ event }) => event === 'secret')).toMatchObject({
      secret: 'mtls.header.guard.secret',
      code: 'malformed',
    })
    expect(findLeaks(JSON.stringify([decision, events]), [SECRET, ...factsOf()])).toEqual([])
  })
})
