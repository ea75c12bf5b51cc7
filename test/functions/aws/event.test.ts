// The header fields and certificates of an event reach the core if a check needs them, and no others do.

import { expect, test } from 'vitest'
import { readEvent, type EventShape } from '../../../functions/aws/event.ts'
import { readNeeds } from '../../../functions/aws/request-needs.ts'
import { TO_EVENT } from '../../edges/events.ts'

const NEEDS = { fields: ['dpop', 'x-absent'], clientCertificate: true }
const NOT_AFTER = 'Aug  5 09:36:04 2021 GMT'
const CLIENT_CERT = {
  clientCertPem: 'PEM',
  subjectDN: 'CN=client',
  issuerDN: 'CN=ca',
  serialNumber: 'a1:a1',
  validity: { notBefore: 'May 28 12:30:02 2019 GMT', notAfter: NOT_AFTER },
}
const ORDERS = {
  method: 'GET',
  path: '/orders',
  authorization: ['Bearer x'],
  fields: [
    ['DPoP', 'proof'],
    ['X-Other', 'no'],
  ] as const,
  certificate: { aws: CLIENT_CERT },
}
const CERTIFICATE = { clientCertPem: 'PEM', 'validity.notAfter': NOT_AFTER }
const REQUEST_SHAPES: readonly EventShape[] = ['rest_request', 'http_1', 'http_2']

const read = (shape: EventShape, needs?: typeof NEEDS, change: object = {}) =>
  readEvent({ ...TO_EVENT[shape](ORDERS), ...change }, 'header', needs, { readNeeds })!.request

test.each(REQUEST_SHAPES)('%s shows fields by name and the certificate', (shape) => {
  const { fields, clientCertificate } = read(shape, NEEDS)
  expect(fields).toEqual({ dpop: ['proof'], 'x-absent': [] })
  expect(clientCertificate).toEqual(CERTIFICATE)
})

test.each(REQUEST_SHAPES)('%s shows neither if no check needs them', (shape) => {
  const request = read(shape)
  expect(Object.keys(request)).not.toContain('fields')
  expect(Object.keys(request)).not.toContain('clientCertificate')
})

test('every value of a repeated field is shown', () => {
  const multiValueHeaders = { dpop: ['one', 'two'] }
  expect(read('rest_request', NEEDS, { multiValueHeaders, headers: { DPoP: 'two' } }).fields).toEqual({
    dpop: ['one', 'two'],
    'x-absent': [],
  })
})

test.each<[string, object]>([
  ['of another kind of API', { identity: { clientCert: CLIENT_CERT }, authentication: null }],
  ['that nobody presented', { authentication: null }],
  ['that the event does not have', {}],
  ['null', { authentication: { clientCert: null } }],
  ['without PEM', { authentication: { clientCert: { ...CLIENT_CERT, clientCertPem: undefined } } }],
  ['whose PEM is no text', { authentication: { clientCert: { ...CLIENT_CERT, clientCertPem: ['PEM'] } } }],
])('HTTP API 2.0: a certificate %s is not read', (_, members) => {
  const { authentication: __, ...context } = TO_EVENT.http_2(ORDERS)['requestContext'] as Record<
    string,
    unknown
  >
  const requestContext = { ...context, ...members }
  expect(read('http_2', NEEDS, { requestContext })).not.toHaveProperty('clientCertificate')
})

test.each(['rest_request', 'http_1'] as const)(
  '%s: a certificate of an HTTP API 2.0 is not read',
  (shape) => {
    const context = TO_EVENT[shape](ORDERS)['requestContext'] as Record<string, unknown>
    const requestContext = { ...context, identity: {}, authentication: { clientCert: CLIENT_CERT } }
    expect(read(shape, NEEDS, { requestContext })).not.toHaveProperty('clientCertificate')
  },
)

test.each([{}, { validity: null }, { validity: { notAfter: 1 } }])(
  'a certificate with %j has no end of its validity',
  (members) => {
    const context = TO_EVENT.rest_request(ORDERS)['requestContext'] as Record<string, unknown>
    const { validity: _, ...clientCert } = CLIENT_CERT
    const requestContext = { ...context, identity: { clientCert: { ...clientCert, ...members } } }
    expect(read('rest_request', NEEDS, { requestContext }).clientCertificate).toEqual({
      clientCertPem: 'PEM',
    })
  },
)

test('a handshake of a WebSocket API shows fields, and no certificate wherever it stands', () => {
  const request = read('websocket', NEEDS)
  expect(request).toHaveProperty('fields')
  expect(request).not.toHaveProperty('clientCertificate')
  expect(JSON.stringify(TO_EVENT.websocket(ORDERS))).toContain('"clientCert":{"clientCertPem":"PEM"')
})

test('the event of a TOKEN authorizer has neither', () => {
  const request = read('rest_token', NEEDS)
  expect(request).not.toHaveProperty('fields')
  expect(request).not.toHaveProperty('clientCertificate')
})
