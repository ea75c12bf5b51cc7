// What the client of the tour sends: what oauth4webapi made, unless a row changes it, to an instance behind the URL.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { make, send, type Use } from '../../../local/bound/api-client.ts'

const URL_OF_API = 'http://127.0.0.1:9/base/orders'
const CHALLENGE = 'Bearer realm="api", DPoP error="use_dpop_nonce", algs="ES256"'

const requests: IncomingMessage[] = []
let answer: (response: ServerResponse) => void
const server = createServer((request, response) => {
  requests.push(request)
  answer(response)
})
const portOf = () => (server.address() as AddressInfo).port

let use: Use

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

beforeEach(async () => {
  requests.length = 0
  answer = (response) => void response.end('{}')
  const dpop = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
  use = { method: 'GET', url: URL_OF_API, token: 'token', dpop, tls: null }
})

afterAll(() => void server.close())

const proofIn = ({ headers }: IncomingMessage) => decodeJwt(String(headers['dpop']))

test('a request goes to the instance, under the URL that its proof is for', async () => {
  expect(await send(use, portOf(), (made) => made)).toEqual({
    status: 200,
    body: '{}',
    challenges: '',
    wantsNonce: false,
  })
  const [request] = requests
  expect(request).toMatchObject({ method: 'GET', url: '/base/orders' })
  expect(request!.headers).toMatchObject({ host: '127.0.0.1:9', authorization: 'DPoP token' })
  expect(proofIn(request!)).toMatchObject({ htm: 'GET', htu: URL_OF_API })
})

test('a change is sent as it is, and a field may be there twice', async () => {
  const changed = { method: 'POST', url: URL_OF_API, fields: { dpop: ['one', 'two'], authorization: 'x' } }
  await send(use, portOf(), () => changed)
  expect(requests[0]).toMatchObject({ method: 'POST' })
  expect(requests[0]!.headersDistinct).toMatchObject({ dpop: ['one', 'two'], authorization: ['x'] })
})

test('a request that is only made is not sent', async () => {
  const made = await make({ ...use, method: 'POST' })
  expect(decodeJwt(String(made.fields['dpop']))).toMatchObject({ htm: 'POST', htu: URL_OF_API })
  expect(requests).toEqual([])
})

test('a challenge is read by the library, which has its nonce for the next request', async () => {
  answer = (response) =>
    void response.writeHead(401, { 'www-authenticate': CHALLENGE, 'dpop-nonce': 'n1' }).end()
  expect(await send(use, portOf(), (made) => made)).toEqual({
    status: 401,
    body: '',
    challenges: 'bearer, dpop use_dpop_nonce',
    wantsNonce: true,
  })
  expect(proofIn(requests[0]!)).not.toHaveProperty('nonce')
  await send(use, portOf(), (made) => made)
  expect(proofIn(requests[1]!)).toMatchObject({ nonce: 'n1' })
})

test('a plain token is sent without a proof', async () => {
  await send({ ...use, dpop: null }, portOf(), (made) => made)
  expect(requests[0]!.headers).toMatchObject({ authorization: 'Bearer token' })
  expect(requests[0]!.headers).not.toHaveProperty('dpop')
})
