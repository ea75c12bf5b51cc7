// What the constructs set, and what they refuse, decided without aws-cdk-lib.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ACCESS_LOG_FORMAT } from '../../../../functions/aws/cdk/access-log.ts'
import { gatewayResponsesFor } from '../../../../functions/aws/cdk/gateway-responses.ts'
import { rightsOf } from '../../../../functions/aws/cdk/rights.ts'
import { decideAuthorizer, decideFunction, type Given } from '../../../../functions/aws/cdk/settings.ts'
import type { ApiKind, Description } from '../../../../functions/aws/deployment/description.ts'
import type { LanekeeperConfig } from '../../../../shared/index.ts'
import { configOf, described, MAIN, ORDERS } from '../deployment/described.ts'

const describedBy = (config: LanekeeperConfig, stage?: string, files?: Description['files']) =>
  described(config, stage, files).description

const NAMED = configOf({ authorizers: { kept: { resultTtlSeconds: 300 }, table: { strategy: 'table' } } })
const STAGED = configOf({ strategy: 'off' }, { stages: { production: {}, staging: {} } })
const OPEN = configOf({ strategy: 'off' }, { issuers: { main: { ...MAIN, issuer: '${env:ISSUER}' } } })
const SECRET = configOf({ strategy: 'off' }, { log: { fingerprintKey: { env: 'FINGERPRINT' } } })

describe('an authorizer', () => {
  test.each<[string, LanekeeperConfig, string, Given, object]>([
    ['of aws itself', configOf({ strategy: 'off' }), '', {}, {}],
    ['of an entry', NAMED, '', { authorizer: 'kept' }, { LANEKEEPER_AUTHORIZER: 'kept' }],
    ['of a stage', STAGED, 'staging', {}, { LANEKEEPER_STAGE: 'staging' }],
    ['of a stage that is named', STAGED, 'staging', { stage: 'staging' }, { LANEKEEPER_STAGE: 'staging' }],
    [
      'with a variable',
      OPEN,
      '',
      { environment: { ISSUER: 'https://login.example.com' } },
      { ISSUER: 'https://login.example.com' },
    ],
    [
      'with a variable that Lanekeeper does not need',
      NAMED,
      '',
      { environment: { HTTPS_PROXY: 'http://proxy' }, authorizer: 'kept' },
      { HTTPS_PROXY: 'http://proxy', LANEKEEPER_AUTHORIZER: 'kept' },
    ],
  ])('%s', (_, config, stage, given, environment) => {
    const description = describedBy(config, stage)
    const decided = decideAuthorizer('http', description, given)
    expect(decided).toEqual({ api: description.authorizers[given.authorizer ?? '']!.http, environment })
  })

  test.each<[string, ApiKind, LanekeeperConfig, string, Given, readonly unknown[]]>([
    [
      'a name that is no entry',
      'http',
      NAMED,
      '',
      { authorizer: 'other' },
      ['aws.authorizers has no authorizer "other"; it has: kept, table'],
    ],
    [
      'a name where there are no entries',
      'rest',
      configOf(),
      '',
      { authorizer: 'other' },
      ['aws.authorizers has no authorizer "other"; the configuration has no aws.authorizers'],
    ],
    [
      'a name of every object',
      'rest',
      configOf(),
      '',
      { authorizer: 'constructor' },
      ['aws.authorizers has no authorizer "constructor"; the configuration has no aws.authorizers'],
    ],
    [
      'a table for an HTTP API',
      'http',
      NAMED,
      '',
      { authorizer: 'table' },
      [expect.stringMatching(/^aws\.authorizers\.table cannot serve an HTTP API: its strategy is table,/)],
    ],
    [
      'another stage',
      'http',
      STAGED,
      'staging',
      { stage: 'production' },
      [
        'stage is "production", and the artefact was built for "staging"; run npx lanekeeper build --edge aws --stage production',
      ],
    ],
    [
      'a stage without stages',
      'http',
      configOf(),
      '',
      { stage: 'production' },
      ['stage is "production", and the configuration has no stages; take the option out'],
    ],
    [
      'a variable that is missing',
      'http',
      OPEN,
      '',
      {},
      ['environment has no ISSUER, which issuers.main.issuer needs when the function starts'],
    ],
    [
      'a variable that is empty',
      'http',
      OPEN,
      '',
      { environment: { ISSUER: '' } },
      ['environment has no ISSUER, which issuers.main.issuer needs when the function starts'],
    ],
    [
      'a secret that is missing',
      'http',
      SECRET,
      '',
      {},
      [
        'environment has no FINGERPRINT, which log.fingerprintKey needs when the function starts; its value is a secret, which a template shows: prefer secretsManager',
      ],
    ],
    [
      'variables that the construct sets',
      'http',
      configOf(),
      '',
      { environment: { LANEKEEPER_STAGE: 'staging', LANEKEEPER_AUTHORIZER: 'kept' } },
      [
        'environment has LANEKEEPER_AUTHORIZER, which the construct sets; use the option authorizer',
        'environment has LANEKEEPER_STAGE, which the construct sets; use the option stage',
      ],
    ],
    [
      'everything at once',
      'http',
      { ...OPEN, stages: { production: {}, staging: {} } },
      'staging',
      { authorizer: 'other', stage: 'production' },
      [
        expect.stringContaining('aws.authorizers has no'),
        expect.stringContaining('was built for "staging"'),
        expect.stringContaining('environment has no ISSUER'),
      ],
    ],
  ])('refuses %s', (_, kind, config, stage, given, problems) => {
    expect(decideAuthorizer(kind, describedBy(config, stage), given)).toEqual({ problems })
  })
})

describe('a function that is no authorizer', () => {
  const FILES = { 'authorizer.mjs': 'digest', 'metadata.mjs': 'digest', 'logout.mjs': 'digest' }

  test('metadata needs no variable, and logout those of the authorizer', () => {
    const description = describedBy(OPEN, '', FILES)
    expect(decideFunction('metadata', description, {})).toEqual({ environment: {} })
    expect(decideFunction('logout', description, {})).toEqual({
      problems: [expect.stringContaining('environment has no ISSUER')],
    })
    const environment = { ISSUER: 'https://login.example.com' }
    expect(decideFunction('logout', description, { environment })).toEqual({ environment })
  })

  test('is refused where the artefact has none', () => {
    const description = describedBy(configOf())
    for (const [name, setting] of [
      ['metadata', 'resources'],
      ['logout', 'revocation.logout'],
    ] as const)
      expect(decideFunction(name, description, {})).toEqual({
        problems: [`the artefact has no ${name}.mjs, which is written with ${setting} in the configuration`],
      })
  })
})

describe('rights', () => {
  const secret = (name: string) => {
    const config = configOf({}, { log: { fingerprintKey: { secretsManager: name } } })
    return rightsOf('authorizer', describedBy(config)).map(({ resource }) => resource)
  }
  const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:lanekeeper'

  test.each<[string, string, unknown]>([
    ['a name', 'lanekeeper', { service: 'secretsmanager', region: null, name: 'secret:lanekeeper-??????' }],
    ['an ARN', `${ARN}-Ab12Cd`, `${ARN}-Ab12Cd`],
    ['an ARN without its end', ARN, `${ARN}-??????`],
  ])('of a secret with %s', (_, name, expected) => {
    expect(secret(name)).toEqual([expected])
  })

  test('a secret that two settings name is one right, and a function without secrets has none', () => {
    const shared = { secretsManager: 'lanekeeper' }
    const config = configOf(
      {},
      {
        issuers: { main: { ...MAIN, keys: { secret: shared }, algorithms: ['HS256'] } },
        log: { fingerprintKey: shared },
      },
    )
    expect(rightsOf('authorizer', describedBy(config))).toHaveLength(1)
    expect(rightsOf('authorizer', describedBy(configOf()))).toEqual([])
  })

  const LOGOUT = configOf(
    {},
    {
      revocation: {
        dynamodb: { table: 'revocations', region: 'eu-west-1' },
        logout: { path: '/logout', clients: { main: 'client-1' } },
      },
    },
  )

  test('of a table: each function its own, and metadata none', () => {
    const description = describedBy(LOGOUT)
    const resource = { service: 'dynamodb', region: 'eu-west-1', name: 'table/revocations' }
    expect(rightsOf('authorizer', description)).toEqual([
      { actions: ['dynamodb:BatchGetItem'], resource, leadingKeys: ['e#*'] },
    ])
    const logout = rightsOf('logout', description)
    expect(logout.flatMap(({ actions }) => actions)).toEqual([
      ...['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:PutItem', 'dynamodb:Scan'],
    ])
    expect(rightsOf('metadata', description)).toEqual([])
  })
})

const SERVERLESS = readFileSync(join(import.meta.dirname, '../../../../serverless.yml'), 'utf8')

describe('gateway responses', () => {
  /** Those of serverless.yml, by their types. A member that begins with an alias is that of the response before it. */
  const shipped = [...SERVERLESS.matchAll(/^ {6}Response\w+:\n(?: {8}.*\n)+/gm)].map(([text]) => ({
    type: /ResponseType: (\w+)/.exec(text)![1]!,
    statusCode: /StatusCode: '(\d+)'/.exec(text)?.[1],
    headers: Object.fromEntries(
      [...text.matchAll(/gatewayresponse\.header\.([\w-]+): (.*)/g)].map(([, name = '', value = '']) => [
        name,
        value.replace(/^"(.*)"$/, '$1').replace(/^'''?(.*?)'?''$/, "'$1'"),
      ]),
    ),
    json: /application\/json: '(.*)'/.exec(text)?.[1],
  }))

  test('are those of serverless.yml, whose API takes any origin', () => {
    const ours = gatewayResponsesFor('Bearer realm="api"', '*')
    expect(ours.map(({ type }) => type)).toEqual(shipped.map(({ type }) => type))
    for (const [index, response] of shipped.entries())
      if (response.statusCode !== undefined) expect(ours[index]).toEqual(response)
    // The last one is an alias of the one before it.
    const [failure, configurationError] = ours.slice(-2)
    expect({ ...configurationError, type: failure!.type }).toEqual(failure)
  })

  test('have nothing for scripts without an origin, and the challenge of the configuration', () => {
    const ours = gatewayResponsesFor('DPoP realm="api", algs="ES256"', undefined)
    const headers = ours.flatMap((response) => Object.entries(response.headers))
    expect(headers.filter(([name]) => name.startsWith('Access-Control'))).toEqual([])
    expect(headers).toContainEqual(['WWW-Authenticate', `'DPoP realm="api", algs="ES256"'`])
  })
})

describe('the access log', () => {
  const SHIPPED = {
    rest: /restAccessLog: '(.*)'/.exec(SERVERLESS)![1]!,
    http: /format: '(\{"api":"http".*)'/.exec(SERVERLESS)![1]!,
    webSocket: /format: '(\{"api":"websocket".*)'/.exec(SERVERLESS)![1]!,
  }

  test.each(['rest', 'http', 'webSocket'] as const)('of %s has what that of serverless.yml has', (kind) => {
    const [ours, shipped] = [JSON.parse(ACCESS_LOG_FORMAT[kind]), JSON.parse(SHIPPED[kind])]
    expect(ours).toMatchObject(shipped)
    expect(ours).toHaveProperty('authorizerError')
  })

  test('names no header, query, path or claim, which a client could write a quotation mark into', () => {
    const named = Object.values(ACCESS_LOG_FORMAT).flatMap((text) => text.match(/\$[\w.]+/g) ?? [])
    const safe =
      /^\$context\.(?:requestId|extendedRequestId|requestTimeEpoch|httpMethod|resourcePath|routeKey|status|responseLatency|error\.responseType|authorizer\.(?:code|decided_at|error|status|latency))$/
    expect(named.filter((name) => !safe.test(name))).toEqual([])
  })
})

test('an API that the configuration serves nowhere has its reason in the refusal', () => {
  const config = configOf(
    { senderConstraint: 'none' },
    {
      issuers: { main: { ...MAIN, senderConstraint: 'dpop' } },
      publicUrls: ['https://api.example.com'],
      routes: [ORDERS],
    },
  )
  expect(decideAuthorizer('webSocket', describedBy(config), {})).toEqual({
    problems: [expect.stringMatching(/^aws cannot serve a WebSocket API: every rule accepts bound tokens/)],
  })
})
