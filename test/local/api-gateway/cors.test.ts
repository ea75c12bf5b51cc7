// Preflights and CORS as API Gateway does them: a MOCK method on REST APIs, by the API itself on HTTP APIs.

import { describe, expect, test } from 'vitest'
import { answer, bearer, startFixture, thrown } from './gateway-fixture.ts'
import { httpTemplate, restTemplate } from './template-builder.ts'

const APP: [string, string] = ['Origin', 'https://app.example']
const ASKS: [string, string] = ['Access-Control-Request-Method', 'GET']
const preflight = { method: 'OPTIONS', headers: [APP, ASKS] }

const header = (name: string, value: string) => ({ [`method.response.header.${name}`]: `'${value}'` })

describe('REST API', () => {
  const template = () => {
    const made = restTemplate({ methods: ['GET /orders', 'OPTIONS /orders open'] })
    made.Resources['Method1']!.Properties['Integration'] = {
      Type: 'MOCK',
      RequestTemplates: { 'application/json': '{statusCode:200}' },
      ContentHandling: 'CONVERT_TO_TEXT',
      IntegrationResponses: [
        {
          StatusCode: '200',
          ResponseParameters: {
            ...header('Access-Control-Allow-Origin', '*'),
            ...header('Access-Control-Allow-Methods', 'OPTIONS,GET'),
          },
          ResponseTemplates: { 'application/json': '' },
        },
      ],
    }
    return made
  }

  test('a MOCK method answers by itself, and only for its own method', async () => {
    const { send, calls } = await startFixture(template())
    const reply = await send('/local/orders', preflight)
    expect(reply).toMatchObject({
      status: 200,
      body: '',
      headers: { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'OPTIONS,GET' },
    })
    expect(calls).toEqual([])
    expect((await send('/local/orders')).status).toBe(401)
  })

  test('the one response of a MOCK method has its own status and body, whatever was asked for', async () => {
    const made = template()
    const [response] = (made.Resources['Method1']!.Properties['Integration'] as any).IntegrationResponses
    Object.assign(response, { StatusCode: '204', ResponseTemplates: { 'application/json': '{}' } })
    const { send } = await startFixture(made)
    expect(await send('/local/orders', preflight)).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': '*' },
    })
    response.StatusCode = '200'
    const other = await startFixture(made)
    expect(await other.send('/local/orders', preflight)).toMatchObject({ status: 200, body: '{}' })
  })

  test('a body that is no JSON has no template', async () => {
    const { send } = await startFixture(template())
    const headers: [string, string][] = [APP, ASKS, ['Content-Type', 'text/plain']]
    expect((await send('/local/orders', { ...preflight, headers })).status).toBe(500)
  })
})

describe('HTTP API', () => {
  const cors = {
    AllowOrigins: ['https://app.example'],
    AllowMethods: ['GET'],
    AllowHeaders: ['authorization'],
  }
  const template = (routes: string[], change: object = {}) => {
    const made = httpTemplate({ routes })
    made.Resources['Http']!.Properties['CorsConfiguration'] = { ...cors, MaxAge: 60, ...change }
    return made
  }

  test('answers a preflight that no route takes, without a call', async () => {
    const { send, calls } = await startFixture(template(['GET /orders']))
    expect(await send('/orders', preflight)).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-methods': 'GET',
        'access-control-allow-headers': 'authorization',
        'access-control-max-age': '60',
      },
    })
    const elsewhere = await send('/orders', {
      ...preflight,
      headers: [['Origin', 'https://evil.example'], ASKS],
    })
    expect(elsewhere.headers).not.toHaveProperty('access-control-allow-origin')
    expect((await send('/orders', { method: 'OPTIONS' })).status).toBe(404)
    expect(calls).toEqual([])
  })

  test('does not where $default or ANY with an authorizer catches it; a route of its own helps', async () => {
    for (const caught of ['$default', 'ANY /{proxy+}']) {
      const { send } = await startFixture(template([caught]))
      expect((await send('/orders', preflight)).status).toBe(401)
      const { send: helped, called } = await startFixture(template([caught, 'OPTIONS /{proxy+} open']))
      expect((await helped('/orders', preflight)).status).toBe(200)
      expect(called()).toEqual(['Backend'])
    }
  })

  test("writes its headers over those of the integration, and none for another's origin", async () => {
    const backend = answer({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' }, body: '' })
    const options = { backend, auth: answer({ isAuthorized: true }) }
    const { send } = await startFixture(template(['GET /orders'], { ExposeHeaders: ['x-a'] }), options)
    const { headers } = await send('/orders', { headers: [APP, bearer] })
    expect(headers['access-control-allow-origin']).toBe('https://app.example')
    expect(headers['access-control-expose-headers']).toBe('x-a')
    const other = await send('/orders', { headers: [['Origin', 'https://evil.example'], bearer] })
    expect(other.headers).not.toHaveProperty('access-control-allow-origin')
  })

  test.each([
    [false, undefined],
    [true, 'https://app.example'],
  ])('answers of its own have them: %s', async (httpApiCorsOnOwnAnswers, expected) => {
    const options = { undocumented: { httpApiCorsOnOwnAnswers }, auth: thrown('broken') }
    const { send } = await startFixture(template(['GET /orders']), options)
    for (const [target, headers, status] of [
      ['/orders', [APP], 401],
      ['/orders', [APP, bearer], 500],
      ['/nowhere', [APP], 404],
    ] as [string, [string, string][], number][]) {
      const reply = await send(target, { headers })
      expect([reply.status, reply.headers['access-control-allow-origin']]).toEqual([status, expected])
    }
  })
})
