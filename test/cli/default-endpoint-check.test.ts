// The findings about the default endpoint of an API whose tokens are bound to client certificates.

import { describe, expect, test } from 'vitest'
import { checkDefaultEndpoints } from '../../cli/default-endpoint-check.ts'
import { readModel } from '../../local/api-gateway/template.ts'
import {
  resolveConfig,
  type AwsConfig,
  type IssuerConfig,
  type LanekeeperConfig,
  type RouteRule,
} from '../../shared/index.ts'
import {
  httpTemplate,
  restTemplate,
  socketTemplate,
  type Resources,
} from '../local/api-gateway/template-builder.ts'

type Demand = NonNullable<IssuerConfig['senderConstraint']>

interface Configured {
  readonly issuer?: Demand
  readonly route?: Partial<RouteRule>
  readonly mtls?: LanekeeperConfig['mtls']
  readonly aws?: AwsConfig
  /** LANEKEEPER_AUTHORIZER of the function. */
  readonly name?: string
}

function findingsOf(
  template: unknown,
  { issuer = 'mtls', route, mtls, aws = { strategy: 'off' }, name }: Configured = {},
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
      { path: '/health', methods: ['GET'], public: true },
      { path: '/orders', methods: ['GET'], scope: 'none', ...route } as RouteRule,
    ],
    aws,
    ...(mtls && { mtls }),
  })
  const { model } = readModel(template)
  return checkDefaultEndpoints(template, model, config, mtls, () => name).map(
    ({ severity, subject, message }) => `${severity}: ${subject}: ${message}`,
  )
}

/** A template whose API has this value for DisableExecuteApiEndpoint; `undefined`: none. */
const withValue = ({ Resources }: { Resources: Resources }, api: 'Rest' | 'Http', value?: unknown) => ({
  Parameters: { Closed: { Type: 'String', Default: 'true' } },
  Conditions: { IsClosed: { 'Fn::Equals': ['a', 'a'] } },
  Resources: {
    ...Resources,
    [api]: {
      ...Resources[api]!,
      Properties: {
        ...Resources[api]!.Properties,
        ...(value === undefined ? {} : { DisableExecuteApiEndpoint: value }),
      },
    },
  },
})

const request = restTemplate({
  authorizer: { Type: 'REQUEST', IdentitySource: 'method.request.header.Authorization' },
})
const rest = (value?: unknown) => withValue(request, 'Rest', value)
const http = (value?: unknown) => withValue(httpTemplate(), 'Http', value)

const OPEN = 'has its default execute-api endpoint open, which asks for no client certificate'
const remedyOf = (section: string) =>
  `set provider.${section}.disableDefaultEndpoint: true (DisableExecuteApiEndpoint), and have clients call its custom domain`
const [REST, HTTP] = [remedyOf('apiGateway'), remedyOf('httpApi')]
const refusal = (api: string, remedy: string) =>
  `problem: ${api}: ${OPEN}, and tokens that are bound to one are accepted for GET /orders; ${remedy}`

describe.each([
  ['REST API Rest', rest, REST],
  ['HTTP API Http', http, HTTP],
] as const)('%s', (subject, template, remedy) => {
  test.each<[open: string, value: unknown]>([
    ['no value', undefined],
    ['false', false],
    ['"false"', 'false'],
    ['"True"', 'True'],
    ['1', 1],
    ['a list', ['true']],
    ['a parameter, whatever its default', { Ref: 'Closed' }],
    ['a condition', { 'Fn::If': ['IsClosed', true, false] }],
    ['a text with a parameter', { 'Fn::Sub': '${Closed}' }],
  ])('is open with %s', (_, value) => {
    expect(findingsOf(template(value))).toEqual([refusal(subject, remedy)])
  })

  test.each([true, 'true'])('is closed with %j', (value) => {
    expect(findingsOf(template(value))).toEqual([])
  })

  test.each<[Configured]>([
    [{ issuer: 'mtls' }],
    [{ issuer: 'any', route: { senderConstraint: 'mtls' } }],
    [{ issuer: 'bound', route: { senderConstraint: 'mtls' } }],
    [{ issuer: 'any', mtls: {} }],
    [{ issuer: 'bound', mtls: { trust: 'possession' } }],
  ])('is a problem with %j', (configured) => {
    expect(findingsOf(template(), configured)).toEqual([refusal(subject, remedy)])
    expect(findingsOf(template(true), configured)).toEqual([])
  })

  test.each<[Demand]>([['any'], ['bound']])(
    'is a warning with %s and no section, which may be meant for DPoP alone',
    (issuer) => {
      expect(findingsOf(template(), { issuer })).toEqual([
        `warning: ${subject}: ${OPEN}, so a token that is bound to one is refused there (GET /orders); if there are such tokens, ${remedy}`,
      ])
      expect(findingsOf(template(true), { issuer })).toEqual([])
    },
  )

  test.each<[Configured]>([
    [{ issuer: 'none' }],
    [{ issuer: 'dpop' }],
    [{ issuer: 'any', route: { senderConstraint: 'none' } }],
    [{ issuer: 'mtls', aws: { senderConstraint: 'none' } }],
    [
      {
        issuer: 'mtls',
        name: 'plain',
        aws: { authorizers: { plain: { senderConstraint: 'none' }, bound: { strategy: 'off' } } },
      },
    ],
  ])('is not looked at with %j', (configured) => {
    expect(findingsOf(template(), configured)).toEqual([])
  })

  test('is a problem for the function that accepts bound tokens', () => {
    const authorizers = { plain: { senderConstraint: 'none' }, bound: { strategy: 'off' } } as const
    expect(findingsOf(template(), { aws: { authorizers }, name: 'bound' })).toEqual([
      refusal(subject, remedy),
    ])
  })

  test('may be the one that the proxy of mtls.header calls', () => {
    const guard = { header: 'x-proxy-secret', secret: { secretsManager: 'proxy' } }
    const mtls = { header: { name: 'client-cert', format: 'rfc9440', guard } } as const
    for (const issuer of ['mtls', 'any'] as const) {
      expect(findingsOf(template(), { issuer, mtls })).toEqual([
        `note: ${subject}: ${OPEN}; a client certificate counts there beside the secret of mtls.header.guard alone; if the proxy calls another domain, ${remedy}`,
      ])
      expect(findingsOf(template(true), { issuer, mtls })).toEqual([])
    }
  })
})

test('a TOKEN authorizer and a WebSocket API accept no such token, whatever their endpoint', () => {
  const socket = { path: '$connect', methods: ['GET'] }
  expect(findingsOf(restTemplate())).toEqual([])
  expect(findingsOf(request)).toHaveLength(1)
  expect(findingsOf(socketTemplate(), { route: socket })).toEqual([])
})

test('each API has a finding of its own', () => {
  const both = { Resources: { ...rest().Resources, ...http(true).Resources } }
  expect(findingsOf(both)).toEqual([refusal('REST API Rest', REST)])
  const open = { Resources: { ...rest().Resources, ...http().Resources } }
  expect(findingsOf(open)).toEqual([refusal('REST API Rest', REST), refusal('HTTP API Http', HTTP)])
})

describe('an API of another template', () => {
  const seen = (api: string) =>
    `note: ${api}: is not in this template, so its default execute-api endpoint is not looked at; have it disabled where tokens are bound to client certificates (docs/mtls.md)`

  /** The template without its API; what refers to the API names this id. */
  function sharing({ Resources }: { Resources: Resources }, api: 'Rest' | 'Http', id: unknown) {
    const { [api]: _, ...others } = Resources
    const changed = Object.entries(others).map(([name, { Type, Properties }]) => [
      name,
      {
        Type,
        Properties: Object.fromEntries(
          Object.entries(Properties).map(([member, value]) => [
            member,
            member === 'RestApiId' || member === 'ApiId' ? id : value,
          ]),
        ),
      },
    ])
    return {
      Parameters: { Id: { Type: 'String', Default: 'a1b2c3' } },
      Resources: Object.fromEntries(changed),
    }
  }

  test.each<[string, unknown, string]>([
    ['by its id', 'a1b2c3d4e5', 'a1b2c3d4e5'],
    ['by an export', { 'Fn::ImportValue': 'shared-api' }, '{"Fn::ImportValue":"shared-api"}'],
    ['by a parameter', { Ref: 'Id' }, '{"Ref":"Id"}'],
  ])('is noted: %s', (_, id, shown) => {
    expect(findingsOf(sharing(request, 'Rest', id))).toEqual([seen(`REST API ${shown}`)])
    expect(findingsOf(sharing(httpTemplate(), 'Http', id))).toEqual([seen(`HTTP API ${shown}`)])
  })

  test('is none that this template has', () => {
    const byAttribute = {
      Resources: {
        ...rest(true).Resources,
        Method0: {
          ...request.Resources['Method0']!,
          Properties: {
            ...request.Resources['Method0']!.Properties,
            RestApiId: { 'Fn::GetAtt': ['Rest', 'RestApiId'] },
          },
        },
      },
    }
    expect(findingsOf(byAttribute)).toEqual([])
  })

  test('is not noted without an authorizer there, for a WebSocket API, or without such tokens', () => {
    const open = restTemplate({ methods: ['GET /orders open'] })
    expect(findingsOf(sharing(open, 'Rest', 'a1b2c3d4e5'))).toEqual([])
    expect(findingsOf(sharing(socketTemplate(), 'Http', 'a1b2c3d4e5'))).toEqual([])
    expect(findingsOf(sharing(request, 'Rest', 'a1b2c3d4e5'), { issuer: 'dpop' })).toEqual([])
  })
})
