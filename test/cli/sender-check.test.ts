// The findings about authorizers of serverless.yml whose functions may see bound tokens.

import { describe, expect, test } from 'vitest'
import { checkDeployment } from '../../cli/deployment-check.ts'
import type { JsonObject } from '../../local/api-gateway/json.ts'
import { readTemplate } from '../../local/api-gateway/template.ts'
import { resolveConfig, type AwsConfig, type IssuerConfig, type RouteRule } from '../../shared/index.ts'
import { httpTemplate, restTemplate } from '../local/api-gateway/template-builder.ts'

type Demand = NonNullable<IssuerConfig['senderConstraint']>

interface Configured {
  readonly issuer?: Demand
  readonly aws?: AwsConfig
  readonly route?: Partial<RouteRule>
  /** LANEKEEPER_AUTHORIZER of the function. */
  readonly name?: string
}

function findingsOf(
  template: unknown,
  { issuer = 'any', aws = { strategy: 'off' }, route, name }: Configured,
) {
  const config = resolveConfig({
    issuers: {
      main: {
        issuer: 'https://login.test.example',
        audience: 'https://api.test.example',
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
        senderConstraint: issuer,
      },
    },
    publicUrls: ['https://api.test.example'],
    routes: [
      { path: '/orders', methods: ['GET'], scope: 'none' },
      { path: '/pay', methods: ['POST'], scope: 'none', ...route } as RouteRule,
    ],
    aws,
  })
  return checkDeployment(readTemplate(template), config, () => name).map(
    ({ severity, subject, message }) => `${severity}: ${subject}: ${message}`,
  )
}

const METHODS = ['GET /orders', 'POST /pay']
const rest = (authorizer: JsonObject) =>
  restTemplate({ authorizer: { IdentityValidationExpression: 'Bearer .+', ...authorizer }, methods: METHODS })
const token = (ttl = 0) => rest({ AuthorizerResultTtlInSeconds: ttl })
const request = (ttl = 0) =>
  rest({
    Type: 'REQUEST',
    IdentitySource: 'method.request.header.Authorization, context.httpMethod, context.path',
    AuthorizerResultTtlInSeconds: ttl,
  })
const PLAIN: AwsConfig = { strategy: 'exact', resultTtlSeconds: 300, senderConstraint: 'none' }
const AT = 'REST authorizer Authorizer:'

const REFUSES = `note: ${AT} refuses tokens that are bound to a key (senderConstraint none)`

test('without bound tokens there is no finding', () => {
  for (const template of [token(), request()]) expect(findingsOf(template, { issuer: 'none' })).toEqual([])
})

describe('a TOKEN authorizer', () => {
  const WARNING = `warning: ${AT} refuses every bound token: a TOKEN authorizer gets no header field, method or URL to check a proof with; use REQUEST, or set the senderConstraint of its function to "none"`

  test('can only refuse bound tokens, and says why', () => {
    expect(findingsOf(token(), {})).toEqual([WARNING])
    expect(findingsOf(request(), {})).not.toContain(WARNING)
    expect(findingsOf(token(), { aws: { strategy: 'off', senderConstraint: 'none' } })).toEqual([REFUSES])
  })

  test.each<[Demand, string]>([
    ['dpop', 'GET /orders; POST /pay'],
    ['bound', 'GET /orders; POST /pay'],
  ])('is a problem where every token must be bound: %s', (issuer, names) => {
    expect(findingsOf(token(), { issuer })).toEqual([
      `problem: ${AT} refuses every request for ${names}: only bound tokens are accepted there, and a TOKEN authorizer gets no header field, method or URL; use a REQUEST authorizer whose function accepts bound tokens`,
      WARNING,
    ])
  })

  test('is a problem for one route with such a demand', () => {
    expect(findingsOf(token(), { route: { senderConstraint: 'dpop' } })[0]).toMatch(
      /^problem: .* refuses every request for POST \/pay: only bound tokens/,
    )
    expect(findingsOf(token(), { route: { senderConstraint: 'none' } })).toEqual([WARNING])
  })
})

describe('a function that refuses bound tokens', () => {
  test('is noted, and may keep answers', () => {
    expect(findingsOf(request(300), { aws: PLAIN })).toEqual([REFUSES])
  })

  test('is a problem behind a route that accepts no other', () => {
    expect(findingsOf(request(300), { aws: PLAIN, route: { senderConstraint: 'dpop' } })).toContain(
      `problem: ${AT} refuses every request for POST /pay: only bound tokens are accepted there, and its function has senderConstraint "none"; use a REQUEST authorizer whose function accepts bound tokens`,
    )
  })
})

describe('a function that accepts bound tokens', () => {
  const KEEPS =
    'caches answers for 60 s, and its function accepts bound tokens: API Gateway would give an answer that it keeps to a request with another proof, or with none; set the lifetime to 0, or for plain tokens alone its senderConstraint to "none"'
  const problemsOf = (template: unknown, configured: Configured) =>
    findingsOf(template, configured).filter((text) => text.startsWith('problem: '))

  test('keeps no answers', () => {
    expect(problemsOf(request(60), {})).toEqual([`problem: ${AT} ${KEEPS}`])
    expect(problemsOf(token(60), {})).toEqual([`problem: ${AT} ${KEEPS}`])
    expect(problemsOf(request(0), {})).toEqual([])
  })

  test('keeps none on an HTTP API, either', () => {
    const http = (ttl: number) =>
      httpTemplate({
        authorizer: {
          AuthorizerPayloadFormatVersion: '2.0',
          EnableSimpleResponses: true,
          AuthorizerResultTtlInSeconds: ttl,
          IdentitySource: [
            '$request.header.Authorization',
            '$context.httpMethod',
            '$context.path',
            '$context.routeKey',
          ],
        },
      })
    const about = (ttl: number) =>
      problemsOf(http(ttl), {}).filter((text) => text.includes('HTTP authorizer HttpAuthorizer:'))
    expect(about(60)).toEqual([`problem: HTTP authorizer HttpAuthorizer: ${KEEPS}`])
    expect(about(0)).toEqual([])
  })

  test('is noted with its rules, and with those whose proofs are kept for all instances', () => {
    const at = `note: ${AT} accepts tokens that are bound to a DPoP key, with their proof, for`
    expect(findingsOf(request(), {})).toEqual([
      `${at} GET /orders; POST /pay; used proofs are in the memory of each instance`,
    ])
    expect(findingsOf(request(), { route: { replay: 'strong' } })).toEqual([
      `${at} GET /orders; POST /pay; used proofs are in the table for POST /pay (strong), and otherwise in the memory of each instance`,
    ])
    expect(findingsOf(request(), { route: { senderConstraint: 'none' } })).toEqual([
      `${at} GET /orders; used proofs are in the memory of each instance`,
    ])
  })
})

test('a function behind which no rule accepts bound tokens is noted', () => {
  const restricted = restTemplate({
    authorizer: { IdentityValidationExpression: 'Bearer .+' },
    methods: ['POST /pay', 'GET /orders open'],
  })
  const notes = (senderConstraint: Demand) =>
    findingsOf(restricted, { route: { senderConstraint } }).filter((text) => text.includes(AT))
  expect(notes('none')).toEqual([
    `note: ${AT} refuses tokens that are bound to a key: no rule behind it accepts them`,
  ])
  expect(notes('any')).toEqual([expect.stringMatching(/^warning: .* refuses every bound token: /)])
})

test('a function without a name runs with the settings that the named ones share', () => {
  const aws: AwsConfig = { authorizers: { plain: PLAIN, bound: { strategy: 'off' } } }
  expect(findingsOf(request(), { aws })[0]).toBe(
    `problem: ${AT} runs without LANEKEEPER_AUTHORIZER, and aws.strategy is exact, so it refuses every bound token; name its entry of aws.authorizers, or set aws.strategy to off`,
  )
  const problems = (configured: Configured) =>
    findingsOf(request(), configured).filter((text) => text.startsWith('problem: '))
  expect(problems({ aws, name: 'bound' })).toEqual([])
  expect(problems({ aws: { ...aws, strategy: 'off' } })).toEqual([])
  expect(problems({ aws: { resultTtlSeconds: 0, senderConstraint: 'none', authorizers: {} } })).toEqual([])
  const allPlain: AwsConfig = { resultTtlSeconds: 0, senderConstraint: 'none', authorizers: { other: {} } }
  expect(problems({ aws: allPlain })).toEqual([])
})
