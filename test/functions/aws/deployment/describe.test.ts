// The description of a deployment: what it says of each authorizer, secret, table and variable, and that it says what
// `lanekeeper check` demands.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkDeployment } from '../../../../cli/deployment-check.ts'
import { REPLAY_RIGHTS, REVOCATION_RIGHTS } from '../../../../functions/aws/deployment/table-rights.ts'
import type { TableRight } from '../../../../functions/aws/deployment/description.ts'
import { readTemplate } from '../../../../local/api-gateway/template.ts'
import type { AwsConfig, LanekeeperConfig } from '../../../../shared/index.ts'
import { httpTemplate, restTemplate, socketTemplate } from '../../../local/api-gateway/template-builder.ts'
import { configOf, described, MAIN, ORDERS } from './described.ts'

const REST_KEY = ['method.request.header.Authorization', 'context.httpMethod', 'context.path']
const HTTP_KEY = [
  '$request.header.Authorization',
  '$context.httpMethod',
  '$context.path',
  '$context.routeKey',
]
const [REST_TOKEN, HTTP_TOKEN] = [REST_KEY.slice(0, 1), HTTP_KEY.slice(0, 1)]
const CONNECT = ['route.request.header.Authorization']

const settingsOf = (config: LanekeeperConfig) => described(config).description.authorizers['']!

const BOUND = {
  issuers: { main: { ...MAIN, senderConstraint: 'any' } },
  publicUrls: ['https://api.example.com'],
} as const satisfies Partial<LanekeeperConfig>

const MTLS = {
  ...BOUND,
  issuers: { main: { ...MAIN, senderConstraint: 'mtls' } },
} as const satisfies Partial<LanekeeperConfig>

describe('identity sources, lifetimes and answers', () => {
  test.each<[string, AwsConfig, Partial<LanekeeperConfig>, unknown]>([
    // An unknown lifetime: the function demands the whole key, and nothing is kept.
    ['nothing said', {}, {}, [REST_KEY, 0, HTTP_KEY, 0, true, CONNECT]],
    ['kept', { resultTtlSeconds: 300 }, {}, [REST_KEY, 300, HTTP_KEY, 300, true, CONNECT]],
    ['not kept', { resultTtlSeconds: 0 }, {}, [REST_TOKEN, 0, HTTP_TOKEN, 0, true, CONNECT]],
    ['off', { strategy: 'off' }, {}, [REST_TOKEN, 0, HTTP_TOKEN, 0, true, CONNECT]],
    [
      'policies',
      { resultTtlSeconds: 60, httpApiResponse: 'policy' },
      {},
      [REST_KEY, 60, HTTP_KEY, 60, false, CONNECT],
    ],
    ['report-only', { strategy: 'off' }, { reportOnly: true }, [[], 0, [], 0, true, []]],
    [
      'report-only for one route',
      { resultTtlSeconds: 0 },
      { routes: [{ ...ORDERS, reportOnly: true }] },
      [[], 0, [], 0, true, []],
    ],
    // What is kept needs its key.
    [
      'report-only, and kept',
      { resultTtlSeconds: 60 },
      { reportOnly: true },
      [REST_KEY, 60, HTTP_KEY, 60, true, CONNECT.slice(1)],
    ],
    ['bound tokens', { strategy: 'off' }, BOUND, [REST_TOKEN, 0, HTTP_TOKEN, 0, true, CONNECT]],
    [
      'the protocol of a handshake',
      { strategy: 'off', webSocketToken: 'protocol' },
      { reportOnly: true },
      [[], 0, [], 0, true, ['route.request.header.Sec-WebSocket-Protocol']],
    ],
    [
      'the query of a handshake',
      { strategy: 'off', webSocketToken: { query: 'token' } },
      {},
      [REST_TOKEN, 0, HTTP_TOKEN, 0, true, ['route.request.querystring.token']],
    ],
  ])('%s', (_, aws, more, expected) => {
    const { rest, http, webSocket } = settingsOf(configOf(aws, more))
    expect([
      rest!.identitySources,
      rest!.resultTtlSeconds,
      http!.identitySources,
      http!.resultTtlSeconds,
      http!.enableSimpleResponses,
      webSocket!.identitySources,
    ]).toEqual(expected)
    expect(rest!.type).toBe('REQUEST')
  })

  test('a table is a TOKEN authorizer, which only a REST API has', () => {
    const { authorizers, cannotServe } = described(
      configOf({ strategy: 'table', resultTtlSeconds: 60 }),
    ).description
    expect(authorizers['']).toEqual({
      strategy: 'table',
      rest: {
        type: 'TOKEN',
        identitySources: REST_TOKEN,
        identityValidationExpression: '^[Bb][Ee][Aa][Rr][Ee][Rr] +[-A-Za-z0-9._~+/]+=*$',
        resultTtlSeconds: 60,
        disableExecuteApiEndpoint: false,
      },
      http: null,
      webSocket: null,
    })
    expect(cannotServe.map(({ authorizer, api }) => [authorizer, api])).toEqual([
      ['', 'http'],
      ['', 'webSocket'],
    ])
  })

  test('each entry of aws.authorizers has its own', () => {
    const { authorizers } = described(
      configOf({ authorizers: { kept: { resultTtlSeconds: 30 }, fresh: { strategy: 'off' } } }),
    ).description
    expect(Object.entries(authorizers).map(([name, { rest }]) => [name, rest!.resultTtlSeconds])).toEqual([
      ['', 0],
      ['kept', 30],
      ['fresh', 0],
    ])
  })
})

describe('what an API cannot serve', () => {
  const unserved = (aws: AwsConfig, more: Partial<LanekeeperConfig>) =>
    described(configOf(aws, more)).description.cannotServe.map(({ api, because }) => [api, because])
  const BOUND_ALONE = { ...BOUND, routes: [{ ...ORDERS, senderConstraint: 'bound' }] } as const
  const NO_BOUND = expect.stringContaining('bound tokens alone')
  const NO_CERTIFICATE = expect.stringContaining('client certificate')

  test.each<[string, AwsConfig, Partial<LanekeeperConfig>, unknown]>([
    ['plain tokens', { strategy: 'off' }, {}, []],
    ['tokens of every kind', { strategy: 'off' }, BOUND, []],
    ['bound tokens alone', { strategy: 'off' }, BOUND_ALONE, []],
    [
      'bound tokens alone, which the function refuses',
      { senderConstraint: 'none' },
      BOUND_ALONE,
      [
        ['rest', NO_BOUND],
        ['http', NO_BOUND],
        ['webSocket', NO_BOUND],
      ],
    ],
    ['certificates alone', { strategy: 'off' }, MTLS, [['webSocket', NO_CERTIFICATE]]],
    [
      'certificates alone, in a header',
      { strategy: 'off' },
      {
        ...MTLS,
        mtls: {
          header: {
            name: 'x-our-certificate',
            format: 'pem-urlencoded',
            guard: { header: 'x-our-guard', secret: { env: 'GUARD' } },
          },
        },
      },
      [],
    ],
  ])('%s', (_, aws, more, expected) => {
    expect(unserved(aws, more)).toEqual(expected)
  })
})

describe('the default endpoint has to be off', () => {
  const isOff = (more: Partial<LanekeeperConfig>) =>
    settingsOf(configOf({ strategy: 'off' }, more)).http!.disableExecuteApiEndpoint

  test.each<[string, boolean, Partial<LanekeeperConfig>]>([
    ['where certificates are demanded', true, MTLS],
    ['where a route demands them', true, { ...BOUND, routes: [{ ...ORDERS, senderConstraint: 'mtls' }] }],
    ['and need not be where they may be missing', false, BOUND],
    ['and need not be where there are none', false, {}],
  ])('%s', (_, expected, more) => {
    expect(isOff(more)).toBe(expected)
  })
})

describe('the challenge', () => {
  const challengeOf = (more: Partial<LanekeeperConfig>) =>
    described(configOf({ strategy: 'off' }, more)).description.challenge

  test.each<[string, Partial<LanekeeperConfig>]>([
    ['Bearer realm="api"', {}],
    ['Bearer realm="orders"', { realm: 'orders' }],
    ['Bearer realm="api"', MTLS],
    ['Bearer realm="api", DPoP algs="ES256"', { ...BOUND, dpop: { algorithms: ['ES256'] } }],
    [
      'DPoP realm="api", algs="ES256"',
      {
        ...BOUND,
        issuers: { main: { ...MAIN, senderConstraint: 'dpop' } },
        dpop: { algorithms: ['ES256'] },
      },
    ],
  ])('%s', (expected, more) => {
    expect(challengeOf(more)).toBe(expected)
  })
})

describe('secrets, variables and tables', () => {
  const SECRET = { secretsManager: 'lanekeeper/introspection', field: 'secret' }
  const opaque = (secret: object) =>
    ({
      issuers: {
        main: {
          issuer: 'https://opaque.example.com',
          audience: 'https://api.example.com',
          introspection: {
            endpoint: 'https://opaque.example.com/introspect',
            authentication: 'client_secret_basic',
            clientId: 'lanekeeper',
            secret,
          },
        },
      },
    }) as unknown as Partial<LanekeeperConfig>
  const PATH = 'issuers.main.introspection.secret'

  test('a secret of Secrets Manager is a right, and no variable', () => {
    const { secrets, environmentVariables } = described(configOf({}, opaque(SECRET))).description
    expect(secrets).toEqual([{ kind: 'secretsManager', name: 'lanekeeper/introspection', path: PATH }])
    expect(environmentVariables).toEqual([])
  })

  test('a secret of the environment is a variable', () => {
    const { secrets, environmentVariables } = described(configOf({}, opaque({ env: 'SECRET' }))).description
    expect(secrets).toEqual([{ kind: 'env', name: 'SECRET', path: PATH }])
    expect(environmentVariables).toEqual([{ name: 'SECRET', path: PATH, isSecret: true }])
  })

  test('a setting that the build leaves open needs its variable', () => {
    const config = configOf({}, { issuers: { main: { ...MAIN, issuer: '${env:ISSUER}' } } })
    expect(described(config).description.environmentVariables).toEqual([
      { name: 'ISSUER', path: 'issuers.main.issuer', isSecret: false },
    ])
  })

  const REVOCATION = { dynamodb: { table: 'revocations', region: 'eu-west-1' } }
  const LOGOUT = { ...REVOCATION, logout: { path: '/logout', clients: { main: 'client-1' } } }
  const tablesOf = (more: Partial<LanekeeperConfig>, aws: AwsConfig = {}) =>
    described(configOf(aws, more)).description.tables

  test('the table of revocations, and with a receiver its rights as well', () => {
    const { authorizer } = REVOCATION_RIGHTS
    const table = { name: 'revocations', region: 'eu-west-1', use: 'revocation' }
    expect(tablesOf({ revocation: REVOCATION })).toEqual([{ ...table, rights: { authorizer } }])
    expect(tablesOf({ revocation: LOGOUT })).toEqual([{ ...table, rights: REVOCATION_RIGHTS }])
    expect(described(configOf({}, { revocation: LOGOUT })).description.logoutPath).toBe('/logout')
  })

  test('no table where no route asks it', () => {
    const routes = [{ ...ORDERS, revocation: 'off' as const }]
    expect(tablesOf({ revocation: REVOCATION, routes })).toEqual([])
  })

  test('the table of used proofs, where a route asks it', () => {
    const dpop = { replay: { dynamodb: { table: 'replays' } } }
    const strong = { ...BOUND, dpop, routes: [{ ...ORDERS, replay: 'strong' as const }] }
    const table = { name: 'replays', region: null, use: 'replay', rights: REPLAY_RIGHTS }
    expect(tablesOf(strong, { strategy: 'off' })).toEqual([table])
    expect(tablesOf({ ...strong, routes: [ORDERS] }, { strategy: 'off' })).toEqual([])
  })

  /** The rights that a policy of an example gives. */
  function rightsIn(file: string, policy: string): TableRight[] {
    const text = readFileSync(join(import.meta.dirname, '../../../../examples', file), 'utf8')
    const [, section = ''] = new RegExp(`^  ${policy}:\n((?: {4}.*\n)+)`, 'm').exec(text) ?? []
    const [, ...statements] = section.split('- Effect: Allow')
    return statements.map((statement) => ({
      actions: [...statement.matchAll(/- (dynamodb:\w+)/g)].map(([, action = '']) => action),
      leadingKeys:
        /LeadingKeys: \[(.*)\]/
          .exec(statement)?.[1]
          ?.split(', ')
          .map((key) => key.replaceAll("'", '')) ?? null,
    }))
  }

  test('the rights are those of the examples', () => {
    expect(rightsIn('revocation/table.yml', 'AuthorizerPolicy')).toEqual(REVOCATION_RIGHTS.authorizer)
    expect(rightsIn('revocation/table.yml', 'ReceiverPolicy')).toEqual(REVOCATION_RIGHTS.logout)
    expect(rightsIn('bound/table.yml', 'AuthorizerPolicy')).toEqual(REPLAY_RIGHTS.authorizer)
  })
})

describe('lanekeeper check has no problem with what is described, and one without any identity source', () => {
  const CASES: readonly (readonly [string, AwsConfig])[] = [
    ['nothing said', {}],
    ['kept', { resultTtlSeconds: 300, httpApiResponse: 'policy' }],
    ['off', { strategy: 'off' }],
    ['table', { strategy: 'table', resultTtlSeconds: 300 }],
    ['protocol', { strategy: 'off', webSocketToken: 'protocol' }],
    ['query', { strategy: 'off', webSocketToken: { query: 'token' } }],
  ]

  /** A template with one API for each kind that the authorizer can serve, with these identity sources. */
  function templatesOf(config: LanekeeperConfig, change: (sources: readonly string[]) => readonly string[]) {
    const { rest, http, webSocket } = settingsOf(config)
    return [
      rest &&
        restTemplate({
          authorizer: {
            Type: rest.type,
            IdentitySource: change(rest.identitySources).join(', '),
            AuthorizerResultTtlInSeconds: rest.resultTtlSeconds,
            ...(rest.identityValidationExpression && {
              IdentityValidationExpression: rest.identityValidationExpression,
            }),
          },
        }),
      http &&
        httpTemplate({
          authorizer: {
            IdentitySource: [...change(http.identitySources)],
            AuthorizerResultTtlInSeconds: http.resultTtlSeconds,
            AuthorizerPayloadFormatVersion: http.payloadFormatVersion,
            EnableSimpleResponses: http.enableSimpleResponses,
          },
        }),
      webSocket && socketTemplate(change(webSocket.identitySources)[0]),
    ]
  }

  const problemsOf = (config: LanekeeperConfig, template: unknown) =>
    checkDeployment(readTemplate(template), described(config).config, () => undefined).filter(
      ({ severity, subject }) => severity === 'problem' && subject.includes(' authorizer '),
    )

  test.each(CASES)('%s', (_, aws) => {
    const config = configOf(aws, {
      routes: [ORDERS, { path: '/', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
    })
    for (const template of templatesOf(config, (sources) => sources))
      if (template) expect(problemsOf(config, template)).toEqual([])
  })

  test('a key without one of its sources is a problem', () => {
    const config = configOf({ resultTtlSeconds: 300, httpApiResponse: 'policy' })
    for (const left of HTTP_KEY.keys()) {
      const [rest, http] = templatesOf(config, (sources) => sources.filter((_, index) => index !== left))
      if (left < REST_KEY.length) expect(problemsOf(config, rest)).toHaveLength(1)
      expect(problemsOf(config, http)).toHaveLength(1)
    }
  })
})
