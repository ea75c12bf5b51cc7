// The custom domain with mutual TLS, over real TLS with real certificates: who reaches the API, and what events say of
// the certificate.

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { AgentOptions } from 'node:https'
import { startApiGateway, TemplateError } from '../../../local/api-gateway/index.ts'
import { toClientCert } from '../../../local/api-gateway/client-cert.ts'
import {
  createCertificateAuthority,
  createSelfSigned,
  type Certified,
  type CertificateAuthority,
} from '../../../local/client-certificates/certificates.ts'
import { createTlsClient, type Presented } from '../../support/tls-client.ts'
import { answer, bearer, policyAnswer, send, startFixture, type FixtureOptions } from './gateway-fixture.ts'
import { httpTemplate, restTemplate } from './template-builder.ts'

const ENDED = /^(?:ECONNRESET|EPIPE)$/

let serverCa: CertificateAuthority
let server: Certified
let ca: CertificateAuthority
let alice: Certified
let bob: Certified
let selfSigned: Certified
let trustedSelfSigned: Certified
let byOtherCa: Certified
let expired: Certified
let notYetValid: Certified

beforeAll(async () => {
  serverCa = await createCertificateAuthority('server CA')
  server = await serverCa.issue('gateway', { hosts: ['127.0.0.1'] })
  ca = await createCertificateAuthority('client CA')
  alice = await ca.issue('alice')
  bob = await ca.issue('bob')
  selfSigned = await createSelfSigned('alice')
  trustedSelfSigned = await createSelfSigned('carol')
  // A CA of the same name, with another key.
  byOtherCa = await (await createCertificateAuthority('client CA')).issue('alice')
  expired = await ca.issue('alice', { notBefore: new Date(0), notAfter: new Date(Date.now() - 1_000) })
  notYetValid = await ca.issue('alice', { notBefore: new Date(Date.now() + 3_600_000) })
})

const simple = answer({ isAuthorized: true })

const KINDS = [
  {
    kind: 'a REST API',
    template: () => restTemplate({ authorizer: { Type: 'REQUEST' } }),
    auth: answer(policyAnswer('Allow')),
    path: { default: '/local/orders', domain: '/orders' },
    clientCertOf: ({ requestContext }: any) => requestContext.identity.clientCert,
  },
  {
    kind: 'an HTTP API, payload 1.0',
    template: () =>
      httpTemplate({
        authorizer: { AuthorizerPayloadFormatVersion: '1.0', EnableSimpleResponses: false },
        integration: { PayloadFormatVersion: '1.0' },
      }),
    auth: answer(policyAnswer('Allow')),
    path: { default: '/orders', domain: '/orders' },
    clientCertOf: ({ requestContext }: any) => requestContext.identity.clientCert,
  },
  {
    kind: 'an HTTP API, payload 2.0',
    template: () => httpTemplate(),
    auth: simple,
    path: { default: '/orders', domain: '/orders' },
    clientCertOf: ({ requestContext }: any) => requestContext.authentication?.clientCert,
  },
  {
    kind: 'an HTTP API with a named stage',
    template: () => httpTemplate({ stage: { StageName: 'local' } }),
    auth: simple,
    path: { default: '/local/orders', domain: '/orders' },
    clientCertOf: ({ requestContext }: any) => requestContext.authentication?.clientCert,
  },
] as const

const truststore = () => ca.pem + trustedSelfSigned.pem

async function startDomain(template: unknown, options: FixtureOptions = {}) {
  const mutualTls = {
    key: server.key,
    cert: server.pem,
    truststore: truststore(),
    ports: { rest: 0, http: 0 },
  }
  const fixture = await startFixture(template, { mutualTls, ...options })
  const { restMutualTlsUrl, httpMutualTlsUrl } = fixture.gateway
  const domain = (restMutualTlsUrl ?? httpMutualTlsUrl)!
  const clientOf = (presented: Presented | null, agentOptions?: AgentOptions) => {
    const client = createTlsClient(serverCa.pem, presented, agentOptions)
    onTestFinished(() => client.close())
    return {
      get: (target: string, fields: [string, string][] = [bearer]) => client.send(domain, target, { fields }),
    }
  }
  return { ...fixture, domain, clientOf }
}

describe.each(KINDS)('$kind', ({ template, auth, path, clientCertOf }) => {
  test('shows the authorizer and the integration the certificate, with the members of AWS', async () => {
    const { clientOf, calls } = await startDomain(template(), { auth })
    expect(await clientOf(alice).get(path.domain)).toMatchObject({ status: 200, body: 'backend' })
    expect(calls.map((call) => call.function)).toEqual(['Auth', 'Backend'])
    for (const { event } of calls) {
      const clientCert = clientCertOf(event)
      expect(clientCert).toEqual(toClientCert(alice.pem))
      expect(Object.keys(clientCert).sort()).toEqual([
        'clientCertPem',
        'issuerDN',
        'serialNumber',
        'subjectDN',
        'validity',
      ])
    }
  })

  test('the default endpoint still answers, and shows no certificate', async () => {
    const { send, calls } = await startDomain(template(), { auth })
    const forged = ['clientCert', 'X-Client-Cert', 'X-Amzn-Mtls-Clientcert'].map((name): [string, string] => [
      name,
      encodeURIComponent(alice.pem),
    ])
    expect((await send(path.default, { headers: [bearer, ...forged] })).status).toBe(200)
    expect(calls).toHaveLength(2)
    for (const { event } of calls) {
      expect(clientCertOf(event)).toBeUndefined()
      expect(JSON.stringify(event.requestContext)).not.toContain('clientCert')
    }
  })

  test('a certificate in a header field of the client is only a header field', async () => {
    const { clientOf, calls } = await startDomain(template(), { auth })
    const fields: [string, string][] = [bearer, ['clientCert', encodeURIComponent(alice.pem)]]
    expect((await clientOf(bob).get(path.domain, fields)).status).toBe(200)
    expect(calls).toHaveLength(2)
    for (const { event } of calls) expect(clientCertOf(event)).toEqual(toClientCert(bob.pem))
  })

  test('without a certificate the connection ends, and no function is called', async () => {
    const { clientOf, calls } = await startDomain(template(), { auth })
    await expect(clientOf(null).get(path.domain)).rejects.toMatchObject({
      code: expect.stringMatching(ENDED),
    })
    expect(calls).toEqual([])
  })

  test('a disabled default endpoint is a 403, and the custom domain answers', async () => {
    const { Resources } = template()
    const api = Resources['Rest'] ?? Resources['Http']!
    api.Properties['DisableExecuteApiEndpoint'] = true
    const { send, clientOf, calls } = await startDomain({ Resources }, { auth })
    expect(await send(path.default, { headers: [bearer] })).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden"}',
    })
    expect(calls).toEqual([])
    expect((await clientOf(alice).get(path.domain)).status).toBe(200)
  })
})

describe('which certificates are let in', () => {
  test.each<[string, () => Presented, number]>([
    ['of the CA in the truststore', () => alice, 200],
    ['self-signed, and itself in the truststore', () => trustedSelfSigned, 200],
    ['self-signed', () => selfSigned, 403],
    ['of another CA with the same name', () => byOtherCa, 403],
    ['expired', () => expired, 403],
    ['not yet valid', () => notYetValid, 403],
    ['of a server', () => server, 403],
  ])('%s', async (_, presented, status) => {
    const { clientOf, calls } = await startDomain(restTemplate())
    const client = clientOf(presented())
    const received = await client.get('/orders')
    expect(received.status).toBe(status)
    if (status === 200) return
    expect(received.body).toBe('{"message":"Forbidden"}')
    expect(received.headers['x-amzn-errortype']).toBe('ForbiddenException')
    expect(await client.get('/orders')).toMatchObject({ status, isResumed: true })
    expect(calls).toEqual([])
  })

  test('events have the leaf alone where the client presents its chain', async () => {
    const { clientOf, calls } = await startDomain(httpTemplate(), { auth: simple })
    expect((await clientOf({ pem: alice.pem + ca.pem, key: alice.key }).get('/orders')).status).toBe(200)
    expect(calls[0]!.event.requestContext.authentication.clientCert.clientCertPem).toBe(alice.pem)
  })

  test('the key of another certificate ends the handshake', async () => {
    const { clientOf } = await startDomain(restTemplate())
    const mixed = { pem: alice.pem, key: bob.key }
    await expect(async () => clientOf(mixed).get('/orders')).rejects.toThrow(/key values mismatch/)
  })

  test('TLS 1.2 is enough, TLS 1.1 is not', async () => {
    const { clientOf } = await startDomain(restTemplate())
    const only = (version: 'TLSv1.1' | 'TLSv1.2'): AgentOptions => ({
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    expect((await clientOf(alice, only('TLSv1.2')).get('/orders')).status).toBe(200)
    await expect(clientOf(alice, only('TLSv1.1')).get('/orders')).rejects.toThrow(/protocol version/)
  })

  test('plain HTTP gets no answer', async () => {
    const { domain, calls } = await startDomain(restTemplate())
    await expect(send(domain.replace('https', 'http'), '/orders', { headers: [bearer] })).rejects.toThrow()
    expect(calls).toEqual([])
  })

  test('a choice answers a client without a certificate with 403, in a resumed session, too', async () => {
    const undocumented = { missingClientCertificate: 403 } as const
    const { clientOf, calls } = await startDomain(restTemplate(), { undocumented })
    const client = clientOf(null)
    expect(await client.get('/orders')).toMatchObject({ status: 403, isResumed: false })
    expect(await client.get('/orders')).toMatchObject({ status: 403, isResumed: true })
    expect(calls).toEqual([])
    expect((await clientOf(alice).get('/orders')).status).toBe(200)
  })
})

describe('one request after the other', () => {
  const pemsOf = (calls: { function: string; event: any }[]) =>
    calls
      .filter((call) => call.function === 'Auth')
      .map(({ event }) => event.requestContext.authentication?.clientCert.clientCertPem)

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a resumed session of %s has its certificate',
    async (version) => {
      const { clientOf, calls } = await startDomain(httpTemplate(), { auth: simple })
      const client = clientOf(alice, { minVersion: version, maxVersion: version })
      expect(await client.get('/orders')).toMatchObject({ status: 200, isResumed: false })
      expect(await client.get('/orders')).toMatchObject({
        status: 200,
        isResumed: true,
        isReusedSocket: false,
      })
      expect(pemsOf(calls)).toEqual([alice.pem, alice.pem])
    },
  )

  test('each request of a kept connection has the certificate of its connection', async () => {
    const { clientOf, calls } = await startDomain(httpTemplate(), { auth: simple })
    const [first, second] = [clientOf(alice, { keepAlive: true }), clientOf(bob, { keepAlive: true })]
    await first.get('/orders')
    await second.get('/orders')
    expect(await first.get('/orders')).toMatchObject({ status: 200, isReusedSocket: true })
    expect(await second.get('/orders')).toMatchObject({ status: 200, isReusedSocket: true })
    expect(pemsOf(calls)).toEqual([alice.pem, bob.pem, alice.pem, bob.pem])
  })

  test('a kept answer of the authorizer is one for each token, not for each certificate, as on AWS', async () => {
    const template = httpTemplate({ authorizer: { AuthorizerResultTtlInSeconds: 300 } })
    const { clientOf, calls } = await startDomain(template, { auth: simple })
    expect((await clientOf(alice).get('/orders')).status).toBe(200)
    expect((await clientOf(bob).get('/orders')).status).toBe(200)
    expect(pemsOf(calls)).toEqual([alice.pem])
  })
})

describe('the path', () => {
  test('behind the custom domain of a REST API begins without the stage, which the ARN has', async () => {
    const { clientOf, calls } = await startDomain(restTemplate({ authorizer: { Type: 'REQUEST' } }))
    expect((await clientOf(alice).get('/orders')).status).toBe(200)
    expect(calls[0]!.event).toMatchObject({
      path: '/orders',
      requestContext: { path: '/orders', stage: 'local', resourcePath: '/orders' },
      methodArn: expect.stringMatching(/\/local\/GET\/orders$/),
    })
    expect((await clientOf(alice).get('/local/orders')).body).toBe(
      '{"message":"Missing Authentication Token"}',
    )
  })

  test('behind the custom domain of an HTTP API with a named stage begins without it, too', async () => {
    const template = httpTemplate({ stage: { StageName: 'local' } })
    const { clientOf, calls } = await startDomain(template, { auth: simple })
    expect((await clientOf(alice).get('/orders')).status).toBe(200)
    expect(calls[0]!.event).toMatchObject({
      rawPath: '/orders',
      requestContext: { stage: 'local', http: { path: '/orders' } },
      routeArn: expect.stringMatching(/\/local\/GET\/orders$/),
    })
    expect((await clientOf(alice).get('/local/orders')).status).toBe(404)
  })
})

describe('starting', () => {
  const invoke = async () => answer(null)
  const ports = { rest: 0, http: 0 }

  test('without a custom domain, an API whose default endpoint is disabled does not start', async () => {
    const template = { Resources: { ...restTemplate().Resources, ...httpTemplate().Resources } }
    for (const id of ['Rest', 'Http'])
      template.Resources[id]!.Properties['DisableExecuteApiEndpoint'] = 'true'
    const starting = startApiGateway({ template, invoke, ports })
    await expect(starting).rejects.toBeInstanceOf(TemplateError)
    await expect(starting).rejects.toMatchObject({
      problems: ['Rest', 'Http'].map(
        (id) => `${id}: DisableExecuteApiEndpoint: there is no custom domain here to call instead`,
      ),
    })
  })

  test('a truststore without a certificate is refused, because Node would trust the CAs of the Web', async () => {
    const mutualTls = { key: server.key, cert: server.pem, truststore: '', ports }
    const starting = startApiGateway({ template: restTemplate(), invoke, ports, mutualTls })
    await expect(starting).rejects.toThrow('mutualTls.truststore has no certificate in PEM')
  })

  test('without the option there are no custom domains', async () => {
    const gateway = await startApiGateway({ template: restTemplate(), invoke, ports })
    onTestFinished(() => gateway.close())
    expect(gateway.restMutualTlsUrl).toBeUndefined()
  })
})
