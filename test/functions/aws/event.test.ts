// The header fields and certificates of an event reach the core if a check needs them, and no others do.

import { expect, test } from 'vitest'
import { readEvent, type EventShape } from '../../../functions/aws/event.ts'
import { readNeeds } from '../../../functions/aws/request-needs.ts'
import { TO_EVENT } from '../../edges/events.ts'

const NEEDS = { fields: ['dpop', 'x-absent'], clientCertificate: true }
const ORDERS = {
  method: 'GET',
  path: '/orders',
  authorization: ['Bearer x'],
  fields: [
    ['DPoP', 'proof'],
    ['X-Other', 'no'],
  ] as const,
}
const CERTIFICATE = {
  clientCertPem: 'CERT_CONTENT',
  subjectDN: 'www.example.com',
  issuerDN: 'Example issuer',
  serialNumber: 'a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1',
}
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

test.each([{}, { identity: null, authentication: null }, { identity: { clientCert: null } }])(
  'without a certificate there is none: %j',
  (context) => {
    const event = TO_EVENT.http_2(ORDERS)
    const requestContext = { ...(event['requestContext'] as object), authentication: null, ...context }
    expect(read('http_2', NEEDS, { requestContext })).not.toHaveProperty('clientCertificate')
  },
)

test('the event of a TOKEN authorizer has neither', () => {
  const request = read('rest_token', NEEDS)
  expect(request).not.toHaveProperty('fields')
  expect(request).not.toHaveProperty('clientCertificate')
})
