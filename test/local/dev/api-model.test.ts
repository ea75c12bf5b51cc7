// The APIs that are derived from a configuration: authorizers, identity sources and lifetimes as docs/aws.md asks for.

import { describe, expect, test } from 'vitest'
import { deriveApis } from '../../../local/dev/api-model.ts'
import { toOriginRequest } from '../../../local/dev/proxy.ts'
import { resolveConfig, type AwsConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import config from '../../../lanekeeper.config.ts'

const resolve = (aws: AwsConfig, more: Partial<LanekeeperConfig> = {}) =>
  resolveConfig({
    issuers: config.issuers,
    routes: [
      { path: '/health', methods: ['GET'], public: true },
      { path: '/orders/{id}', methods: ['GET', 'PUT'], scope: { allOf: ['read'] } },
      { path: '$connect', methods: ['GET'], scope: 'none' },
    ],
    aws,
    ...more,
  })

const sourcesOf = (aws: AwsConfig, more: Partial<LanekeeperConfig> = {}) => {
  const { model } = deriveApis(resolve(aws, more), null)
  const rest = model.restApi!.resources.find(({ path }) => path === '/orders/{id}')!.methods.get('PUT')!
  const http = model.httpApi!.routes.find(({ key }) => key === 'PUT /orders/{id}')!
  const connect = model.webSocketApi!.routes.find(({ key }) => key === '$connect')!
  return [rest, http, connect].map(({ authorizer }) =>
    authorizer?.type === 'REQUEST'
      ? [authorizer.resultTtlSeconds, ...authorizer.identitySources.map(({ name }) => name)]
      : null,
  )
}

describe('the authorizers', () => {
  test('have the token, and in what is cached the request, as their sources', () => {
    const key = ['Authorization', 'httpMethod', 'path']
    expect(sourcesOf({ resultTtlSeconds: 300 })).toEqual([
      [300, ...key],
      [300, ...key, 'routeKey'],
      [0, 'Authorization'],
    ])
    const [token] = [[0, 'Authorization']]
    expect(sourcesOf({ resultTtlSeconds: 0 })).toEqual([token, token, token])
    expect(sourcesOf({ strategy: 'off' })).toEqual([token, token, token])
  })

  test('demand nothing in report-only, so that every request is recorded', () => {
    expect(sourcesOf({ resultTtlSeconds: 0 }, { reportOnly: true })).toEqual([[0], [0], [0]])
  })

  test('of a handshake look where the token is', () => {
    expect(sourcesOf({ strategy: 'off', webSocketToken: 'protocol' })[2]).toEqual([
      0,
      'Sec-WebSocket-Protocol',
    ])
    expect(sourcesOf({ strategy: 'off', webSocketToken: { query: 't' } })[2]).toEqual([0, 't'])
  })

  test('of aws.authorizers are chosen by their settings, and a table for none', () => {
    const { authorizers, leftOut } = deriveApis(resolve(config.aws!), null)
    expect(Object.fromEntries(authorizers)).toEqual({
      'authorizer-rest': 'request',
      'authorizer-http': 'http',
      'authorizer-websocket': 'connect',
    })
    expect(leftOut).toEqual([])
  })
})

test('a public route has no authorizer', () => {
  const { model } = deriveApis(resolve({}), null)
  const health = model.restApi!.resources.find(({ path }) => path === '/health')!
  expect(health.methods.get('GET')!.authorizer).toBeUndefined()
})

test('the APIs that are wanted run, and one that no rule fits is named', () => {
  const only = deriveApis(resolve({}), ['http'])
  expect([only.model.restApi, only.model.webSocketApi, only.leftOut]).toEqual([undefined, undefined, []])
  const none = deriveApis(resolve({}, { routes: [{ path: '/a', methods: ['GET'], public: true }] }), [
    'websocket',
  ])
  expect(none.leftOut).toEqual(['WebSocket API: no rule has the path $connect'])
})

test('the origin gets the request of an event, and no context that a client has written', () => {
  const context = { stage: '$default', http: { method: 'PUT' }, authorizer: { lambda: { subject: 'a' } } }
  const event = {
    ...{
      version: '2.0',
      rawPath: '/orders/1',
      rawQueryString: 'a=1&a=2',
      body: 'eA==',
      isBase64Encoded: true,
    },
    headers: { 'x-one': '1', 'X-Amzn-Request-Context': 'forged', host: 'api' },
    cookies: ['a=b', 'c=d'],
    requestContext: context,
  }
  expect(toOriginRequest(event)).toEqual({
    method: 'PUT',
    target: '/orders/1?a=1&a=2',
    fields: [
      ['x-one', '1'],
      ['cookie', 'a=b; c=d'],
    ],
    body: Buffer.from('x'),
    context,
  })
})
