// Tokens that are bound to a client certificate, over a service binding: a Worker in workerd that asks the authorizer
// Worker, which lanekeeper build has made. The caller is believed, and a client is not. RFC 8705 section 3. workerd
// ends no TLS of clients, so the caller gets `request.cf` from the test.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RpcAnswer } from '../../../functions/cloudflare/worker.ts'
import {
  createCertificateAuthority,
  type Certified,
} from '../../../local/client-certificates/certificates.ts'
import {
  NO_TLS_CLIENT_AUTH,
  toTlsClientAuth,
  type TlsClientAuth,
} from '../../../local/client-certificates/platform-facts.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import type { Field } from '../../cases/row.ts'
import { makeProof } from '../../support/dpop-proofs.ts'
import { BASE, HOST, startDpopWorld, type DpopWorld } from '../../support/dpop-world.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { startRpcWorkers, type RpcWorkers } from './rpc-workers.ts'

const NAME = 'x-our-leaf'
const GUARD = 'x-edge-guard'
const SECRET = randomBytes(24).toString('base64url')

/**
 * Calls the authorizer for each request, with the `request.cf` and the members of the argument that the test states in
 * fields of its own.
 */
const CALLER = `
import { toAuthorizationRequest } from './request.js'
import { toForwardedHeaders } from './forwarded-headers.js'
const stated = (request, name) => JSON.parse(request.headers.get(name) ?? '{}')
export default {
  async fetch(given, env) {
    const cf = stated(given, 'x-stated-cf')
    const { needs, mtlsHeaders, argument } = stated(given, 'x-stated')
    const request = Object.keys(cf).length === 0 ? given : new Request(given, { cf })
    const answer = await env.AUTHORIZER.authorize({ ...toAuthorizationRequest(request, needs), ...argument })
    const forwarded = answer.decision.allow
      ? Object.fromEntries(toForwardedHeaders(request, answer, { mtlsHeaders }))
      : null
    return Response.json({ ...answer, forwarded })
  }
}`

let world: DpopWorld
let certified: Certified
let other: Certified
let token: string
let plain: RpcWorkers
let headed: RpcWorkers

beforeAll(async () => {
  world = await startDpopWorld()
  const authority = await createCertificateAuthority('Clients')
  ;[certified, other] = await Promise.all([authority.issue('one'), authority.issue('two')])
  token = await world.boundToken({ cnf: { 'x5t#S256': certified.thumbprint } })
  const config: LanekeeperConfig = { ...world.config, origin: { url: 'http://127.0.0.1:9' } }
  const header = {
    name: NAME,
    format: 'rfc9440',
    guard: { header: GUARD, secret: { env: 'GUARD' } },
  } as const
  plain = await startRpcWorkers(config, {}, CALLER)
  headed = await startRpcWorkers({ ...config, mtls: { header } }, { GUARD: SECRET }, CALLER)
}, 60_000)

afterAll(async () => {
  await Promise.all([plain.close(), headed.close()])
  await world.close()
})

type Answer = RpcAnswer & { readonly forwarded: Readonly<Record<string, string>> | null }

interface Stated {
  /** `request.cf.tlsClientAuth`. */
  readonly tlsClientAuth?: TlsClientAuth
  /** Members of the argument, in place of those of `toAuthorizationRequest`. */
  readonly argument?: object
  /** For `toAuthorizationRequest`. */
  readonly needs?: object
  readonly mtlsHeaders?: object
}

async function ask(
  { tlsClientAuth, ...stated }: Stated,
  { caller }: RpcWorkers = plain,
  fields: readonly Field[] = [['Authorization', `Bearer ${token}`]],
): Promise<Answer> {
  const sent: Field[] = [
    ...fields,
    ['X-Stated', JSON.stringify(stated)],
    ...(tlsClientAuth === undefined
      ? []
      : [['X-Stated-Cf', JSON.stringify({ tlsClientAuth })] satisfies Field]),
  ]
  const { body } = await sendRaw(caller, { method: 'GET', target: '/orders', host: HOST, fields: sent })
  return JSON.parse(body) as Answer
}

const leafOf = ({ certificate }: Certified): string =>
  `:${Buffer.from(certificate.rawData).toString('base64')}:`

const fingerprintOf = ({ thumbprint }: Certified): string =>
  Buffer.from(thumbprint, 'base64url').toString('hex')

const MISSING = { allow: false, code: 'client_certificate_missing' }
const MISMATCH = { allow: false, code: 'client_certificate_mismatch' }
const REFUSED = { allow: false, code: 'client_certificate_refused' }

describe('toAuthorizationRequest passes on what the platform states of a certificate', () => {
  test('that of the token', async () => {
    expect(await ask({ tlsClientAuth: toTlsClientAuth(certified.pem) })).toMatchObject({
      decision: { allow: true, grant: { sender: 'mtls' } },
      identity: { sender: 'mtls' },
      forwarded: { 'x-lanekeeper-sender': 'mtls' },
    })
  })

  test.each<[string, () => TlsClientAuth | undefined, object]>([
    ['another one', () => toTlsClientAuth(other.pem), MISMATCH],
    ['none', () => undefined, MISSING],
    ['a stale one', () => ({ ...toTlsClientAuth(certified.pem), certPresented: '0' }), MISSING],
    ['that none was presented', () => NO_TLS_CLIENT_AUTH, MISSING],
    [
      'that it was not verified',
      () => toTlsClientAuth(certified.pem, 'FAILED:self-signed certificate'),
      { ...REFUSED, detail: { problem: 'not_verified' } },
    ],
    [
      'contradictory facts',
      () => ({ ...toTlsClientAuth(certified.pem), certRFC9440: leafOf(other) }),
      { allow: false, code: 'request_unrecognised' },
    ],
  ])('%s', async (_, stated, decision) => {
    const tlsClientAuth = stated()
    const answer = await ask(tlsClientAuth === undefined ? {} : { tlsClientAuth })
    expect(answer).toMatchObject({ decision, identity: null, forwarded: null })
  })

  test('and a caller whose needs have none is refused', async () => {
    const tlsClientAuth = toTlsClientAuth(certified.pem)
    const needs = { fields: ['dpop'], clientCertificate: false }
    expect((await ask({ tlsClientAuth, needs })).decision).toMatchObject(MISSING)
  })

  test('with a proof, where the token is bound to a key as well', async () => {
    const both = await world.boundToken({ cnf: { jkt: world.key.jkt, 'x5t#S256': certified.thumbprint } })
    const fields = (): Field[] => [
      ['Authorization', `DPoP ${both}`],
      ['DPoP', makeProof(world.key, { url: `${BASE}/orders`, token: both })],
    ]
    const tlsClientAuth = toTlsClientAuth(certified.pem)
    const answer = await ask({ tlsClientAuth }, plain, fields())
    expect(answer.decision).toMatchObject({ allow: true, grant: { sender: 'dpop mtls' } })
    expect(Object.keys(answer.forwarded!).filter((name) => /^(authorization|dpop)$/.test(name))).toEqual([])
    expect((await ask({}, plain, fields())).decision).toMatchObject(MISSING)
    const { decision } = await ask({ tlsClientAuth }, plain, fields().slice(0, 1))
    expect(decision).toMatchObject({ allow: false, code: 'dpop_proof_missing' })
  })
})

describe('a caller that ends TLS itself states a fingerprint', () => {
  const askWith = async (clientCertificate: unknown) =>
    (await ask({ argument: { clientCertificate } })).decision

  test('that of the token', async () => {
    expect(await askWith({ sha256: fingerprintOf(certified) })).toMatchObject({ allow: true })
  })

  test.each<[string, () => unknown, object]>([
    ['of another certificate', () => ({ sha256: fingerprintOf(other) }), MISMATCH],
    [
      'in base64url',
      () => ({ sha256: certified.thumbprint }),
      { ...REFUSED, detail: { problem: 'fingerprint' } },
    ],
    ['in upper case', () => ({ sha256: fingerprintOf(certified).toUpperCase() }), REFUSED],
    ['that is empty', () => ({ sha256: '' }), REFUSED],
  ])('%s', async (_, stated, decision) => {
    expect(await askWith(stated())).toMatchObject(decision)
  })

  test.each<[string, () => unknown]>([
    ['a text', () => fingerprintOf(certified)],
    ['a list', () => [fingerprintOf(certified)]],
    ['null', () => null],
    ['a number in it', () => ({ sha256: 7 })],
    ['a list in it', () => ({ sha256: [fingerprintOf(certified)] })],
    ['true in it', () => ({ ...toTlsClientAuth(certified.pem), certVerified: true })],
    ['an empty object', () => ({})],
    ['a name that is not known', () => ({ fingerprint: fingerprintOf(certified) })],
    [
      'two platforms at once',
      () => ({ ...toTlsClientAuth(certified.pem), sha256: fingerprintOf(certified) }),
    ],
  ])('an argument with %s is not recognised', async (_, stated) => {
    expect(await askWith(stated())).toMatchObject({
      allow: false,
      code: 'request_unrecognised',
      detail: { member: 'clientCertificate' },
    })
  })
})

test('a client cannot state a certificate, to the caller or to the Worker', async () => {
  const facts = toTlsClientAuth(certified.pem)
  const argument = { clientCertificate: { sha256: fingerprintOf(certified) } }
  const forged: Field[] = [
    ['Authorization', `Bearer ${token}`],
    ['Content-Type', 'application/json'],
    ['cf', JSON.stringify({ tlsClientAuth: facts })],
    ['clientCertificate', JSON.stringify(argument.clientCertificate)],
    ['CF-Client-Cert-Sha256', fingerprintOf(certified)],
    ['Cf-Cert-Presented', 'true'],
    ['Client-Cert', leafOf(certified)],
    [NAME, leafOf(certified)],
    ...Object.entries(facts).map(([name, value]): Field => [`cf-tls-client-auth-${name}`, value]),
  ]
  const request = { method: 'GET', target: '/orders', host: HOST, body: JSON.stringify(argument) }
  for (const workers of [plain, headed]) {
    const { body } = await sendRaw(workers.caller, { ...request, fields: forged })
    expect(JSON.parse(body)).toMatchObject({ decision: MISSING })
    const { status, headers } = await sendRaw(workers.authorizer, { ...request, fields: forged })
    expect([status, headers['www-authenticate']]).toEqual([401, expect.stringContaining('invalid_token')])
  }
  expect((await ask({ argument })).decision).toMatchObject({ allow: true })
})

describe('with mtls.header', () => {
  const fields = (...more: Field[]): Field[] => [['Authorization', `Bearer ${token}`], ...more]
  const needs = { fields: ['dpop', NAME, GUARD], clientCertificate: true }
  const guard: Field = [GUARD, SECRET]

  test('a caller passes on both fields, and sends on neither', async () => {
    const stated = { needs, mtlsHeaders: { name: NAME, guard: GUARD } }
    const { decision, forwarded } = await ask(stated, headed, fields([NAME, leafOf(certified)], guard))
    expect(decision).toMatchObject({ allow: true, grant: { sender: 'mtls' } })
    expect(Object.keys(forwarded!).filter((name) => [NAME, GUARD].includes(name))).toEqual([])
  })

  test('a caller that passes on the fields of DPoP alone is refused', async () => {
    const { decision } = await ask({}, headed, fields([NAME, leafOf(certified)], guard))
    expect(decision).toMatchObject(MISSING)
  })

  test('a guard that is wrong is refused', async () => {
    const { decision } = await ask(
      { needs },
      headed,
      fields([NAME, leafOf(certified)], [GUARD, `${SECRET}x`]),
    )
    expect(decision).toMatchObject({ ...MISSING, detail: { problem: 'header_not_guarded' } })
  })
})
