// The sender constraint DPoP as a whole: what it reads of a request, the URLs that it takes, and what it adds to a
// grant.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dpopConfig, requestOf, BASE, HOST, STAGE } from '../../../cases/dpop/row.ts'
import type { CaseRequest } from '../../../cases/row.ts'
import { AUDIENCE, startCaseWorld, type CaseWorld } from '../../../support/case-world.ts'
import { makeProof, createClientKey } from '../../../support/dpop-proofs.ts'
import {
  createAuthorizer,
  toIdentity,
  webCrypto,
  type AuthorizationRequest,
  type Authorizer,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../../../shared/index.ts'
import { toCoreRequest } from '../../../edges/core-edge.ts'

let world: CaseWorld
let events: ReportEvent[]

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

function open(change: Partial<LanekeeperConfig> = {}, crypto = webCrypto): Authorizer {
  events = []
  return createAuthorizer(
    { ...dpopConfig(world), ...change },
    { crypto, fetch, now: Date.now, report: (event) => void events.push(event), secrets: world.secrets },
    { env: world.env },
  )
}

const toRequest = (request: CaseRequest): AuthorizationRequest => ({
  ...toCoreRequest(request),
  fields: { dpop: request.fields!.map(([, value]) => value) },
})

const good = async (given: Parameters<typeof requestOf>[1] = {}) => toRequest(await requestOf(world, given))

describe('the parts of a request', () => {
  test('where tokens may be bound in any way, the field DPoP and the certificate are needed', () => {
    expect(open().needs).toEqual({ fields: ['dpop'], clientCertificate: true })
  })

  test('where all are bound to a DPoP key, no certificate is', () => {
    const { issuers, routes } = dpopConfig(world)
    const needs = open({
      issuers: { other: issuers['other']! },
      routes: routes.filter(({ senderConstraint }) => senderConstraint !== 'none'),
    }).needs
    expect(needs).toEqual({ fields: ['dpop'], clientCertificate: false })
  })

  test('nothing is needed where no issuer takes bound tokens', () => {
    const { issuers, dpop: _, ...config } = dpopConfig(world)
    const { careless } = issuers
    const routes = config.routes.filter(({ senderConstraint }) => senderConstraint === undefined)
    const authorizer = createAuthorizer(
      { ...config, issuers: { careless: careless! }, routes },
      { fetch, now: Date.now, report: () => {} },
    )
    expect(authorizer.needs).toEqual({ fields: [], clientCertificate: false })
  })

  test('a caller that passes on no fields cannot have a proof checked', async () => {
    const { fields: _, ...request } = await good()
    expect(await open().authorize(request)).toMatchObject({
      code: 'sender_constraint_unproven',
      detail: { problem: 'no_fields' },
    })
    expect(await open().authorize({ ...request, fields: {} })).toMatchObject({ code: 'dpop_proof_missing' })
  })
})

describe('the grant', () => {
  test('says how its sender has proven itself, and the identity has it', async () => {
    const decision = await open().authorize(await good())
    if (!decision.allow || decision.grant === null) throw new Error('refused')
    expect(decision.grant).toMatchObject({ sender: 'dpop', clientId: 'client-1' })
    expect(Object.isFrozen(decision.grant)).toBe(true)
    expect(toIdentity(decision.grant)['sender']).toBe('dpop')
  })

  test('of an unbound token says nothing of a sender', async () => {
    const decision = await open().authorize(
      await good({ isUnbound: true, scheme: 'Bearer ', fields: () => [] }),
    )
    if (!decision.allow || decision.grant === null) throw new Error('refused')
    expect(decision.grant).not.toHaveProperty('sender')
    expect(toIdentity(decision.grant)).not.toHaveProperty('sender')
  })

  test('of a remembered token is the same object, although its proofs differ', async () => {
    const authorizer = open()
    const key = createClientKey()
    const token = await world.main.token({ claims: { cnf: { jkt: key.jkt } } })
    const ask = () =>
      authorizer.authorize({
        ...{ method: 'GET', path: '/orders', accessTokenInQuery: false },
        authorization: [`DPoP ${token}`],
        fields: { dpop: [makeProof(key, { url: `${BASE}/orders`, token })] },
      })
    const [first, second] = [await ask(), await ask()]
    if (!first.allow || !second.allow) throw new Error('refused')
    expect(second.grant).toBe(first.grant)
  })
})

describe('the URLs', () => {
  test('without publicUrls: the origins of the resources, and no host of the request', async () => {
    const { publicUrls: _, ...config } = dpopConfig(world)
    const authorizer = createAuthorizer(
      {
        ...config,
        issuers: { main: { ...config.issuers['main']!, audience: `${AUDIENCE}/v2` } as never },
        routes: [{ path: '/v2/orders', methods: ['GET'], scope: 'none' }],
        resources: [{ identifier: `${AUDIENCE}/v2` }],
      },
      { fetch, now: Date.now, report: () => {} },
    )
    const ask = async (url: string, origin?: string) => {
      const about = { path: '/v2/orders', url, claims: { aud: `${AUDIENCE}/v2` } }
      const { origin: _, ...request } = await good(about)
      return (await authorizer.authorize(origin === undefined ? request : { ...request, origin })).allow
    }
    expect(await ask(`${AUDIENCE}/v2/orders`)).toBe(true)
    expect(await ask(`${AUDIENCE}/v2/orders`, 'https://evil.example')).toBe(true)
    expect(await ask('https://evil.example/v2/orders', 'https://evil.example')).toBe(false)
    expect(await ask(`${AUDIENCE}/v2/v2/orders`)).toBe(false)
  })

  test('without publicUrls: of several resources the one with the host that is called', async () => {
    const other = 'https://other.test.example'
    const audience = [`${AUDIENCE}/v2`, `${other}/v3`]
    const { publicUrls: _, ...config } = dpopConfig(world)
    const authorizer = createAuthorizer(
      {
        ...config,
        issuers: { main: { ...config.issuers['main']!, audience } as never },
        routes: [{ path: '/v2/orders', methods: ['GET'], scope: 'none' }],
        resources: audience.map((identifier) => ({ identifier })),
      },
      { fetch, now: Date.now, report: () => {} },
    )
    const ask = async (host: string, origin: string) => {
      const about = { path: '/v2/orders', url: `${host}/v2/orders`, claims: { aud: audience } }
      return (await authorizer.authorize({ ...(await good(about)), origin })).allow
    }
    expect(await ask(AUDIENCE, AUDIENCE)).toBe(true)
    expect(await ask(other, other)).toBe(true)
    expect(await ask(AUDIENCE, other)).toBe(false)
    expect(await ask(other, AUDIENCE)).toBe(false)
  })

  test.each([
    ['the host of the request', `https://${HOST}`, `${BASE}/orders`, true],
    ['the host of the request, which a proxy reached without TLS', `http://${HOST}`, `${BASE}/orders`, true],
    ['another host', `https://${HOST}`, `${STAGE}/orders`, false],
    ['any, where no host is told', undefined, `${STAGE}/orders`, true],
  ])('%s', async (_, origin, url, allow) => {
    const { origin: __, ...request } = await good({ url })
    const asked = origin === undefined ? request : { ...request, origin }
    expect((await open().authorize(asked)).allow).toBe(allow)
  })
})

describe('examine', () => {
  const unbound = { isUnbound: true, scheme: 'Bearer ', fields: () => [] } as const

  test('a route that demands a bound token refuses another one there as well', async () => {
    const authorizer = open()
    expect((await authorizer.examine(await good({ path: '/orders', ...unbound }))).decision.allow).toBe(true)
    expect((await authorizer.examine(await good({ path: '/dpop', ...unbound }))).decision).toMatchObject({
      allow: false,
      code: 'sender_constraint_missing',
    })
    expect((await authorizer.examine(await good({ path: '/none' }))).decision.allow).toBe(false)
    expect((await authorizer.examine(await good({ path: '/dpop' }))).decision).toMatchObject({
      allow: true,
      grant: { sender: 'dpop' },
    })
  })

  test('a proof is used up by it', async () => {
    const authorizer = open()
    const request = await good()
    expect((await authorizer.examine(request)).decision.allow).toBe(true)
    expect(await authorizer.authorize(request)).toMatchObject({ code: 'dpop_proof_replayed' })
  })
})

test('a function with senderConstraint none refuses what it cannot prove, and takes plain tokens', async () => {
  const authorizer = open()
  Object.assign(authorizer.config, { senderConstraint: 'none' })
  expect(await authorizer.authorize(await good({ scheme: 'Bearer ' }))).toMatchObject({
    code: 'sender_constraint_unproven',
  })
  expect(await authorizer.authorize(await good())).toMatchObject({ code: 'credential_scheme' })
  const plain = await good({ isUnbound: true, scheme: 'Bearer ', fields: () => [] })
  expect((await authorizer.authorize(plain)).allow).toBe(true)
})

test('no event has text of a token or of a proof', async () => {
  const authorizer = open()
  const sent: string[] = []
  for (const given of [{}, { url: 'https://evil.example/secret-place' }, { scheme: 'Bearer ' }]) {
    const request = await good(given)
    sent.push(...request.authorization, ...request.fields!['dpop']!)
    await authorizer.authorize(request)
  }
  const log = JSON.stringify(events)
  expect(events.length).toBeGreaterThan(2)
  for (const text of sent)
    for (const part of text.split(/[ .]/).filter((part) => part.length > 10)) expect(log).not.toContain(part)
  expect(log).not.toContain('secret-place')
})
