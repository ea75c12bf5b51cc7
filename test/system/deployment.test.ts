// The uploads of `npm run deploy:*`: the bundle of wrangler, the zip and the CloudFormation of osls, built for real and
// compared with what the configuration and the README promise.

import { exampleVariables } from '../support/local-variables.ts'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import config from '../../lanekeeper.config.ts'
import { readAtStart } from '../support/at-start.ts'
import { NOT_IN_LAMBDA, NOT_IN_WORKER } from '../support/bundle-names.ts'
import { unpackDeploymentPackage } from '../../local/api-gateway/index.ts'
import { buildEdges, ROOT, type Build } from '../../cli/build.ts'
import { checkDeployment, checkTables } from '../../cli/deployment-check.ts'
import { readTemplate } from '../../local/api-gateway/template.ts'
import { createRouteTable } from '../../shared/routes/route-table.ts'
import { resolveConfig } from '../../shared/index.ts'

interface Resource {
  readonly Type: string
  readonly Properties: Record<string, unknown>
  readonly DependsOn?: string | string[]
}

let directory: string
let build: Build
let resources: Record<string, Resource>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-deployment-'))
  build = await buildEdges(directory, new AbortController().signal, await exampleVariables())
  resources = JSON.parse(await readFile(build.template, 'utf8')).Resources
})

afterAll(() => rm(directory, { recursive: true }))

const ofType = (type: string) => Object.values(resources).filter((resource) => resource.Type === type)

describe('AWS', () => {
  test('functions run on Node 24 with little memory, a short timeout and logs that expire', () => {
    const functions = ofType('AWS::Lambda::Function')
    expect(functions.map(({ Properties: { Runtime, Handler } }) => [Runtime, Handler])).toEqual([
      ['nodejs24.x', 'dist/lambda/authorizer.handler'],
      ['nodejs24.x', 'dist/lambda/authorizer.handler'],
      ['nodejs24.x', 'dist/lambda/authorizer.handler'],
      ['nodejs24.x', 'dist/lambda/authorizer.handler'],
      ['nodejs24.x', 'dist/orders/orders.handler'],
      ['nodejs24.x', 'dist/orders/sockets.handler'],
    ])
    for (const { Properties } of functions) expect(Properties['Timeout']).toBeLessThan(10)
    const groups = ofType('AWS::Logs::LogGroup')
    expect(groups).toHaveLength(functions.length + 3)
    for (const { Properties } of groups) expect(Properties['RetentionInDays']).toBe(30)
  })

  test('answers are cached under the token, and under method and path unless one answer is for the whole API', () => {
    const rest = Object.fromEntries(
      ofType('AWS::ApiGateway::Authorizer').map(({ Properties }) => [Properties['Type'], Properties]),
    )
    expect(rest['TOKEN']).toMatchObject({
      AuthorizerResultTtlInSeconds: 300,
      IdentitySource: 'method.request.header.Authorization',
      IdentityValidationExpression: expect.stringMatching(/^\^.*\$$/),
    })
    expect(rest['REQUEST']).toMatchObject({
      AuthorizerResultTtlInSeconds: 300,
      IdentitySource: 'method.request.header.Authorization, context.httpMethod, context.path',
    })
    expect(ofType('AWS::ApiGatewayV2::Authorizer').map(({ Properties }) => Properties)).toMatchObject([
      { IdentitySource: ['route.request.header.Sec-WebSocket-Protocol'] },
      {
        AuthorizerResultTtlInSeconds: 300,
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: false,
        IdentitySource: [
          '$request.header.Authorization',
          '$context.httpMethod',
          '$context.path',
          '$context.routeKey',
        ],
      },
    ])
  })

  test('serverless.yml and the configuration say the same', () => {
    const model = readTemplate({ Resources: resources })
    const resolved = resolveConfig(config, { stage: 'production' })
    const nameOf = (id: string) =>
      String(model.functions.find(({ logicalId }) => logicalId === id)?.environment['LANEKEEPER_AUTHORIZER'])
    expect(checkDeployment(model, resolved, nameOf)).toEqual([])
    expect(checkTables(resolved)).toEqual([])
  })

  test('malformed tokens are refused before the TOKEN authorizer is called, and well-formed ones are not', () => {
    const [{ Properties } = { Properties: {} }] = ofType('AWS::ApiGateway::Authorizer').filter(
      (each) => each.Properties['Type'] === 'TOKEN',
    )
    const expression = new RegExp(
      String((Properties as Record<string, unknown>)['IdentityValidationExpression']),
    )
    for (const good of ['Bearer a.b-c_d.e', 'bearer opaque+/~==', 'Bearer  a'])
      expect(expression.test(good)).toBe(true)
    for (const junk of [
      'Basic a',
      'Bearer',
      'Bearer ',
      'Bearer\ta',
      'Bearer \ta',
      'Bearer\u00a0a',
      'Bearer a b',
      'Bearer a, Bearer b',
      'Bearer <a>',
      'xBearer a',
    ])
      expect([junk, expression.test(junk)]).toEqual([junk, false])
  })

  test('every refusal of the REST API has its gateway response, and the deployment comes after all of them', () => {
    const responses = Object.entries(resources).filter(
      ([, { Type }]) => Type === 'AWS::ApiGateway::GatewayResponse',
    )
    const stated = Object.fromEntries(
      responses.map(([, { Properties }]) => [
        Properties['ResponseType'],
        [Properties['StatusCode'], Object.keys(Properties['ResponseParameters'] as object)],
      ]),
    )
    const header = (name: string) => `gatewayresponse.header.${name}`
    for (const [type, status, headers] of [
      [
        'UNAUTHORIZED',
        '401',
        ['WWW-Authenticate', 'Access-Control-Allow-Origin', 'Access-Control-Expose-Headers'],
      ],
      [
        'ACCESS_DENIED',
        '403',
        ['WWW-Authenticate', 'Access-Control-Allow-Origin', 'Access-Control-Expose-Headers'],
      ],
      ['MISSING_AUTHENTICATION_TOKEN', '403', ['WWW-Authenticate', 'Access-Control-Allow-Origin']],
      ['AUTHORIZER_FAILURE', '503', ['Retry-After', 'Access-Control-Allow-Origin']],
      ['AUTHORIZER_CONFIGURATION_ERROR', '503', ['Retry-After', 'Access-Control-Allow-Origin']],
    ] as const)
      expect([type, stated[type]]).toEqual([type, [status, expect.arrayContaining(headers.map(header))]])
    const reached = new Set<string>()
    const follow = (id: string): void => {
      if (reached.has(id)) return
      reached.add(id)
      for (const next of [resources[id]?.DependsOn ?? []].flat()) follow(next)
    }
    follow(Object.keys(resources).find((id) => resources[id]!.Type === 'AWS::ApiGateway::Deployment')!)
    expect(responses).toHaveLength(5)
    expect(responses.map(([id]) => id).filter((id) => !reached.has(id))).toEqual([])
  })

  test('functions may write their own logs, the authorizers may read one secret, and no role may do more', () => {
    const roles = Object.fromEntries(
      Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
        Type === 'AWS::IAM::Role' ? [[id, JSON.stringify(Properties['Policies'])]] : [],
      ),
    )
    expect(Object.keys(roles).toSorted()).toEqual(['AuthorizerRole', 'BackendRole'])
    const actions = (text: string) =>
      [...text.matchAll(/"((?:[a-z-]+):[A-Z]\w+)"/g)].map(([, action]) => action)
    const logs = ['logs:CreateLogStream', 'logs:PutLogEvents']
    expect(actions(roles['BackendRole']!)).toEqual(logs)
    expect(actions(roles['AuthorizerRole']!)).toEqual([...logs, 'secretsmanager:GetSecretValue'])
    expect(roles['AuthorizerRole']).toContain(':secret:lanekeeper/local/introspection-??????"')
    expect(Object.values(roles).join()).not.toMatch(/"Resource":"\*"|\*:\*:\*/)
  })

  test('access logs tell a decision served from the cache by its time', () => {
    const settings = [
      ...ofType('AWS::ApiGatewayV2::Stage').map(({ Properties }) => Properties['AccessLogSettings']),
      ...ofType('AWS::ApiGateway::Deployment').map(
        ({ Properties }) => (Properties['StageDescription'] as Record<string, unknown>)['AccessLogSetting'],
      ),
    ] as { Format: string; DestinationArn: unknown }[]
    expect(settings.map(({ Format }) => JSON.parse(Format).api).toSorted()).toEqual([
      'http',
      'rest',
      'websocket',
    ])
    for (const { Format, DestinationArn } of settings) {
      expect(JSON.parse(Format)).toMatchObject({
        requestId: expect.stringMatching(/^\$context\.(requestId|extendedRequestId)$/),
        time: '$context.requestTimeEpoch',
        decidedAt: '$context.authorizer.decided_at',
      })
      const [, group] = /"(?:Fn::GetAtt":\[")?[^"]*?\$?\{?(\w+LogGroup)/.exec(JSON.stringify(DestinationArn))!
      expect(resources[group!]?.Type).toBe('AWS::Logs::LogGroup')
    }
  })

  test('every route of the HTTP API has a rule, and only public ones go without the authorizer', () => {
    const resolved = resolveConfig(config, { stage: 'production' })
    const table = createRouteTable(resolved.routes, resolved.limits.maxPathBytes)
    const routes = ofType('AWS::ApiGatewayV2::Route')
      .map(({ Properties }) => Properties)
      .filter(({ RouteKey }) => !String(RouteKey).startsWith('$'))
    expect(routes.length).toBeGreaterThan(3)
    for (const { RouteKey, AuthorizationType } of routes) {
      const [method = '', path = ''] = String(RouteKey).split(' ')
      const rule = table.match(method, path.replace(/\{[^}]+\}/g, 'x'))
      expect([RouteKey, 'code' in rule]).toEqual([RouteKey, false])
      if (!('code' in rule))
        expect([RouteKey, AuthorizationType === 'CUSTOM']).toEqual([RouteKey, rule.demand !== null])
    }
  })

  test('methods of the REST API go without an authorizer only where the rule is public', () => {
    const open = ofType('AWS::ApiGateway::Method').filter(
      ({ Properties }) =>
        Properties['AuthorizationType'] !== 'CUSTOM' && Properties['HttpMethod'] !== 'OPTIONS',
    )
    expect(open.map(({ Properties }) => Properties['ResourceId'])).toEqual([
      { Ref: 'ApiGatewayResourceHealth' },
    ])
  })

  test('preflights are answered without an authorizer, for every resource of the REST API and by the HTTP API', () => {
    const methods = ofType('AWS::ApiGateway::Method').map(({ Properties }) => Properties)
    const preflights = methods.filter(({ HttpMethod }) => HttpMethod === 'OPTIONS')
    const idsOf = (listed: typeof methods) => [
      ...new Set(listed.map(({ ResourceId }) => JSON.stringify(ResourceId))),
    ]
    expect(idsOf(preflights)).toEqual(idsOf(methods))
    for (const { AuthorizationType, Integration } of preflights)
      expect([AuthorizationType, (Integration as { Type: string }).Type]).toEqual(['NONE', 'MOCK'])
    const [http] = ofType('AWS::ApiGatewayV2::Api').filter(
      ({ Properties }) => Properties['ProtocolType'] === 'HTTP',
    )
    expect(http!.Properties['CorsConfiguration']).toMatchObject({
      AllowOrigins: ['*'],
      AllowHeaders: ['authorization', 'content-type'],
      AllowMethods: expect.arrayContaining(['GET', 'POST']),
    })
    const caught = ofType('AWS::ApiGatewayV2::Route').filter(({ Properties }) =>
      /^(ANY |OPTIONS |\$default$)/.test(String(Properties['RouteKey'])),
    )
    expect(caught.filter(({ Properties }) => Properties['AuthorizationType'] === 'CUSTOM')).toEqual([])
  })

  test('the zip has the authorizer and the demo, and nothing that the stage does not use', async () => {
    const code = join(directory, 'code')
    await unpackDeploymentPackage(build.archive, code)
    const authorizer = await readAtStart(join(code, 'dist/lambda/authorizer.mjs'))
    const chunks = await readdir(join(code, 'dist/lambda/chunks'))
    const [lookups, ...more] = chunks.filter((name) => name.startsWith('lookups-'))
    expect(more).toEqual([])
    const path = join(code, 'dist/lambda/chunks', lookups!)
    expect(authorizer.has(path)).toBe(false)
    expect([...authorizer.values()].join('')).toMatch(new RegExp(`import\\("\\./(?:chunks/)?${lookups}"\\)`))
    expect(chunks.filter((name) => name.startsWith('secrets-manager'))).toEqual([])
    for (const text of authorizer.values()) for (const name of NOT_IN_LAMBDA) expect(text).not.toContain(name)
    expect((await readdir(join(code, 'dist/orders'))).toSorted()).toEqual(['orders.mjs', 'sockets.mjs'])
  })
})

describe('Cloudflare', () => {
  test('the bundle has no Node module and nothing of AWS', async () => {
    const script = await readFile(build.workerScript, 'utf8')
    for (const name of NOT_IN_WORKER) expect(script).not.toContain(name)
    expect(script).toContain('cloudflare:workers')
    expect(script).not.toMatch(/passThroughOnException\s*\(/)
  })

  test('no setting that could let a request past the Worker is on', () => {
    const settings = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') }) as unknown as Record<
      string,
      unknown
    >
    expect(settings['workers_dev']).toBe(false)
    expect(settings['compatibility_flags']).toContain('global_fetch_strictly_public')
    expect(settings['cache']).toBeUndefined()
  })
})
