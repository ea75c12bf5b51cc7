// The facts of a certificate to its thumbprint: those of one platform, and of no other beside it. The rows in
// test/cases/mtls have every value of every fact.

import { describe, expect, test } from 'vitest'
import {
  NO_TLS_CLIENT_AUTH,
  toClientCert,
  toTlsClientAuth,
} from '../../../../local/client-certificates/platform-facts.ts'
import { webCrypto } from '../../../../shared/index.ts'
import {
  CLOUDFLARE_RULES,
  fromHex,
  readFacts,
  type CertificateFacts,
  type FactsContext,
} from '../../../../shared/sender/mtls/certificate-facts.ts'
import { clientCertificates, derOf } from '../../../support/client-certificates.ts'

const { client, second, authority } = await clientCertificates()
const HEX = Buffer.from(client.thumbprint, 'base64url').toString('hex')
const CLOUDFLARE = toTlsClientAuth(client.pem)
const { clientCertPem, validity } = toClientCert(client.pem)
const GATEWAY = { clientCertPem, 'validity.notAfter': validity.notAfter }

const END = Math.floor(client.certificate.notAfter.getTime() / 1_000)

const read = (facts: CertificateFacts, change: Partial<FactsContext> = {}) =>
  readFacts(facts, {
    mtls: { trust: 'chain', issuerSki: null },
    nowSeconds: Date.now() / 1_000,
    sha256: webCrypto.sha256!,
    cloudflareRules: CLOUDFLARE_RULES,
    ...change,
  })

const refused = (problem: string) => ({ code: 'client_certificate_refused', detail: { problem } })

test('the fingerprint in the documentation of Cloudflare, and the thumbprint of the same bytes', () => {
  expect(fromHex('af363dc85bc942a892d3cee9796190fdb36d89cd588a4f1cb17c74a943439714')).toBe(
    'rzY9yFvJQqiS087peWGQ_bNtic1Yik8csXx0qUNDlxQ',
  )
})

test.each<[string, CertificateFacts]>([
  ['Cloudflare', CLOUDFLARE],
  ['API Gateway', GATEWAY],
  ['a caller', { sha256: HEX }],
])('%s states a certificate', (_, facts) => {
  expect(read(facts)).toBe(client.thumbprint)
})

test.each<[string, CertificateFacts]>([
  ['none', {}],
  ['a platform that is not known', { certificate: client.pem }],
  ['Cloudflare and API Gateway', { ...CLOUDFLARE, ...GATEWAY }],
  ['Cloudflare and a caller', { ...CLOUDFLARE, sha256: HEX }],
  ['Cloudflare, without a certificate, and a caller', { ...NO_TLS_CLIENT_AUTH, sha256: HEX }],
  ['API Gateway and a caller', { ...GATEWAY, sha256: HEX }],
])('facts of %s are no facts', (_, facts) => {
  expect(read(facts)).toMatchObject({ code: 'request_unrecognised', detail: { member: 'clientCertificate' } })
})

test('a member of the prototype is no fact', () => {
  expect(read(Object.create({ sha256: HEX }) as CertificateFacts)).toMatchObject({
    code: 'request_unrecognised',
  })
})

describe('the end of the validity', () => {
  test.each<[string, CertificateFacts]>([
    ['Cloudflare', CLOUDFLARE],
    ['API Gateway', GATEWAY],
  ])('%s: the last second counts, and no later one, within the same connection', (_, facts) => {
    expect(read(facts, { nowSeconds: END })).toBe(client.thumbprint)
    expect(read(facts, { nowSeconds: END + 1 })).toMatchObject(refused('expired'))
  })

  test('API Gateway: a certificate that is no longer valid is malformed first', () => {
    expect(read({ ...GATEWAY, clientCertPem: '' }, { nowSeconds: END + 1 })).toMatchObject(
      refused('malformed'),
    )
  })

  test('no caller states it', () => {
    expect(read({ sha256: HEX }, { nowSeconds: END + 1 })).toBe(client.thumbprint)
  })
})

describe('two facts of one certificate', () => {
  const structured = (der: Uint8Array) => `:${Buffer.from(der).toString('base64')}:`

  test('agree', () => {
    expect(read({ ...CLOUDFLARE, certRFC9440: structured(derOf(client)) })).toBe(client.thumbprint)
    expect(read({ ...CLOUDFLARE, certRFC9440: '', certRFC9440TooLarge: '1' })).toBe(client.thumbprint)
  })

  test('or no client is to blame', () => {
    expect(read({ ...CLOUDFLARE, certRFC9440: structured(derOf(second)) })).toMatchObject({
      code: 'request_unrecognised',
      detail: { member: 'clientCertificate.certRFC9440' },
    })
  })

  test('are compared after the rules: a certificate that does not count is the fault of the client', () => {
    const facts = { ...CLOUDFLARE, certRFC9440: structured(derOf(second)) }
    expect(read({ ...facts, certVerified: 'FAILED:x' })).toMatchObject(refused('not_verified'))
  })
})

describe('issuerSki', () => {
  const issuerSki = new Set([CLOUDFLARE['certIssuerSKI']!.toLowerCase()])
  const pinned = { mtls: { trust: 'chain', issuerSki } } as const

  test('names the CA, in either case', () => {
    expect(read(CLOUDFLARE, pinned)).toBe(client.thumbprint)
    const certIssuerSKI = CLOUDFLARE['certIssuerSKI']!.toLowerCase()
    expect(read({ ...CLOUDFLARE, certIssuerSKI }, pinned)).toBe(client.thumbprint)
  })

  test('the key of a CA is that of no other certificate', () => {
    const { certSKI } = toTlsClientAuth(authority.pem)
    expect(CLOUDFLARE['certIssuerSKI']).toBe(certSKI)
    expect(read({ ...CLOUDFLARE, certIssuerSKI: CLOUDFLARE['certSKI']! }, pinned)).toMatchObject(
      refused('issuer'),
    )
    expect(read({ ...CLOUDFLARE, certIssuerSKI: '' }, pinned)).toMatchObject(refused('issuer'))
  })

  test.each<[string, CertificateFacts]>([
    ['API Gateway', GATEWAY],
    ['a caller', { sha256: HEX }],
  ])('%s cannot state it', (_, facts) => {
    expect(read(facts, pinned)).toMatchObject(refused('issuer'))
  })

  test('another problem is told first', () => {
    expect(read({ sha256: '' }, pinned)).toMatchObject(refused('fingerprint'))
  })
})
