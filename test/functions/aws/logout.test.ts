// The function that receives logout tokens on AWS: the events of every kind of API and of function URLs, and its file
// in an artefact.

import { beforeEach, describe, expect, test } from 'vitest'
import { createLogoutHandler } from '../../../functions/aws/logout.ts'
import { createLogoutWorld, type LogoutChange, type LogoutWorld } from '../../support/logout-world.ts'

const FORM = 'application/x-www-form-urlencoded'
const toBase64 = (text: string) => Buffer.from(text).toString('base64')

let world: LogoutWorld

beforeEach(async () => {
  world = await createLogoutWorld()
})

const http = (method: string) => ({
  http: { method, path: '/any', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1' },
})

/** The event for a method and a body. */
const EVENTS: Readonly<Record<string, (method: string, body: string, type: string) => object>> = {
  'a REST API': (httpMethod, body, type) => ({
    resource: '/{proxy+}',
    path: '/any',
    httpMethod,
    headers: { 'Content-Type': type, Host: 'x' },
    multiValueHeaders: { 'Content-Type': [type], Host: ['x'] },
    requestContext: { stage: 'live' },
    body,
    isBase64Encoded: false,
  }),
  'a REST API with binary media types': (httpMethod, body, type) => ({
    path: '/any',
    httpMethod,
    headers: { 'content-type': type },
    body: toBase64(body),
    isBase64Encoded: true,
  }),
  'an HTTP API, payload 1.0': (httpMethod, body, type) => ({
    version: '1.0',
    path: '/any',
    httpMethod,
    headers: { 'content-type': type },
    multiValueHeaders: { 'content-type': [type] },
    requestContext: { httpMethod },
    body: toBase64(body),
    isBase64Encoded: true,
  }),
  'an HTTP API, payload 2.0': (method, body, type) => ({
    version: '2.0',
    rawPath: '/any',
    headers: { 'content-type': type },
    requestContext: http(method),
    body: toBase64(body),
    isBase64Encoded: true,
  }),
  'a function URL': (method, body, type) => ({
    version: '2.0',
    rawPath: '/',
    headers: { 'content-type': type },
    requestContext: { ...http(method), domainName: 'x.lambda-url.eu-west-1.on.aws' },
    body,
    isBase64Encoded: false,
  }),
}

const KINDS = Object.keys(EVENTS)

async function ask(kind: string, change: LogoutChange = {}) {
  const [receiver] = world.open().receivers
  const { method = 'POST', contentType = FORM } = change
  const event = EVENTS[kind]!(method, await world.bodyOf(change), contentType!)
  return createLogoutHandler(receiver!)(event)
}

describe.each(KINDS)('%s', (kind) => {
  test('a logout token is stored', async () => {
    expect(await ask(kind)).toEqual({ statusCode: 200, headers: { 'cache-control': 'no-store' }, body: '' })
    expect(world.written).toHaveLength(1)
  })

  test('a token for another client is refused', async () => {
    expect(await ask(kind, { claims: { aud: 'another-app' } })).toMatchObject({
      statusCode: 400,
      headers: { 'content-type': 'application/json' },
      body: expect.stringContaining('"invalid_request"'),
    })
    expect(world.written).toEqual([])
  })

  test('another method is refused', async () => {
    expect(await ask(kind, { method: 'GET' })).toMatchObject({ statusCode: 405, headers: { allow: 'POST' } })
  })

  test('another content type is refused', async () => {
    expect(await ask(kind, { contentType: 'text/plain' })).toMatchObject({ statusCode: 400 })
  })

  test('16 KiB are read, and no byte more', async () => {
    const sized = (bytes: number) => ({
      body: (token: string) => `logout_token=${token}&x=`.padEnd(bytes, 'a'),
    })
    expect(await ask(kind, sized(16_384))).toMatchObject({ statusCode: 200 })
    expect(await ask(kind, sized(16_385))).toMatchObject({
      statusCode: 400,
      body: expect.stringContaining('16 KiB'),
    })
    expect(await ask(kind, sized(1_000_000))).toMatchObject({ statusCode: 400 })
    expect(world.written).toHaveLength(1)
  })
})

describe('what is no such event', () => {
  test.each<[string, unknown, number]>([
    ['nothing', undefined, 405],
    ['text', 'event', 405],
    ['an event without a body', { httpMethod: 'POST', headers: { 'content-type': FORM }, body: null }, 400],
    [
      'two content types',
      { httpMethod: 'POST', multiValueHeaders: { 'Content-Type': [FORM, 'text/plain'] }, body: 'x' },
      400,
    ],
    ['no header fields', { httpMethod: 'POST', headers: null, body: 'x' }, 400],
  ])('%s is refused', async (_, event, statusCode) => {
    const [receiver] = world.open().receivers
    expect(await createLogoutHandler(receiver!)(event)).toMatchObject({ statusCode })
    expect(world.written).toEqual([])
  })

  test('a body with characters beyond ASCII is measured in bytes', async () => {
    const body = (token: string) => `logout_token=${token}&x=${'é'.repeat(8_000)}`
    expect(await ask('a function URL', { body })).toMatchObject({
      statusCode: 400,
      body: expect.stringContaining('16 KiB'),
    })
  })
})
