// The sender constraint mutual TLS as a whole: what it reads of a request, what it adds to a grant, and what it does
// not say.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toTlsClientAuth } from '../../../../local/client-certificates/platform-facts.ts'
import {
  createAuthorizer,
  toIdentity,
  webCrypto,
  type AuthorizationRequest,
  type Authorizer,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../../../shared/index.ts'
import { FIELD, GUARD, SECRET } from '../../../cases/mtls/header.ts'
import { MTLS_SUITES } from '../../../cases/mtls/index.ts'
import { mtlsConfig, requestOf, type Given } from '../../../cases/mtls/row.ts'
import { toCoreRequest } from '../../../edges/core-edge.ts'
import { factsOf } from '../../../edges/presented-certificate.ts'
import { startCaseWorld, type CaseWorld } from '../../../support/case-world.ts'
import { clientCertificates, openSslTime } from '../../../support/client-certificates.ts'
import { findLeaks } from '../../../support/leaks.ts'

const certificates = await clientCertificates()

let world: CaseWorld
let events: ReportEvent[]
let now: number

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const HEADER = {
  mtls: {
    header: { name: FIELD, format: 'rfc9440', guard: { header: GUARD, secret: { env: 'GUARD_SECRET' } } },
  },
} as const

function open(change: Partial<LanekeeperConfig> = {}, secret: string | undefined = SECRET): Authorizer {
  events = []
  now = Date.now()
  return createAuthorizer(
    { ...mtlsConfig(world), ...change },
    {
      crypto: webCrypto,
      fetch,
      now: () => now,
      report: (event) => void events.push(event),
      secrets: async (ref) => (ref.env === 'GUARD_SECRET' ? secret : world.secrets(ref)),
    },
    { env: { ...world.env, GUARD_SECRET: SECRET } },
  )
}

async function toRequest(given: Given = {}): Promise<AuthorizationRequest> {
  const request = await requestOf(world, given)
  const facts = factsOf(request.certificate)
  const fields = Map.groupBy(request.fields ?? [], ([name]) => name.toLowerCase())
  return {
    ...toCoreRequest(request),
    fields: Object.fromEntries([...fields].map(([name, all]) => [name, all.map(([, value]) => value)])),
    ...(facts === null ? {} : { clientCertificate: facts }),
  }
}

describe('the parts of a request', () => {
  test('where tokens may be bound in any way: the certificate, and the field DPoP', () => {
    expect(open().needs).toEqual({ fields: ['dpop'], clientCertificate: true })
  })

  test('where a proxy may pass the certificate on: two fields more', () => {
    expect(new Set(open(HEADER).needs.fields)).toEqual(
      new Set(['dpop', FIELD.toLowerCase(), GUARD.toLowerCase()]),
    )
    expect(open(HEADER).needs.clientCertificate).toBe(true)
  })

  test('where all tokens are bound to a certificate: nothing else', async () => {
    const alone = MTLS_SUITES.find(({ name }) => name === 'mtls alone')!
    const { dpop: _, ...config } = await alone.config(world)
    const authorizer = createAuthorizer(config, { fetch, now: Date.now, report: () => {} })
    expect(authorizer.needs).toEqual({ fields: [], clientCertificate: true })
  })
})

describe('the grant', () => {
  test.each<[string, Given]>([
    ['mtls', {}],
    ['dpop mtls', { isBoundToBoth: true }],
  ])('says how its sender has proven itself: %s', async (sender, given) => {
    const decision = await open().authorize(await toRequest(given))
    if (!decision.allow || decision.grant === null) throw new Error('refused')
    expect(decision.grant).toMatchObject({ sender, clientId: 'client-1' })
    expect(Object.isFrozen(decision.grant)).toBe(true)
    expect(toIdentity(decision.grant)['sender']).toBe(sender)
  })

  test('of an unbound token with a certificate says nothing of a sender', async () => {
    const decision = await open().authorize(await toRequest({ isUnbound: true }))
    if (!decision.allow || decision.grant === null) throw new Error('refused')
    expect(decision.grant).not.toHaveProperty('sender')
  })

  test('of a remembered token is the same object', async () => {
    const authorizer = open()
    const request = await toRequest()
    const [first, again] = [await authorizer.authorize(request), await authorizer.authorize(request)]
    if (!first.allow || !again.allow) throw new Error('refused')
    expect(again.grant).toBe(first.grant)
  })
})

test('a certificate ends while its token is remembered', async () => {
  const authorizer = open()
  const certNotAfter = openSslTime(Math.floor(Date.now() / 1_000) + 60)
  const request = await toRequest({ cloudflare: { certNotAfter } })
  expect((await authorizer.authorize(request)).allow).toBe(true)
  now += 60_000
  expect((await authorizer.authorize(request)).allow).toBe(true)
  now += 1_000
  expect(await authorizer.authorize(request)).toMatchObject({
    code: 'client_certificate_refused',
    detail: { problem: 'expired' },
  })
})

test('a caller that passes on no certificate cannot have one checked', async () => {
  const { clientCertificate: _, ...request } = await toRequest()
  expect(await open().authorize(request)).toMatchObject({ code: 'client_certificate_missing' })
})

test('`examine` demands the same', async () => {
  const authorizer = open()
  const { decision } = await authorizer.examine(await toRequest())
  expect(decision).toMatchObject({ allow: true, grant: { sender: 'mtls' } })
  const other = await authorizer.examine(await toRequest({ certificate: 'second' }))
  expect(other.decision).toMatchObject({ allow: false, code: 'client_certificate_mismatch' })
  expect(other.grant).toBeNull()
})

test('a function with senderConstraint none refuses what it cannot prove, and takes plain tokens', async () => {
  const authorizer = open()
  Object.assign(authorizer.config, { senderConstraint: 'none' })
  expect(await authorizer.authorize(await toRequest())).toMatchObject({ code: 'sender_constraint_unproven' })
  expect((await authorizer.authorize(await toRequest({ isUnbound: true }))).allow).toBe(true)
})

describe('a header field', () => {
  const fields: Given['fields'] = ({ client }) => [
    [GUARD, SECRET],
    [FIELD, `:${client.certificate.toString('base64')}:`],
  ]

  test('without the secret of its guard decides nothing', async () => {
    expect((await open(HEADER).authorize(await toRequest({ certificate: null, fields }))).allow).toBe(true)
    const authorizer = open(HEADER, 'too short')
    expect(await authorizer.authorize(await toRequest({ certificate: null, fields }))).toMatchObject({
      code: 'secret_unavailable',
      detail: { secret: 'env', problem: 'malformed' },
    })
    expect(await authorizer.authorize(await toRequest({ fields }))).toMatchObject({
      code: 'secret_unavailable',
    })
    expect((await authorizer.authorize(await toRequest())).allow).toBe(true)
  })

  test('of a token that is not bound has no secret loaded', async () => {
    const authorizer = open(HEADER)
    await authorizer.authorize(await toRequest({ isUnbound: true, fields }))
    expect(events.filter(({ event }) => event === 'secret')).toEqual([])
    await authorizer.authorize(await toRequest({ fields }))
    expect(events.filter(({ event }) => event === 'secret')).toHaveLength(1)
  })
})

test('no event and no refusal has text of a token, of a certificate or of the guard', async () => {
  const said: unknown[] = []
  const sent: string[] = [SECRET, ...Object.values(toTlsClientAuth(certificates.second.pem))]
  const authorizer = open(HEADER)
  for (const given of [
    {},
    { certificate: 'second' },
    { certificate: 'second', fields: () => [[FIELD, certificates.second.thumbprint]] },
    {
      fields: () => [
        [GUARD, SECRET],
        [FIELD, certificates.client.thumbprint],
      ],
    },
    { cloudflare: { certVerified: 'FAILED:a reason of its own in some words' } },
    { cloudflare: { certFingerprintSHA256: certificates.client.thumbprint } },
  ] as const satisfies readonly Given[]) {
    const request = await toRequest(given)
    sent.push(...request.authorization, ...Object.values(request.clientCertificate ?? {}))
    sent.push(...Object.values(request.fields ?? {}).flat())
    said.push(await authorizer.authorize(request))
  }
  expect(events.filter(({ event }) => event === 'decision')).toHaveLength(6)
  const refusals = said.filter((decision) => !(decision as { readonly allow: boolean }).allow)
  expect(refusals).toHaveLength(5)
  expect(findLeaks(JSON.stringify([events, refusals]), sent)).toEqual([])
})
