// What a request of the Fetch standard, and of Cloudflare, shows where a check needs it.

import { expect, test } from 'vitest'
import { readClientCertificate } from '../../../functions/cloudflare/client-certificate.ts'
import { toAuthorizationRequest } from '../../../functions/fetch/request.ts'

const NEEDS = { fields: ['dpop', 'x-absent'], clientCertificate: false }

const request = (fields: [string, string][] = []) => new Request('https://api.example/x', { headers: fields })

test('fields are shown by name, a repeated one as one value', () => {
  const sent: [string, string][] = [
    ['DPoP', 'one'],
    ['dpop', 'two'],
    ['x-other', 'no'],
  ]
  expect(toAuthorizationRequest(request(sent), NEEDS).fields).toEqual({ dpop: ['one, two'], 'x-absent': [] })
})

test('nothing is shown where nothing needs it', () => {
  expect(toAuthorizationRequest(request([['dpop', 'one']]))).not.toHaveProperty('fields')
})

const CERTIFICATE = { certPresented: '1', certVerified: 'SUCCESS', certFingerprintSHA256: 'ab'.repeat(32) }
const withCf = (tlsClientAuth: unknown) => Object.assign(request(), { cf: { tlsClientAuth } })

test('a certificate is shown as Cloudflare states it, but for what is no text', () => {
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
