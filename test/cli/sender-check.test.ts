// The findings about authorizers of serverless.yml whose functions may see bound tokens.

import { describe, expect, test } from 'vitest'
import { checkDeployment } from '../../cli/deployment-check.ts'
import type { JsonObject } from '../../local/api-gateway/json.ts'
import { readTemplate } from '../../local/api-gateway/template.ts'
import {
  resolveConfig,
  type AwsConfig,
  type IssuerConfig,
  type LanekeeperConfig,
  type RouteRule,
} from '../../shared/index.ts'
import { httpTemplate, restTemplate, socketTemplate } from '../local/api-gateway/template-builder.ts'

type Demand = NonNullable<IssuerConfig['senderConstraint']>

interface Configured {
  readonly issuer?: Demand
  readonly aws?: AwsConfig
  readonly mtls?: LanekeeperConfig['mtls']
  readonly route?: Partial<RouteRule>
  /** LANEKEEPER_AUTHORIZER of the function. */
  readonly name?: string
}

function findingsOf(
  template: unknown,
  { issuer = 'any', aws = { strategy: 'off' }, mtls, route, name }: Configured,
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
    ...(mtls && { mtls }),
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

const REFUSES = `note: ${AT} refuses bound tokens (senderConstraint none)`

test('without bound tokens there is no finding', () => {
  for (const template of [token(), request()]) expect(findingsOf(template, { issuer: 'none' })).toEqual([])
})

describe('a TOKEN authorizer', () => {
  const WARNING = `warning: ${AT} refuses every bound token: a TOKEN authorizer gets no header field, method, URL or client certificate; use REQUEST, or set the senderConstraint of its function to "none"`

  test('can only refuse bound tokens, and says why', () => {
    expect(findingsOf(token(), {})).toEqual([WARNING])
    expect(findingsOf(request(), {})).not.toContain(WARNING)
    expect(findingsOf(token(), { aws: { strategy: 'off', senderConstraint: 'none' } })).toEqual([REFUSES])
  })

  test.each<[Demand, string]>([
    ['dpop', 'GET /orders; POST /pay'],
    ['mtls', 'GET /orders; POST /pay'],
    ['bound', 'GET /orders; POST /pay'],
  ])('is a problem where every token must be bound: %s', (issuer, names) => {
    expect(findingsOf(token(), { issuer })).toEqual([
      `problem: ${AT} refuses every request for ${names}: only bound tokens are accepted there, and a TOKEN authorizer gets no header field, method, URL or client certificate; use a REQUEST authorizer whose function accepts bound tokens`,
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
    'caches answers for 60 s, and its function accepts bound tokens: API Gateway would give an answer that it keeps to a request with another proof or certificate, or with none; set the lifetime to 0, or for plain tokens alone its senderConstraint to "none"'
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
    const notesOf = (configured: Configured) =>
      findingsOf(request(), configured).filter(
        (text) => !text.includes('certificate,') && !text.includes('both'),
      )
    expect(notesOf({})).toEqual([
      `${at} GET /orders; POST /pay; used proofs are in the memory of each instance`,
    ])
    expect(notesOf({ route: { replay: 'strong' } })).toEqual([
      `${at} GET /orders; POST /pay; used proofs are in the table for POST /pay (strong), and otherwise in the memory of each instance`,
    ])
    expect(notesOf({ route: { senderConstraint: 'none' } })).toEqual([
      `${at} GET /orders; used proofs are in the memory of each instance`,
    ])
  })
})

describe('client certificates', () => {
  const accepts = (names: string) =>
    `note: ${AT} accepts tokens that are bound to a client certificate, with this certificate, for ${names}`
  const both = (names: string) =>
    `note: ${AT} accepts tokens that are bound to both, with proof and certificate, for ${names}`
  const BY_PROOF = expect.stringContaining('accepts tokens that are bound to a DPoP key')

  test.each<[Demand, Partial<RouteRule>, readonly unknown[]]>([
    ['mtls', {}, [accepts('GET /orders; POST /pay')]],
    ['any', { senderConstraint: 'none' }, [BY_PROOF, accepts('GET /orders'), both('GET /orders')]],
    ['any', { senderConstraint: 'dpop' }, [BY_PROOF, accepts('GET /orders'), both('GET /orders; POST /pay')]],
    [
      'any',
      { senderConstraint: 'mtls' },
      [
        expect.stringContaining('with their proof, for GET /orders;'),
        accepts('GET /orders; POST /pay'),
        both('GET /orders; POST /pay'),
      ],
    ],
    ['dpop', {}, [BY_PROOF]],
  ])('of an issuer with %s and a route with %j are noted', (issuer, route, notes) => {
    expect(findingsOf(request(), { issuer, route })).toEqual(notes)
  })

  describe('and the handshake of a WebSocket API, for which API Gateway states none', () => {
    const route: Partial<RouteRule> = { path: '$connect', methods: ['GET'] }
    const AT_SOCKET = 'WebSocket authorizer HttpAuthorizer:'
    const HEADER = {
      name: 'client-cert',
      format: 'rfc9440',
      guard: { header: 'x-proxy-secret', secret: { secretsManager: 'proxy' } },
    } as const
    const ofSocket = (configured: Configured) =>
      findingsOf(socketTemplate(), { route, ...configured }).filter((text) => text.includes(AT_SOCKET))
    const NONE = 'API Gateway states no client certificate in the handshake of a WebSocket API'

    test('are noted as refused beside other tokens', () => {
      expect(ofSocket({ issuer: 'any' })).toEqual([
        expect.stringContaining('accepts tokens that are bound to a DPoP key'),
        `note: ${AT_SOCKET} refuses tokens that are bound to a client certificate: ${NONE}`,
      ])
      expect(ofSocket({ issuer: 'dpop' })).toEqual([
        expect.stringContaining('accepts tokens that are bound to a DPoP key'),
      ])
    })

    test('are a problem where no other token is accepted, unless a proxy passes the certificate on', () => {
      expect(ofSocket({ issuer: 'mtls' })).toEqual([
        `problem: ${AT_SOCKET} refuses every request for GET $connect: only tokens that are bound to a client certificate are accepted there, and ${NONE}; accept other tokens for this rule`,
      ])
      expect(ofSocket({ issuer: 'mtls', mtls: { header: HEADER } })).toEqual([
        `note: ${AT_SOCKET} accepts tokens that are bound to a client certificate, with this certificate, for GET $connect`,
      ])
    })
  })

  test('are of one connection, so no answer about them is kept', () => {
    const problems = (ttl: number) =>
      findingsOf(request(ttl), { issuer: 'mtls' }).filter((text) => text.startsWith('problem: '))
    expect(problems(60)).toEqual([expect.stringContaining('and its function accepts bound tokens')])
    expect(problems(0)).toEqual([])
  })
})

test('a function behind which no rule accepts bound tokens is noted', () => {
  const restricted = restTemplate({
    authorizer: { IdentityValidationExpression: 'Bearer .+' },
    methods: ['POST /pay', 'GET /orders open'],
  })
  const notes = (senderConstraint: Demand) =>
    findingsOf(restricted, { route: { senderConstraint } }).filter((text) => text.includes(AT))
  expect(notes('none')).toEqual([`note: ${AT} refuses bound tokens: no rule behind it accepts them`])
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
