// What CDK and SAM have written has no finding. Each row changes one thing in it, and has the one finding that names it.

import { describe, expect, test } from 'vitest'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { checkFiles, CONFIG, readFixture } from './check-file.ts'

type Change = (resources: any, template: any) => void
type Row = readonly [what: string, change: Change, finding: RegExp]

const AUTHORIZER = 'AuthorizerBD825682'
const ROLE = 'AuthorizerServiceRoleB8F38EC9'

const changed = (text: string, change: Change): unknown => {
  const template = JSON.parse(text)
  change(template.Resources, template)
  return template
}

const withoutNotes = (findings: readonly string[]) => findings.filter((text) => !text.startsWith('note: '))

/** A row adds one finding, whose severity decides about the exit code. */
function describeRows(name: string, fixture: string, config: LanekeeperConfig, rows: readonly Row[]) {
  describe(name, () => {
    const text = readFixture(fixture)
    test('as it was written', async () => {
      const { exitCode, findings } = await checkFiles({ 'a.template.json': text }, config)
      expect([exitCode, withoutNotes(findings)]).toEqual([0, []])
    })
    test.each(rows)('%s', async (_, change, finding) => {
      const { exitCode, findings } = await checkFiles({ 'a.template.json': changed(text, change) }, config)
      expect(withoutNotes(findings)).toEqual([expect.stringMatching(finding)])
      expect(exitCode).toBe(finding.source.startsWith('^problem') ? 1 : 0)
    })
  })
}

/** Resources of the HTTP API. */
const http = { authorizer: 'ApiLanekeeper935408BB', route: 'ApiGETorders65B0F255', api: 'ApiF70053CD' }
const permissionOf = (resources: any): any =>
  Object.entries<any>(resources).find(
    ([, { Type, Properties }]) =>
      Type === 'AWS::Lambda::Permission' && JSON.stringify(Properties.SourceArn).includes('/authorizers/'),
  )
const statement = (Action: unknown, Resource: unknown) => ({
  PolicyName: 'more',
  PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource }] },
})

/** A route that nobody guards. */
const open = (route: any): any => {
  const { AuthorizerId: _, ...properties } = route.Properties
  return { ...route, Properties: { ...properties, AuthorizationType: 'NONE' } }
}
/** The route with the authorizer at another path, so that the template still has an authorizer. */
const other = (route: any): any => ({ ...route, Properties: { ...route.Properties, RouteKey: 'GET /more' } })

const httpConfig = {
  ...CONFIG,
  routes: [...CONFIG.routes, { path: '/more', methods: ['GET'], scope: 'none' }],
} satisfies LanekeeperConfig

describeRows('an HTTP API of CDK', 'cdk-http.json', CONFIG, [
  [
    'no identity source',
    (r) => void (r[http.authorizer].Properties.IdentitySource = ['$request.header.X-Token']),
    /^problem: HTTP authorizer .* does not have the Authorization field among its identity sources; add \$request\.header\.Authorization \(ApiLanekeeper935408BB\.IdentitySource; CDK: identitySources, identitySource\)$/,
  ],
  [
    'policies in place of simple responses',
    (r) => void (r[http.authorizer].Properties.EnableSimpleResponses = false),
    /^problem: .* expects policies and httpApiResponse is simple; .*CDK: responseTypes\)$/,
  ],
  [
    'no permission',
    (r) => void delete r[permissionOf(r)[0]],
    /^problem: .* has no permission to invoke its function, so API Gateway answers 500 to every request; /,
  ],
  [
    'the permission of another API',
    (r) => void (permissionOf(r)[1].Properties.SourceArn['Fn::Join'][1][7] = 'other'),
    /^problem: .* has no permission to invoke its function: that of Api\w+ does not cover authorizers\/\* of this API/,
  ],
  [
    'the permission of another principal',
    (r) => void (permissionOf(r)[1].Properties.Principal = 's3.amazonaws.com'),
    /^problem: .* has no permission to invoke its function, so/,
  ],
  [
    'a permission for an alias',
    (r) => void (permissionOf(r)[1].Properties.FunctionName = { 'Fn::Sub': `\${${AUTHORIZER}.Arn}:live` }),
    /^problem: .* has a permission for another version or alias/,
  ],
  [
    'a permission for every API',
    (r) => void delete permissionOf(r)[1].Properties.SourceArn,
    /^warning: permission \w+: lets every API of every account ask the authorizer; name the API in SourceArn/,
  ],
  [
    'a permission for every API of the account',
    (r) => {
      const { SourceArn: _, ...others } = permissionOf(r)[1].Properties
      permissionOf(r)[1].Properties = { ...others, SourceAccount: { Ref: 'AWS::AccountId' } }
    },
    /^warning: permission \w+: lets other APIs ask the authorizer/,
  ],
  [
    'an old runtime',
    (r) => void (r[AUTHORIZER].Properties.Runtime = 'nodejs20.x'),
    /^problem: function AuthorizerBD825682: has the runtime nodejs20\.x, and the authorizer needs Node\.js 22 or newer/,
  ],
  [
    'another language',
    (r) => void (r[AUTHORIZER].Properties.Runtime = 'python3.13'),
    /^problem: function AuthorizerBD825682: has the runtime python3\.13/,
  ],
  [
    'the time limit that Lambda has by itself',
    (r) => void delete r[AUTHORIZER].Properties.Timeout,
    /^warning: function AuthorizerBD825682: is ended after 3 s, before its own limit of 7 s.*CDK: timeout\)$/,
  ],
  [
    'an entry that the configuration does not have',
    (r) => void (r[AUTHORIZER].Properties.Environment = { Variables: { LANEKEEPER_AUTHORIZER: 'http' } }),
    /^problem: .* runs with LANEKEEPER_AUTHORIZER http, and the configuration has no aws\.authorizers/,
  ],
  [
    'an entry that only the deployment knows',
    (r) =>
      void (r[AUTHORIZER].Properties.Environment = {
        Variables: { LANEKEEPER_AUTHORIZER: { 'Fn::ImportValue': 'name' } },
      }),
    /^problem: function AuthorizerBD825682: has a LANEKEEPER_AUTHORIZER that only the deployment knows/,
  ],
  [
    'a stage that the configuration does not have',
    (r) => void (r[AUTHORIZER].Properties.Environment = { Variables: { LANEKEEPER_STAGE: 'blue' } }),
    /^problem: function AuthorizerBD825682: is deployed with LANEKEEPER_STAGE blue, and the configuration has no stages; take it out of the template/,
  ],
  [
    'the rights of an administrator',
    (r) => void (r[ROLE].Properties.Policies = [statement('*', '*')]),
    /^problem: role AuthorizerServiceRoleB8F38EC9 of AuthorizerBD825682: may do everything in the account; .*CDK: addToRolePolicy/,
  ],
  [
    'the managed policy of an administrator',
    (r) => void r[ROLE].Properties.ManagedPolicyArns.push('arn:aws:iam::aws:policy/AdministratorAccess'),
    /^problem: .* may do everything in the account \(AdministratorAccess\)/,
  ],
  [
    'a role that everybody may assume',
    (r) => void (r[ROLE].Properties.AssumeRolePolicyDocument.Statement[0].Principal = { AWS: '*' }),
    /^problem: role AuthorizerServiceRoleB8F38EC9 of AuthorizerBD825682: lets everybody assume it; /,
  ],
  [
    'a role that every account may assume under a condition',
    (r) =>
      void Object.assign(r[ROLE].Properties.AssumeRolePolicyDocument.Statement[0], {
        Principal: '*',
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      }),
    /^warning: .* lets every account, under a condition, assume it; /,
  ],
  [
    'every action on tables',
    (r) => void (r[ROLE].Properties.Policies = [statement('dynamodb:*', 'arn:aws:dynamodb:*:*:table/x')]),
    /^warning: .* allows more than an authorizer needs: dynamodb:\*; take it out/,
  ],
  [
    'every secret',
    (r) => void (r[ROLE].Properties.Policies = [statement('secretsmanager:GetSecretValue', '*')]),
    /^warning: .* allows more than an authorizer needs: secretsmanager on every secret/,
  ],
  [
    'preflights without the Authorization field',
    (r) => void (r[http.api].Properties.CorsConfiguration.AllowHeaders = ['*']),
    /^warning: HTTP API ApiF70053CD: answers preflights that do not allow the Authorization field, so browsers send no token/,
  ],
  [
    'credentials for every origin',
    (r) =>
      Object.assign(r[http.api].Properties.CorsConfiguration, {
        AllowOrigins: ['*'],
        AllowCredentials: true,
      }),
    /^problem: HTTP API ApiF70053CD: allows credentials to every origin/,
  ],
  [
    'a custom domain beside the default endpoint',
    (r) => {
      r.Domain = { Type: 'AWS::ApiGatewayV2::DomainName', Properties: { DomainName: 'api.example.com' } }
      r.Mapping = {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        Properties: { ApiId: { Ref: http.api }, DomainName: { Ref: 'Domain' } },
      }
    },
    /^warning: HTTP API ApiF70053CD: has a custom domain, and its default execute-api endpoint is open/,
  ],
  [
    'a custom domain that asks for client certificates',
    (r) => {
      r.Domain = {
        Type: 'AWS::ApiGatewayV2::DomainName',
        Properties: {
          DomainName: 'api.example.com',
          MutualTlsAuthentication: { TruststoreUri: 's3://bucket/ca' },
        },
      }
      r.Mapping = {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        Properties: { ApiId: { Ref: http.api }, DomainName: 'api.example.com' },
      }
    },
    /^problem: HTTP API ApiF70053CD: has its default execute-api endpoint open, and its custom domain asks for client certificates/,
  ],
  [
    'a condition that only the deployment knows',
    (r, t) => {
      t.Conditions = { IsEast: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } }
      r[http.authorizer].Properties.AuthorizerResultTtlInSeconds = { 'Fn::If': ['IsEast', 0, 300] }
    },
    /^problem: a\.template\.json: is compared only in part: ApiLanekeeper935408BB: AuthorizerResultTtlInSeconds: Fn::If is not resolved here/,
  ],
  [
    'a resource that may not be deployed',
    (r, t) => {
      t.Conditions = { IsEast: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } }
      r[http.route].Condition = 'IsEast'
    },
    /^problem: a\.template\.json: is compared only in part: ApiGETorders65B0F255: a resource Condition is not evaluated/,
  ],
  [
    'the API of another template',
    (r) => {
      r.Foreign = structuredClone(r[http.route])
      r.Foreign.Properties.ApiId = { 'Fn::ImportValue': 'api' }
    },
    /^problem: API \{"Fn::ImportValue":"api"\}: has routes or authorizers here and is in another template/,
  ],
  [
    'a nested stack that is not here',
    (r) =>
      void (r.Nested = { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://s3/x' } }),
    /^warning: a\.template\.json: is compared without the nested stack Nested, whose template is no file here/,
  ],
  [
    'resources that are included',
    (r) =>
      void (r['Fn::Transform'] = { Name: 'AWS::Include', Parameters: { Location: 's3://bucket/more.yaml' } }),
    /^warning: a\.template\.json: is compared without the resources that Fn::Transform includes/,
  ],
  [
    'a template with something included',
    (_, t) =>
      void (t['Fn::Transform'] = { Name: 'AWS::Include', Parameters: { Location: 's3://bucket/more.yaml' } }),
    /^warning: a\.template\.json: is compared without what Fn::Transform includes in it/,
  ],
  [
    'a loop of other resources',
    (r) => void (r['Fn::ForEach::Topics'] = ['N', ['a'], { 'Topic${N}': { Type: 'AWS::SNS::Topic' } }]),
    /^warning: a\.template\.json: is compared without the resources of Fn::ForEach::Topics/,
  ],
  [
    'a loop of routes',
    (r) =>
      void (r['Fn::ForEach::Routes'] = ['N', ['a'], { 'Route${N}': { Type: 'AWS::ApiGatewayV2::Route' } }]),
    /^problem: a\.template\.json: has resources of API Gateway that are not compared \(the resources of Fn::ForEach::Routes\)/,
  ],
  [
    'a macro',
    (_, t) => void (t.Transform = ['MyMacro']),
    /^warning: a\.template\.json: is compared without what the transform MyMacro makes of it/,
  ],
])

test.each<Row>([
  [
    'a route without the authorizer',
    (r) =>
      Object.assign(r, { [http.route]: open(r[http.route]), [`${http.route}Other`]: other(r[http.route]) }),
    /^problem: HTTP route GET \/orders: has no authorizer, and the rule GET \/orders requires a token; give it one \(ApiGETorders65B0F255\.AuthorizerId; CDK: authorizer\)$/,
  ],
  [
    'a route with IAM',
    (r) =>
      Object.assign(r, {
        [http.route]: {
          ...open(r[http.route]),
          Properties: { ...r[http.route].Properties, AuthorizationType: 'AWS_IAM' },
        },
        [`${http.route}Other`]: other(r[http.route]),
      }),
    /^problem: HTTP route GET \/orders: is decided by AWS_IAM without Lanekeeper/,
  ],
])('%s', async (_, change, finding) => {
  const template = changed(readFixture('cdk-http.json'), change)
  const { exitCode, findings } = await checkFiles({ 'a.template.json': template }, httpConfig)
  expect([exitCode, withoutNotes(findings)]).toEqual([1, [expect.stringMatching(finding)]])
})

test('the lifetime that CDK has by itself, and a key that is too short for it', async () => {
  const change: Change = (r) => void (r[http.authorizer].Properties.AuthorizerResultTtlInSeconds = 300)
  const { findings } = await checkFiles({ 'a.template.json': changed(readFixture('cdk-http.json'), change) })
  expect(withoutNotes(findings)).toEqual([
    expect.stringMatching(
      /add the identity sources \$context\.httpMethod and \$context\.path and \$context\.routeKey/,
    ),
    expect.stringMatching(/caches answers for 300 s and the configuration says 0; .*CDK: resultsCacheTtl\)$/),
    expect.stringMatching(/^warning: .* caches simple responses/),
  ])
})

const secretConfig = {
  ...CONFIG,
  issuers: {
    main: {
      ...CONFIG.issuers.main,
      introspection: {
        endpoint: 'https://login.example.com/introspect',
        authentication: 'client_secret_basic',
        clientId: 'orders',
        secret: { secretsManager: 'lanekeeper/introspection' },
      },
    },
  },
  revocation: { dynamodb: { table: 'revocations' } },
} as unknown as LanekeeperConfig

describe('what the configuration needs of the role', () => {
  const secret = 'arn:aws:secretsmanager:eu-west-1:210987654321:secret:lanekeeper/introspection-??????'
  const both = [
    statement('secretsmanager:GetSecretValue', secret),
    statement('dynamodb:BatchGetItem', { 'Fn::GetAtt': ['Table', 'Arn'] }),
  ]
  const roleWith = (Policies: unknown, TableName: unknown = 'revocations') =>
    changed(readFixture('cdk-http.json'), (r) => {
      r[ROLE].Properties.Policies = Policies
      r.Table = { Type: 'AWS::DynamoDB::Table', Properties: { TableName } }
    })
  const find = async (template: unknown) => {
    const { findings } = await checkFiles({ 'a.template.json': template }, secretConfig)
    return withoutNotes(findings).filter((text) => text.includes('role '))
  }

  test('is allowed', async () => expect(await find(roleWith(both))).toEqual([]))

  test.each<[string, unknown, RegExp]>([
    [
      'no secret',
      roleWith([both[1]]),
      /^problem: .* does not allow secretsmanager:GetSecretValue on the secret lanekeeper\/introspection \(issuers\.main\), so/,
    ],
    [
      'no table',
      roleWith([both[0]]),
      /^problem: .* does not allow dynamodb:BatchGetItem on the table revocations/,
    ],
    ['another table', roleWith(both, 'others'), /^problem: .* does not allow dynamodb:BatchGetItem/],
    [
      'a table whose name the deployment chooses',
      roleWith(both, { 'Fn::ImportValue': 'x' }),
      /^warning: .* allows dynamodb:BatchGetItem on the table revocations \(revocation\.dynamodb\) or not: only the deployment knows/,
    ],
    [
      'another secret',
      roleWith([
        statement('secretsmanager:GetSecretValue', secret.replace('introspection', 'other')),
        both[1],
      ]),
      /^problem: .* does not allow secretsmanager:GetSecretValue/,
    ],
    [
      'a denial',
      roleWith([
        ...both,
        { PolicyDocument: { Statement: [{ Effect: 'Deny', Action: 'dynamodb:*', Resource: '*' }] } },
      ]),
      /^problem: .* does not allow dynamodb:BatchGetItem/,
    ],
  ])('%s', async (_, template, finding) => {
    expect(await find(template)).toEqual([expect.stringMatching(finding)])
  })
})

const rest = { authorizer: 'LanekeeperA31B7B8A', api: 'ApiF70053CD' }
const responseOf = (resources: any, type: string): any =>
  Object.values<any>(resources).find(({ Properties }) => Properties?.ResponseType === type).Properties
const withoutResponse = (type: string) => (resources: any) => {
  const [id] = Object.entries<any>(resources).find(([, { Properties }]) => Properties?.ResponseType === type)!
  delete resources[id]
}

describeRows('a REST API of CDK', 'cdk-rest.json', { ...CONFIG, aws: { resultTtlSeconds: 300 } }, [
  [
    'another lifetime than the configuration says',
    (r) => void (r[rest.authorizer].Properties.AuthorizerResultTtlInSeconds = 60),
    /^problem: REST authorizer .* caches answers for 60 s and the configuration says 300.*CDK: resultsCacheTtl\)$/,
  ],
  [
    'a key without the path',
    (r) =>
      void (r[rest.authorizer].Properties.IdentitySource =
        'method.request.header.Authorization,context.httpMethod'),
    /^problem: .* add the identity source context\.path/,
  ],
  [
    'an identity source of this event',
    (r) => void (r[rest.authorizer].Properties.AuthorizerCredentials = { 'Fn::GetAtt': [ROLE, 'Arn'] }),
    /^problem: .* is called with the role AuthorizerServiceRoleB8F38EC9, which may not invoke its function/,
  ],
  ['no UNAUTHORIZED', withoutResponse('UNAUTHORIZED'), /^warning: .* has no gateway response UNAUTHORIZED/],
  [
    'no ACCESS_DENIED',
    withoutResponse('ACCESS_DENIED'),
    /^warning: .* has no gateway response ACCESS_DENIED/,
  ],
  [
    'no AUTHORIZER_FAILURE',
    withoutResponse('AUTHORIZER_FAILURE'),
    /^warning: .* has no gateway response AUTHORIZER_FAILURE, so a client that could try again gets 500/,
  ],
  [
    'no AUTHORIZER_CONFIGURATION_ERROR',
    withoutResponse('AUTHORIZER_CONFIGURATION_ERROR'),
    /^warning: .* has no gateway response AUTHORIZER_CONFIGURATION_ERROR/,
  ],
  [
    'a failure with another status',
    (r) => void (responseOf(r, 'AUTHORIZER_FAILURE').StatusCode = '500'),
    /^warning: .* answers AUTHORIZER_FAILURE with the status 500; make it 503/,
  ],
  [
    'a refusal that looks like a success',
    (r) => void (responseOf(r, 'ACCESS_DENIED').StatusCode = '200'),
    /^problem: .* answers ACCESS_DENIED, a refusal, with the status 200/,
  ],
  [
    'a refusal without a challenge',
    (r) =>
      void delete responseOf(r, 'UNAUTHORIZED').ResponseParameters['gatewayresponse.header.WWW-Authenticate'],
    /^warning: .* answers UNAUTHORIZED without WWW-Authenticate/,
  ],
  [
    'a challenge that names no scope',
    (r) =>
      void (responseOf(r, 'ACCESS_DENIED').ResponseParameters['gatewayresponse.header.WWW-Authenticate'] =
        "'Bearer'"),
    /^warning: .* answers ACCESS_DENIED with a challenge of its own/,
  ],
  [
    'a refusal that no page can read',
    (r) =>
      void delete responseOf(r, 'UNAUTHORIZED').ResponseParameters[
        'gatewayresponse.header.Access-Control-Allow-Origin'
      ],
    /^warning: .* answers preflights, and UNAUTHORIZED without Access-Control-Allow-Origin, so the page of a browser/,
  ],
  [
    'preflights behind the authorizer',
    (r) =>
      Object.assign(r.ApiordersOPTIONSD9A07A83.Properties, {
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: rest.authorizer },
      }),
    /^warning: REST route OPTIONS \/orders: asks for a token, which preflights do not carry/,
  ],
  [
    'preflights without the Authorization field',
    (r) =>
      void (r.ApiordersOPTIONSD9A07A83.Properties.Integration.IntegrationResponses[0].ResponseParameters[
        'method.response.header.Access-Control-Allow-Headers'
      ] = "'*'"),
    /^warning: .* answers a preflight without the Authorization field among the allowed headers/,
  ],
])

const socketConfig = {
  ...CONFIG,
  routes: [{ path: '$connect', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  aws: { strategy: 'off', webSocketToken: 'protocol' },
} satisfies LanekeeperConfig

describeRows('a WebSocket API of CDK', 'cdk-sockets.json', socketConfig, [
  [
    'another identity source',
    (r) => void (r[http.authorizer].Properties.IdentitySource = ['route.request.header.Authorization']),
    /^problem: WebSocket authorizer .* make route\.request\.header\.Sec-WebSocket-Protocol its identity source/,
  ],
  ['no permission', (r) => void delete r[permissionOf(r)[0]], /^problem: .* has no permission to invoke/],
])

test('two stacks are compared together, and one of them only in part', async () => {
  const files = {
    'Split.json': readFixture('cdk-split.json'),
    'Functions.json': readFixture('cdk-functions.json'),
  }
  const both = await checkFiles(files, CONFIG, ['--template', 'Split.json', '--template', 'Functions.json'])
  expect([both.exitCode, both.findings.filter((text) => !text.startsWith('note'))]).toEqual([0, []])
  const one = await checkFiles(files, CONFIG, ['--template', 'Split.json'])
  expect([one.exitCode, one.findings.join()]).toEqual([
    1,
    expect.stringContaining('Fn::ImportValue is not resolved'),
  ])
})
