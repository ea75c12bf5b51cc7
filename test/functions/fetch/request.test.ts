// What a request of the Fetch standard has: its target, unparsed, and the fields that a check needs.

import { expect, test } from 'vitest'
import { readRequest, targetOf } from '../../../functions/fetch/request.ts'
import { NO_NEEDS, type RequestNeeds } from '../../../shared/index.ts'

const NEEDS = { fields: ['dpop', 'x-absent'], clientCertificate: false }

const request = (fields: [string, string][] = []) => new Request('https://api.example/x', { headers: fields })

const CERTIFICATE = { clientCertPem: 'PEM' }

const read = (
  from: Request,
  needs: RequestNeeds,
  requestId?: string,
  certificate: object | null = CERTIFICATE,
) =>
  readRequest(from, targetOf(from.url), needs, {
    readRequestId: () => requestId,
    readClientCertificate: () => certificate as typeof CERTIFICATE | null,
  })

test('a certificate is shown where it is needed and the client presented one', () => {
  const needs = { fields: [], clientCertificate: true }
  expect(read(request(), needs)).toHaveProperty('clientCertificate', CERTIFICATE)
  expect(read(request(), needs, undefined, null)).not.toHaveProperty('clientCertificate')
  expect(read(request(), NO_NEEDS)).not.toHaveProperty('clientCertificate')
})

test('fields are shown by name, a repeated one as one value', () => {
  const sent: [string, string][] = [
    ['DPoP', 'one'],
    ['dpop', 'two'],
    ['x-other', 'no'],
  ]
  expect(read(request(sent), NEEDS).fields).toEqual({ dpop: ['one, two'], 'x-absent': [] })
})

test('nothing is shown where nothing needs it', () => {
  expect(read(request([['dpop', 'one']]), NO_NEEDS)).not.toHaveProperty('fields')
})

test('the identifier is the one that the platform gave, and no field of the client', () => {
  const sent = request([
    ['cf-ray', '8f2a3b4c5d6e7f80-FRA'],
    ['x-request-id', 'mallory'],
  ])
  expect(read(sent, NO_NEEDS, 'one')).toHaveProperty('requestId', 'one')
  expect(read(sent, NO_NEEDS)).not.toHaveProperty('requestId')
})

test.each([
  ['https://edge.example', '/', ''],
  ['https://edge.example?a=/health', '/', '?a=/health'],
  ['https://edge.example/a/../b?c#d', '/a/../b', '?c#d'],
  ['https://edge.example//a\\b', '//a\\b', ''],
  ['https://edge.example/a#b?c', '/a#b', '?c'],
  ['https://user@edge.example:8443/a', '/a', ''],
])('the target of %s is what stands there', (url, path, query) => {
  expect(targetOf(url)).toEqual({ path, query })
})
