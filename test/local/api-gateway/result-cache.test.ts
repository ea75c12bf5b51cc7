// Cached results: their key, their lifetime, and the requests that they are applied to. Every switch for behaviour that
// AWS leaves open is tried both ways.

import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../local/api-gateway/json.ts'
import type { UndocumentedChoices } from '../../../local/api-gateway/index.ts'
import { answer, bearer, policyAnswer, startFixture, thrown, type FixtureOptions } from './gateway-fixture.ts'
import { httpTemplate, restTemplate } from './template-builder.ts'

const ARN = 'arn:aws:execute-api:us-east-1:123456789012:*/local'
const METHODS = ['GET /orders', 'POST /orders', 'GET /orders/{id}', 'GET /invoices']

interface Setting extends FixtureOptions {
  /** `undefined`: the property is absent. */
  ttl?: number | undefined
  sources?: string
}

async function rest({ ttl = 60, sources, ...options }: Setting = {}) {
  let clock = Date.UTC(2026, 10, 21)
  const authorizer = {
    AuthorizerResultTtlInSeconds: ttl,
    ...(sources === undefined ? {} : { Type: 'REQUEST', IdentitySource: sources }),
  }
  const fixture = await startFixture(restTemplate({ methods: METHODS, authorizer }), {
    now: () => clock,
    ...options,
  })
  return {
    ...fixture,
    authorizerCalls: () => fixture.called().filter((name) => name === 'Auth').length,
    pass: (seconds: number) => void (clock += seconds * 1000),
  }
}

const EXACT = 'method.request.header.Authorization, context.httpMethod, context.path'

describe('REST', () => {
  test('TOKEN: one answer for every method and path, evaluated again for each', async () => {
    const { send, authorizerCalls } = await rest({ auth: answer(policyAnswer('Allow', `${ARN}/GET/orders`)) })
    const get = (path: string, method = 'GET') => send(`/local${path}`, { method, headers: [bearer] })
    expect((await get('/orders')).status).toBe(200)
    expect((await get('/orders', 'POST')).status).toBe(403)
    expect((await get('/orders/7')).status).toBe(403)
    expect((await get('/orders')).status).toBe(200)
    expect(authorizerCalls()).toBe(1)
  })

  test('another token is another identity, and no token is 401 without a call', async () => {
    const { send, authorizerCalls } = await rest()
    await send('/local/orders', { headers: [bearer] })
    await send('/local/orders', { headers: [['Authorization', 'Bearer other']] })
    expect(authorizerCalls()).toBe(2)
    expect((await send('/local/orders')).status).toBe(401)
    expect(authorizerCalls()).toBe(2)
  })

  test('REQUEST: all sources together', async () => {
    const { send, authorizerCalls } = await rest({ sources: EXACT })
    for (const [method, path] of [
      ['GET', '/orders'],
      ['POST', '/orders'],
      ['GET', '/orders/7'],
      ['GET', '/orders/8'],
      ['GET', '/orders/'],
    ] as const)
      await send(`/local${path}`, { method, headers: [bearer] })
    expect(authorizerCalls()).toBe(5)
    await send('/local/orders/8', { headers: [bearer] })
    expect(authorizerCalls()).toBe(5)
  })

  test.each([
    [0, 0, 2],
    [60, 59.9, 1],
    [60, 60, 2],
    [undefined, 299.9, 1],
    [undefined, 300, 2],
  ])('a lifetime of %s s, a second request after %s s: %i calls', async (ttl, seconds, calls) => {
    const given =
      ttl === undefined ? restTemplate({ authorizer: { AuthorizerResultTtlInSeconds: undefined } }) : null
    let clock = 0
    const template = given ?? restTemplate({ authorizer: { AuthorizerResultTtlInSeconds: ttl } })
    const { send, called } = await startFixture(template, { now: () => clock })
    await send('/local/orders', { headers: [bearer] })
    clock += seconds * 1000
    await send('/local/orders', { headers: [bearer] })
    expect(called().filter((name) => name === 'Auth')).toHaveLength(calls)
  })

  test('a cached answer has its context, and no latency', async () => {
    const { send, calls } = await rest({
      auth: answer(policyAnswer('Allow', '*', { context: { tenant: 'a' } })),
    })
    await send('/local/orders', { headers: [bearer] })
    await send('/local/invoices', { headers: [bearer] })
    const contexts = calls
      .filter((call) => call.function === 'Backend')
      .map((call) => call.event.requestContext.authorizer)
    expect(contexts).toMatchObject([{ tenant: 'a' }, { tenant: 'a', integrationLatency: 0 }])
  })

  test.each<[string, Partial<UndocumentedChoices>, NonNullable<FixtureOptions['auth']>, number, number]>([
    ['a refusal is kept', {}, answer(policyAnswer('Deny')), 403, 1],
    ['or not', { cachesRefusals: false }, answer(policyAnswer('Deny')), 403, 2],
    ['Unauthorized is not kept', {}, thrown('Unauthorized'), 401, 2],
    ['or is', { cachesUnauthorized: true }, thrown('Unauthorized'), 401, 1],
    ['another error never', { cachesUnauthorized: true }, thrown('broken'), 500, 2],
    ['nor a malformed answer', { cachesUnauthorized: true }, answer({}), 500, 2],
  ])('%s', async (_, undocumented, auth, status, calls) => {
    const { send, authorizerCalls } = await rest({ undocumented, auth })
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(status)
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(status)
    expect(authorizerCalls()).toBe(calls)
  })

  test.each([
    ['evaluated-again', 403],
    ['as-first-evaluated', 200],
  ] as const)('conditions of a kept policy, %s: %i', async (cachedPolicyConditions, status) => {
    const until = { DateLessThan: { 'aws:CurrentTime': '2026-11-21T00:00:30Z' } }
    const policy = policyAnswer('Allow')
    Object.assign(policy.policyDocument.Statement[0]!, { Condition: until })
    const { send, authorizerCalls, pass } = await rest({
      undocumented: { cachedPolicyConditions },
      auth: answer(policy),
    })
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(200)
    pass(31)
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(status)
    expect(authorizerCalls()).toBe(1)
  })

  test('identityValidationExpression is applied before the cache', async () => {
    const authorizer = { AuthorizerResultTtlInSeconds: 60, IdentityValidationExpression: 'Bearer [a-z]+' }
    const { send, called } = await startFixture(restTemplate({ authorizer }))
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(200)
    expect((await send('/local/orders', { headers: [['Authorization', 'Bearer !']] })).status).toBe(401)
    expect(called()).toEqual(['Auth', 'Backend'])
  })
})

describe('HTTP API', () => {
  const http = (authorizer: JsonObject, options: FixtureOptions = {}) =>
    startFixture(httpTemplate({ routes: ['GET /orders', 'GET /invoices'], authorizer }), options)

  test('a cached simple answer applies to every route', async () => {
    const { send, called } = await http(
      { AuthorizerResultTtlInSeconds: 60 },
      { auth: ({ rawPath }) => answer({ isAuthorized: rawPath === '/orders' }) },
    )
    expect((await send('/invoices', { headers: [bearer] })).status).toBe(403)
    expect((await send('/orders', { headers: [bearer] })).status).toBe(403)
    expect(called()).toEqual(['Auth'])
  })

  test('a cached simple answer applies to its path alone if the path is one of the sources', async () => {
    const { send, called } = await http(
      {
        AuthorizerResultTtlInSeconds: 60,
        IdentitySource: ['$request.header.Authorization', '$context.httpMethod', '$context.path'],
      },
      { auth: ({ rawPath }) => answer({ isAuthorized: rawPath === '/orders' }) },
    )
    expect((await send('/invoices', { headers: [bearer] })).status).toBe(403)
    expect((await send('/orders', { headers: [bearer] })).status).toBe(200)
    expect((await send('/orders', { headers: [bearer] })).status).toBe(200)
    expect(called()).toEqual(['Auth', 'Auth', 'Backend', 'Backend'])
  })

  test('a cached policy is evaluated again', async () => {
    const { send, called } = await http(
      { AuthorizerResultTtlInSeconds: 60, EnableSimpleResponses: false },
      {
        auth: answer(
          policyAnswer('Allow', 'arn:aws:execute-api:us-east-1:123456789012:*/$default/GET/orders'),
        ),
      },
    )
    expect((await send('/orders', { headers: [bearer] })).status).toBe(200)
    expect((await send('/invoices', { headers: [bearer] })).status).toBe(403)
    expect(called()).toEqual(['Auth', 'Backend'])
  })

  test('nothing is cached without a lifetime', async () => {
    const { send, called } = await http({})
    await send('/orders', { headers: [bearer] })
    await send('/orders', { headers: [bearer] })
    expect(called().filter((name) => name === 'Auth')).toHaveLength(2)
  })
})
