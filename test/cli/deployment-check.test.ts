// The findings of `npm run check:config` where serverless.yml and the configuration disagree, each with its place.

import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../local/api-gateway/json.ts'
import { readModel, readTemplate } from '../../local/api-gateway/template.ts'
import { describeRefusals } from '../../cli/compare-stages.ts'
import { checkDeployment, checkStage, checkTables } from '../../cli/deployment-check.ts'
import { resolveConfig, type AwsConfig, type LanekeeperConfig, type RouteRule } from '../../shared/index.ts'
import {
  httpTemplate,
  restTemplate,
  socketTemplate,
  type Resources,
} from '../local/api-gateway/template-builder.ts'

const ROUTES: RouteRule[] = [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }]

const configOf = (aws: AwsConfig, routes = ROUTES, more: Partial<LanekeeperConfig> = {}) =>
  resolveConfig({
    ...more,
    issuers: {
      main: {
        issuer: 'https://login.test.example',
        audience: 'https://api.test.example',
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
      },
    },
    routes,
    aws,
  })

const find = (
  template: unknown,
  aws: AwsConfig,
  routes = ROUTES,
  name?: string,
  more?: Partial<LanekeeperConfig>,
) =>
  checkDeployment(readTemplate(template), configOf(aws, routes, more), () => name).map(
    ({ severity, subject, message }) => `${severity}: ${subject}: ${message}`,
  )

/** A note about an authorizer asks for nothing; "the time of a revocation" has those. */
const withoutNotes = (findings: readonly string[]) => findings.filter((text) => !text.startsWith('note: '))

const rest = (authorizer: JsonObject, methods?: string[]) =>
  restTemplate({
    authorizer: { IdentityValidationExpression: 'Bearer .+', ...authorizer },
    ...(methods && { methods }),
  })
const request = (IdentitySource: string, ttl = 300) =>
  rest({ Type: 'REQUEST', IdentitySource, AuthorizerResultTtlInSeconds: ttl })
const EXACT = 'method.request.header.Authorization, context.httpMethod, context.path'

describe('a deployment that fits has no finding', () => {
  test.each<[string, unknown, AwsConfig]>([
    ['off', rest({ AuthorizerResultTtlInSeconds: 0 }), { strategy: 'off' }],
    ['exact', request(EXACT), { resultTtlSeconds: 300 }],
    ['exact, nothing kept', request('method.request.header.Authorization', 0), {}],
    ['table', rest({ AuthorizerResultTtlInSeconds: 300 }), { strategy: 'table', resultTtlSeconds: 300 }],
  ])('%s', (_, template, aws) => expect(find(template, aws)).toEqual([]))
})

describe('an HTTP API whose sources lack the Authorization field has one problem, which says to add it', () => {
  const ADD =
    'problem: HTTP authorizer HttpAuthorizer: does not have the Authorization field among its identity sources; add $request.header.Authorization'
  const authorizer = (version: string, ttl: number, ...more: string[]) =>
    httpTemplate({
      authorizer: {
        AuthorizerPayloadFormatVersion: version,
        EnableSimpleResponses: false,
        AuthorizerResultTtlInSeconds: ttl,
        IdentitySource: [...more, '$context.httpMethod', '$context.path', '$context.routeKey'],
      },
    })
  test.each(['1.0', '2.0'])('payload %s', (version) => {
    const kept: AwsConfig = { resultTtlSeconds: 60, httpApiResponse: 'policy' }
    expect(find(authorizer(version, 60), kept)).toEqual([ADD])
    expect(find(authorizer(version, 60, '$request.header.Authorization'), kept)).toEqual([])
    expect(find(authorizer(version, 0), { httpApiResponse: 'policy' })).toEqual([ADD])
  })
})

describe('a deployment that does not fit has a finding', () => {
  test.each<[string, unknown, AwsConfig, RegExp]>([
    [
      'off that keeps',
      rest({ AuthorizerResultTtlInSeconds: 60 }),
      { strategy: 'off' },
      /its strategy is off/,
    ],
    [
      'exact under the token',
      rest({ AuthorizerResultTtlInSeconds: 60 }),
      { resultTtlSeconds: 60 },
      /REST authorizer Authorizer: caches answers about one request with the token as their only key/,
    ],
    [
      'a lifetime nobody set',
      rest({ AuthorizerResultTtlInSeconds: undefined }),
      { strategy: 'table' },
      /caches answers for 300 s and the configuration does not say so; set resultTtlSeconds to 300$/,
    ],
    [
      'another lifetime',
      rest({ AuthorizerResultTtlInSeconds: 60 }),
      { strategy: 'table', resultTtlSeconds: 300 },
      /caches answers for 60 s and the configuration says 300/,
    ],
    [
      'a function that would refuse every request',
      httpTemplate({ authorizer: { IdentitySource: ['$request.header.Authorization'] } }),
      {},
      /caches nothing and the configuration does not say so, .*; set resultTtlSeconds to 0$/,
    ],
    [
      'payload 1.0 with one source more',
      httpTemplate({
        authorizer: {
          AuthorizerPayloadFormatVersion: '1.0',
          EnableSimpleResponses: false,
          AuthorizerResultTtlInSeconds: 60,
          IdentitySource: [
            '$request.header.Authorization',
            '$context.httpMethod',
            '$context.path',
            '$context.routeKey',
            '$request.header.X-Tenant',
          ],
        },
      }),
      { resultTtlSeconds: 60 },
      /payload 1\.0, which joins the values of identity sources/,
    ],
    [
      'no path among the sources',
      request('method.request.header.Authorization, context.httpMethod'),
      { resultTtlSeconds: 300 },
      /add the identity source context\.path$/,
    ],
    [
      'no token among the sources',
      request('context.httpMethod, context.path'),
      { resultTtlSeconds: 300 },
      /does not have the Authorization field/,
    ],
    [
      'a table for REQUEST',
      request(EXACT),
      { strategy: 'table', resultTtlSeconds: 300 },
      /is for TOKEN authorizers/,
    ],
    [
      'simple answers where policies are given',
      httpTemplate({ authorizer: { EnableSimpleResponses: true } }),
      { httpApiResponse: 'policy', resultTtlSeconds: 0 },
      /HTTP authorizer HttpAuthorizer: expects simple responses and httpApiResponse is policy/,
    ],
    [
      'routeKey instead of method and path',
      httpTemplate({
        authorizer: {
          EnableSimpleResponses: false,
          AuthorizerResultTtlInSeconds: 60,
          IdentitySource: ['$request.header.Authorization', '$context.routeKey'],
        },
      }),
      { resultTtlSeconds: 60, httpApiResponse: 'policy' },
      /add the identity sources \$context\.httpMethod and \$context\.path$/,
    ],
    [
      'no route among the sources of an HTTP API',
      httpTemplate({
        authorizer: {
          EnableSimpleResponses: false,
          AuthorizerResultTtlInSeconds: 60,
          IdentitySource: ['$request.header.Authorization', '$context.httpMethod', '$context.path'],
        },
      }),
      { resultTtlSeconds: 60, httpApiResponse: 'policy' },
      /add the identity source \$context\.routeKey$/,
    ],
    [
      'simple answers that are kept',
      httpTemplate({
        authorizer: {
          AuthorizerResultTtlInSeconds: 60,
          IdentitySource: [
            '$request.header.Authorization',
            '$context.httpMethod',
            '$context.path',
            '$context.routeKey',
          ],
        },
      }),
      { resultTtlSeconds: 60 },
      /^warning: .*cannot end with the token/,
    ],
    [
      'no validation expression',
      rest({ AuthorizerResultTtlInSeconds: 0, IdentityValidationExpression: undefined }),
      {},
      /^warning: .*identityValidationExpression/,
    ],
  ])('%s', (_, template, aws, finding) =>
    expect(find(template, aws)).toEqual([expect.stringMatching(finding)]),
  )

  test('routes without a rule, rules without a route, and routes without an authorizer', () => {
    const template = rest({ AuthorizerResultTtlInSeconds: 0 }, [
      'GET /orders open',
      'GET /invoices',
      'GET /health',
    ])
    const routes: RouteRule[] = [
      ...ROUTES,
      { path: '/health', methods: ['GET'], public: true },
      { path: '/orders/{id}', methods: ['GET', 'DELETE'], scope: 'none' },
      { path: '$connect', methods: ['GET'], scope: 'none' },
    ]
    expect(find(template, {}, routes)).toEqual([
      'problem: REST route GET /orders: has no authorizer, and the rule GET /orders requires a token; give it one',
      'problem: REST route GET /invoices: no rule covers it, so every request is refused; add a rule, or take the route away',
      'warning: REST route GET /health: has an authorizer for a public rule (GET /health); take the authorizer out',
      'problem: rule GET,DELETE /orders/{id}: no route of any API leads to GET, DELETE /orders/{id}; add the route, or take the rule away',
      'problem: rule GET $connect: no route of any API leads to GET $connect; add the route, or take the rule away',
    ])
  })

  test('a misspelled method gives one problem, at its rule', () => {
    const template = rest({ AuthorizerResultTtlInSeconds: 0 }, ['GET /orders', 'GET /invoices'])
    const findings = find(template, {}, [{ path: '/orders', methods: ['GETT'], scope: 'none' }])
    const rule =
      'problem: rule GETT /orders: no route of any API leads to GETT /orders; GETT is no registered method, the nearest is GET; write that, add the route, or take the rule away'
    // The route of another path has no rule, whatever the spelling of the method.
    expect(findings).toEqual([expect.stringContaining('REST route GET /invoices: no rule covers it'), rule])
    const both = find(template, {}, [{ path: '/orders', methods: ['GET', 'GETT'], scope: 'none' }])
    expect(both.at(-1)).toBe(rule.replace('rule GETT', 'rule GET,GETT'))
    // A method that is in use is not reported as a misspelling.
    const purge = find(template, {}, [{ path: '/orders', methods: ['PURGE'], scope: 'none' }])
    expect(purge).toEqual([
      expect.stringContaining('REST route GET /orders: no rule covers it'),
      expect.stringContaining('REST route GET /invoices: no rule covers it'),
      expect.stringContaining('leads to PURGE /orders; add the route, or take the rule away'),
    ])
  })

  test('a function with a name that has no entry', () => {
    const template = rest({ AuthorizerResultTtlInSeconds: 0 })
    expect(find(template, { authorizers: { other: {} } }, ROUTES, 'token')).toEqual([
      expect.stringMatching(/LANEKEEPER_AUTHORIZER token, and aws\.authorizers has no such entry/),
    ])
    expect(find(template, {}, ROUTES, 'token')).toEqual([
      'problem: REST authorizer Authorizer: runs with LANEKEEPER_AUTHORIZER token, and the configuration has no aws.authorizers; add aws: { authorizers: { token: {} } }, or take the variable out',
    ])
  })

  test('routes that a table cannot express', () => {
    const routes: RouteRule[] = [{ path: '/orders/{id}', methods: ['GET'], scope: { allOf: ['read'] } }]
    const table: AwsConfig = { authorizers: { token: { strategy: 'table' } } }
    expect(checkTables(configOf(table, routes))).toMatchObject([
      {
        severity: 'problem',
        subject: 'strategy of token',
        message: expect.stringMatching(/no route with a parameter.*GET \/orders\/\{id\}.*use exact$/),
      },
    ])
    const exact: AwsConfig = { authorizers: { token: { strategy: 'exact' } } }
    expect(checkTables(configOf(exact, routes))).toEqual([])
    const named: RouteRule = { path: '/orders', methods: ['GET'], scope: 'none' }
    expect(checkTables(configOf(table, [...routes, named]))).toEqual([])
  })

  test('a route with a parameter behind a table', () => {
    const kept = rest({ AuthorizerResultTtlInSeconds: 300 }, ['GET /orders', 'GET /orders/{id}'])
    const routes: RouteRule[] = [
      { path: '/orders', methods: ['GET'], scope: 'none' },
      { path: '/orders/{id}', methods: ['GET'], scope: 'none' },
    ]
    expect(find(kept, { strategy: 'table', resultTtlSeconds: 300 }, routes)).toEqual([
      'problem: REST route GET /orders/{id}: has the strategy table, which denies every path of GET /orders/{id}, because no pattern says what a parameter may hold; use exact and REQUEST',
    ])
  })
})

describe('a route that demands strong', () => {
  const more: Partial<LanekeeperConfig> = { revocation: { dynamodb: { table: 'revocations' } } }
  const routes: RouteRule[] = [
    ...ROUTES,
    { path: '/payments', methods: ['GET'], scope: 'none', revocation: 'strong' },
  ]
  const template = (ttl: number, ...methods: string[]) =>
    restTemplate({
      authorizer: { Type: 'REQUEST', IdentitySource: EXACT, AuthorizerResultTtlInSeconds: ttl },
      methods,
    })
  const found = (ttl: number, aws: AwsConfig, rules = routes, methods = ['GET /orders', 'GET /payments']) =>
    withoutNotes(find(template(ttl, ...methods), aws, rules, 'byPath', more))
  const some: AwsConfig = { authorizers: { byPath: { resultTtlSeconds: 60 }, live: { resultTtlSeconds: 0 } } }

  test('is a warning behind an authorizer whose answers are kept', () => {
    const warning =
      'warning: REST authorizer Authorizer: caches answers for 60 s and serves GET /payments, whose revocation is strong: a revoked token may be accepted there for that long; serve it with an authorizer whose lifetime is 0'
    expect(found(60, some)).toEqual([warning])
    expect(found(60, some, routes, ['GET /orders', 'ANY /{proxy+}'])).toContain(warning)
  })

  test('is none behind another authorizer, or as a rule with the usual demand', () => {
    expect(found(0, { authorizers: { byPath: { resultTtlSeconds: 0 } } })).toEqual([])
    const usual = routes.map(({ revocation: _, ...rule }) => rule as RouteRule)
    expect(found(60, some, usual)).toEqual([])
    expect(found(60, some, routes, ['GET /orders', 'GET /payments open'])).toEqual([
      expect.stringMatching(/^problem: REST route GET \/payments: has no authorizer/),
    ])
  })

  test('is left to the warning about the route where every function has a lifetime', () => {
    const all: AwsConfig = { resultTtlSeconds: 60, authorizers: { byPath: { resultTtlSeconds: 60 } } }
    expect(found(60, all)).toEqual([])
  })
})

describe('routes that take many paths', () => {
  const PROXIED: RouteRule[] = [{ path: '/a/b', methods: ['GET'], scope: 'none' }, ...ROUTES]
  const kept = { AuthorizerResultTtlInSeconds: 0 }

  test('have the rules of every path that ends up there', () => {
    expect(find(rest(kept, ['ANY /{proxy+}', 'OPTIONS /{proxy+} fixed']), {}, PROXIED)).toEqual([])
    const policies = { httpApiResponse: 'simple', resultTtlSeconds: 0 } as const
    const preflights = 'OPTIONS /{proxy+} open'
    const routes: RouteRule[] = [...PROXIED, { path: '/{any+}', methods: ['OPTIONS'], public: true }]
    for (const route of ['ANY /{proxy+}', '$default'])
      expect(find(httpTemplate({ routes: [route, preflights] }), policies, routes)).toEqual([])
  })

  test('need an authorizer where one of those wants a token', () => {
    const open = 'has no authorizer, and the rule GET /a/b requires a token; give it one'
    expect(find(rest(kept, ['ANY /{proxy+} open']), {}, PROXIED)).toEqual([
      `problem: REST route ANY /{proxy+}: ${open}`,
    ])
    expect(find(httpTemplate({ routes: ['$default open'] }), {}, PROXIED)).toEqual([
      `problem: HTTP route $default: ${open}`,
    ])
  })

  test('keep no answers on an HTTP API where several rules cover their paths', () => {
    const authorizer = {
      AuthorizerResultTtlInSeconds: 60,
      EnableSimpleResponses: false,
      IdentitySource: [
        '$request.header.Authorization',
        '$context.httpMethod',
        '$context.path',
        '$context.routeKey',
      ],
    }
    const aws = { resultTtlSeconds: 60, httpApiResponse: 'policy' } as const
    for (const route of ['ANY /{proxy+}', '$default'])
      expect(find(httpTemplate({ authorizer, routes: [route] }), aws, PROXIED)).toEqual([
        expect.stringContaining('takes OPTIONS as well'),
        expect.stringMatching(
          /^problem: HTTP route .*the same cache key \(GET \/a\/b, GET \/orders\); give each rule a route/,
        ),
      ])
    const one: RouteRule[] = [{ path: '/{rest+}', methods: ['GET'], scope: 'none' }]
    expect(find(httpTemplate({ authorizer, routes: ['GET /{proxy+}'] }), aws, one)).toEqual([])
  })

  test('and lead to none of the rules that a closer route takes', () => {
    expect(
      find(rest(kept, ['ANY /{proxy+} open', 'GET /a/b', 'GET /orders']), {}, [
        ...PROXIED,
        { path: '/health', methods: ['GET'], public: true },
      ]),
    ).toEqual([])
  })

  test('an open route without a rule is named as an open route', () => {
    expect(find(rest(kept, ['GET /orders', 'GET /hidden open']), {})).toEqual([
      'problem: REST route GET /hidden: no rule covers it, and it has no authorizer; add a public rule, or take the route away',
    ])
  })
})

describe('the time of a revocation', () => {
  const notesOf = (ttl: number, revocation: LanekeeperConfig['revocation'], routes = ROUTES) => {
    const authorizer = { Type: 'REQUEST', IdentitySource: EXACT, AuthorizerResultTtlInSeconds: ttl }
    const template = restTemplate({ authorizer, methods: ['GET /orders'] })
    const findings = find(template, { resultTtlSeconds: ttl }, routes, undefined, { revocation: revocation! })
    return findings.filter((text) => text.startsWith('note: '))
  }
  const revocation = { dynamodb: { table: 'revocations' }, refreshSeconds: 10, staleSeconds: 30 }
  const at = 'note: REST authorizer Authorizer: a revocation is in effect'

  test('is noted for each API, with the lifetime that its authorizer has there', () => {
    expect(notesOf(60, revocation)).toEqual([
      `${at} after at most 97 s = 10 age of the news + 1 waiting for the store + 19 more while the store is out of reach + 7 until the function answers + 60 kept by the gateway (78 s while the store answers)`,
    ])
    expect(notesOf(0, revocation)).toEqual([
      `${at} after at most 30 s = 10 age of the news + 1 waiting for the store + 19 more while the store is out of reach (11 s while the store answers)`,
    ])
  })

  test('is noted apart for routes with strong', () => {
    const routes = ROUTES.map((rule) => ({ ...rule, revocation: 'strong' }) as RouteRule)
    expect(notesOf(60, revocation, routes)).toEqual([
      `${at} on routes with strong after at most 67 s = 7 until the function answers + 60 kept by the gateway`,
    ])
  })
})

describe('a route for logout tokens', () => {
  const LOGOUT = {
    revocation: {
      dynamodb: { table: 'revocations' },
      logout: { path: '/logout', clients: { main: 'web' } },
    },
  }
  const findWith = (routes: string[], more: Partial<LanekeeperConfig> = LOGOUT) =>
    withoutNotes(
      find(
        rest({ AuthorizerResultTtlInSeconds: 0 }, ['GET /orders', ...routes]),
        {},
        ROUTES,
        undefined,
        more,
      ),
    )

  test('needs neither a rule nor an authorizer', () => {
    expect(findWith(['POST /logout open'])).toEqual([])
  })

  test('is that of the receiver alone', () => {
    const problem = expect.stringMatching(/^problem: REST route POST \/log\w+: no rule covers it/)
    expect(findWith(['POST /logouts open'])).toEqual([problem])
    expect(findWith(['POST /logout open'], { revocation: { dynamodb: { table: 'revocations' } } })).toEqual([
      problem,
    ])
  })

  test('has no authorizer', () => {
    expect(findWith(['POST /logout'])).toEqual([
      'problem: REST route POST /logout: takes logout tokens, with which no credential comes; leave the authorizer out',
    ])
  })
})

test('a preflight route with an authorizer', () => {
  const routes: RouteRule[] = [{ ...ROUTES[0]!, methods: ['GET', 'OPTIONS'] } as RouteRule]
  const template = rest({ AuthorizerResultTtlInSeconds: 0 }, ['GET /orders', 'OPTIONS /orders'])
  expect(find(template, {}, routes)).toEqual([
    'warning: REST route OPTIONS /orders: asks for a token, which preflights do not carry; leave the authorizer out',
  ])
})

describe('a route that takes preflights with everything else', () => {
  const off = { AuthorizerResultTtlInSeconds: 0 }
  const simple = { httpApiResponse: 'simple', resultTtlSeconds: 0 } as const
  const rules: RouteRule[] = [...ROUTES, { path: '/{any+}', methods: ['OPTIONS'], public: true }]
  const preflightProblem = (place: string, kind: string) =>
    `warning: ${place}: takes OPTIONS as well, and asks for a token, which preflights do not carry; if browsers call it, add an OPTIONS ${kind} without an authorizer for its paths`

  test.each<[string, unknown, AwsConfig, string, string]>([
    ['ANY, REST', rest(off, ['ANY /orders']), {}, 'REST route ANY /orders', 'method (cors)'],
    ['ANY, HTTP', httpTemplate({ routes: ['ANY /orders'] }), simple, 'HTTP route ANY /orders', 'route'],
    [
      '$default behind another route',
      httpTemplate({ routes: ['GET /orders', '$default'] }),
      simple,
      'HTTP route $default',
      'route',
    ],
    [
      'ANY, HTTP, with CORS and a route that is less close',
      httpTemplate({
        routes: ['ANY /orders', 'OPTIONS /{proxy+} open'],
        more: {
          Http: {
            Type: 'AWS::ApiGatewayV2::Api',
            Properties: { ProtocolType: 'HTTP', CorsConfiguration: { AllowOrigins: ['*'] } },
          },
        },
      }),
      simple,
      'HTTP route ANY /orders',
      'route',
    ],
  ])('%s', (_, template, aws, place, kind) =>
    expect(find(template, aws, rules).filter((line) => line.includes('OPTIONS as well'))).toEqual([
      preflightProblem(place, kind),
    ]),
  )

  test('is not named if a closer OPTIONS route takes them, or if it has no authorizer', () => {
    for (const [template, aws] of [
      [rest(off, ['ANY /orders', 'OPTIONS /orders fixed']), {}],
      [rest(off, ['GET /orders']), {}],
      [httpTemplate({ routes: ['ANY /orders', 'OPTIONS /orders open'] }), simple],
      [httpTemplate({ routes: ['$default', 'OPTIONS /{proxy+} open'] }), simple],
      [httpTemplate({ routes: ['GET /orders', '$default open'] }), simple],
    ] as const)
      expect(find(template, aws, rules).filter((line) => line.includes('OPTIONS as well'))).toEqual([])
  })
})

describe('a template that the local gateway cannot run', () => {
  const off = { AuthorizerResultTtlInSeconds: 0 }
  const compareAll = (template: unknown, routes = ROUTES) => {
    const { model, refusals } = readModel(template)
    return [
      ...checkDeployment(model, configOf({}, routes), () => undefined),
      ...describeRefusals(refusals),
    ].map(({ severity, subject, message }) => `${severity}: ${subject}: ${message}`)
  }
  const changing = (template: { Resources: Resources }, id: string, properties: JsonObject) => {
    const { Type, Properties } = template.Resources[id]!
    return {
      Resources: { ...template.Resources, [id]: { Type, Properties: { ...Properties, ...properties } } },
    }
  }

  test('a part that the comparison needs is a problem, beside the other findings', () => {
    const lacking: Resources = {
      Left: {
        Type: 'AWS::ApiGateway::GatewayResponse',
        Properties: { RestApiId: { Ref: 'NoRestApi' }, ResponseType: 'UNAUTHORIZED' },
      },
    }
    const routes = ['GET /orders', 'GET /more']
    expect(compareAll(httpTemplate({ routes, more: lacking }))).toEqual([
      expect.stringMatching(/^problem: HTTP authorizer HttpAuthorizer: caches nothing/),
      expect.stringMatching(/^problem: HTTP route GET \/more: no rule covers it/),
      'problem: serverless.yml: is compared only in part: Left: RestApiId: Ref "NoRestApi" names no resource of the template; take out what refers to it',
    ])
    const left = lacking['Left']!
    const several = httpTemplate({ more: { Left: left, Other: left, Third: left } })
    expect(compareAll(several).at(-1)).toBe(
      'problem: serverless.yml: is compared only in part: Left, Other, Third: RestApiId: Ref "NoRestApi" names no resource of the template; take out what refers to it',
    )
    expect(() => readTemplate(several)).toThrow(/:\n  - Left, Other, Third: RestApiId: [^\n]*$/)
    const [, method] = compareAll(changing(rest(off), 'Method0', { AuthorizerId: { 'Fn::If': [] } }))
    expect(method).toMatch(
      /^problem: serverless\.yml: is compared only in part: Method0: AuthorizerId: Fn::If/,
    )
    expect(compareAll(changing(rest(off), 'Rest', { Body: { openapi: '3.0' } }))).toEqual([
      expect.stringMatching(/^problem: .*Rest: the property Body/),
    ])
  })

  test('a part that the comparison does not need is a warning', () => {
    for (const [template, text] of [
      [changing(rest(off), 'Rest', { Policy: { Statement: [] } }), 'a resource Policy'],
      [changing(rest(off), 'Method0', { ApiKeyRequired: true }), 'ApiKeyRequired'],
      [changing(rest(off), 'Method0', { Integration: { Type: 'HTTP_PROXY' } }), 'HTTP_PROXY'],
      [rest(off), ''],
      [
        restTemplate({
          authorizer: { IdentityValidationExpression: 'Bearer .+' },
          more: { Domain: { Type: 'AWS::ApiGateway::DomainName', Properties: {} } },
        }),
        'DomainName',
      ],
    ] as const)
      expect(compareAll(template)).toEqual(
        text === ''
          ? []
          : [
              expect.stringMatching(
                new RegExp(`^warning: serverless\\.yml: has parts that are not compared.*${text}`),
              ),
            ],
      )
  })

  test('a rule is not enforced on a route with another authorizer', () => {
    const iam = changing(rest(off, ['GET /orders', 'GET /own']), 'Method1', { AuthorizationType: 'AWS_IAM' })
    expect(compareAll(iam)).toEqual([
      'warning: REST route GET /own: is decided by AWS_IAM, without Lanekeeper',
      expect.stringMatching(/^warning: serverless\.yml: .*AWS_IAM is not emulated$/),
    ])
    expect(compareAll(iam, [...ROUTES, { path: '/own', methods: ['GET'], scope: 'none' }])[0]).toBe(
      'problem: REST route GET /own: is decided by AWS_IAM without Lanekeeper, so the rule GET /own is not enforced; give it the authorizer, or take the rule away',
    )
  })
})

describe('report-only, where API Gateway refuses before it calls the function', () => {
  const watched: RouteRule[] = [{ ...ROUTES[0]!, reportOnly: true } as RouteRule]
  const off = { AuthorizerResultTtlInSeconds: 0 }
  const name = (text: string) => [expect.stringContaining(text)]

  test('is named with the refused requests, and the remedy', () => {
    expect(find(rest(off), {}, watched)).toEqual([
      'warning: REST authorizer Authorizer: only reports on GET /orders, and API Gateway itself still refuses requests without Authorization and with a token that identityValidationExpression does not match; a REQUEST authorizer without identity sources and with a lifetime of 0 lets these through',
    ])
    expect(find(request('method.request.header.Authorization', 0), {}, watched)).toEqual(
      name(
        'without Authorization; without identity sources, and with a lifetime of 0, it lets these through',
      ),
    )
    expect(find(httpTemplate(), { resultTtlSeconds: 0 }, watched)).toEqual(
      name('HTTP authorizer HttpAuthorizer: only reports'),
    )
  })

  test('is not named where the stage enforces, or where API Gateway refuses nothing by itself', () => {
    expect(find(rest(off), {})).toEqual([])
    expect(find(httpTemplate({ authorizer: { IdentitySource: [] } }), {}, watched)).toEqual([])
  })

  test('is named for a whole report-only stage, too', () => {
    const config = { ...configOf({}), reportOnly: true }
    const found = checkDeployment(readTemplate(rest(off)), config, () => undefined)
    expect(found.map(({ message }) => message)).toEqual(name('only reports on everything, and API Gateway'))
  })
})

test('a function that runs another stage than the one it is deployed to', () => {
  const template = rest({ AuthorizerResultTtlInSeconds: 0 })
  const running = (stage?: string) => {
    const environment = stage === undefined ? {} : { Variables: { LANEKEEPER_STAGE: stage } }
    const { Auth } = template.Resources
    const changed = { ...Auth!, Properties: { ...Auth!.Properties, Environment: environment } }
    return readTemplate({ Resources: { ...template.Resources, Auth: changed } })
  }
  expect(checkStage(running('staging'), 'staging')).toEqual([])
  expect(checkStage(running('production'), 'staging').map(({ message }) => message)).toEqual([
    'is deployed to the stage staging with LANEKEEPER_STAGE production; set it in serverless.yml',
  ])
  expect(checkStage(running(), 'staging')[0]!.message).toContain('LANEKEEPER_STAGE not set')
  expect(checkStage(running(), undefined)).toEqual([])
  expect(checkStage(running('production'), undefined).map(({ message }) => message)).toEqual([
    'is deployed with LANEKEEPER_STAGE production, and the configuration has no stages; take it out of serverless.yml',
  ])
})

describe('the token of a handshake', () => {
  const routes: RouteRule[] = [{ path: '$connect', methods: ['GET'], scope: 'none' }]
  const QUERY = { webSocketToken: { query: 'ticket' } }

  test.each<[string, string, AwsConfig, RegExp[]]>([
    ['Authorization', 'route.request.header.Authorization', {}, []],
    ['another field', 'route.request.header.X', {}, [/^problem: WebSocket.*does not have the Authorization/]],
    ['protocol', 'route.request.header.Sec-WebSocket-Protocol', { webSocketToken: 'protocol' }, []],
    [
      'not the protocol',
      'route.request.header.Authorization',
      { webSocketToken: 'protocol' },
      [/^problem: .*make route\.request\.header\.Sec-WebSocket-Protocol its identity source/],
    ],
    [
      'the query, with a warning',
      'route.request.querystring.ticket',
      QUERY,
      [/^warning: .*takes the token from the query \(ticket\), where logs and histories keep it/],
    ],
    [
      'another parameter',
      'route.request.querystring.other',
      QUERY,
      [/^warning: /, /^problem: .*make route\.request\.querystring\.ticket its identity source/],
    ],
  ])('%s', (_, source, aws, findings) => {
    expect(find(socketTemplate(source), aws, routes)).toEqual(
      findings.map((text) => expect.stringMatching(text)),
    )
  })

  test('a handshake with an authorizer needs a rule that requires a token', () => {
    const problem = (rules: RouteRule[]) =>
      find(socketTemplate(), {}, rules).filter((text) => text.includes('WebSocket route'))
    expect(problem(routes)).toEqual([])
    expect(problem([{ path: '/other', methods: ['GET'], scope: 'none' }])).toEqual([
      'problem: WebSocket route $connect: no rule covers it, so every request is refused; add a rule, or take the route away',
    ])
    expect(problem([{ path: '$connect', methods: ['GET'], public: true }])).toEqual([
      'warning: WebSocket route $connect: has an authorizer for a public rule (GET $connect); take the authorizer out',
    ])
  })
})
