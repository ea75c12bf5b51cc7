// The resources of a SAM template as CloudFormation has them after the transform AWS::Serverless-2016-10-31, as far as
// the comparison reads them. `npm run test:deploy` compares the findings with those about the output of SAM's own
// translator.

import { isObject, isScalar, type JsonObject } from '../../../local/api-gateway/json.ts'
import { translateApi } from './api.ts'
import type { Kind } from './authorizers.ts'
import type { ApiEvent } from './body.ts'
import { withGlobals } from './globals.ts'
import { policiesOf } from './policies.ts'
import { translateWebSocketApi } from './web-socket-api.ts'

type Entries = (readonly [logicalId: string, resource: JsonObject])[]

export interface Translated {
  readonly resources: Entries
  /** What of the template is not read. */
  readonly unread: readonly string[]
}

const KINDS: Readonly<Record<string, Kind>> = { Api: 'REST', HttpApi: 'HTTP' }
const IMPLICIT = { REST: 'ServerlessRestApi', HTTP: 'ServerlessHttpApi' } as const
const REFERENCE = { REST: 'RestApiId', HTTP: 'ApiId' } as const

const PASSED = [
  'FunctionName',
  'Handler',
  'Runtime',
  'Timeout',
  'MemorySize',
  'Environment',
  'Layers',
  'PackageType',
  'ImageUri',
]

/** The resource that `Ref` names; `null`: it is another value. */
const referred = (value: unknown): string | null =>
  isObject(value) && typeof value['Ref'] === 'string'
    ? value['Ref']
    : typeof value === 'string'
      ? value
      : null

function translateFunction(
  id: string,
  properties: JsonObject,
): { entries: Entries; unknown: readonly string[] } {
  const passed = PASSED.flatMap((name) =>
    properties[name] === undefined ? [] : [[name, properties[name]] as const],
  )
  const roleId = `${id}Role`
  const { Role, AutoPublishAlias } = properties
  const { unknown, ...policies } = policiesOf(properties)
  const lambda = { ...Object.fromEntries(passed), Role: Role ?? { 'Fn::GetAtt': [roleId, 'Arn'] } }
  const { CodeUri } = properties
  // Where its code is beside the template, as the CDK says it.
  const metadata = typeof CodeUri === 'string' ? { Metadata: { 'aws:asset:path': CodeUri } } : {}
  return {
    unknown: Role === undefined ? unknown : [],
    entries: [
      [id, { Type: 'AWS::Lambda::Function', Properties: lambda, ...metadata }],
      ...(Role === undefined ? [[roleId, { Type: 'AWS::IAM::Role', Properties: policies }] as const] : []),
      ...(AutoPublishAlias === undefined
        ? []
        : [
            [
              `${id}Alias${String(AutoPublishAlias)}`,
              {
                Type: 'AWS::Lambda::Alias',
                Properties: { FunctionName: { Ref: id }, Name: AutoPublishAlias },
              },
            ] as const,
          ]),
    ],
  }
}

/** `Function.Alias` and `Api.Stage`, as names that SAM resolves in `Ref` and `Fn::Sub`. */
function renameReferences(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => renameReferences(each, names))
  if (!isObject(value)) return value
  const attribute = value['Fn::GetAtt']
  const given =
    typeof value['Ref'] === 'string' ? value['Ref'] : Array.isArray(attribute) ? attribute.join('.') : null
  const renamed = given === null || Object.keys(value).length !== 1 ? undefined : names.get(given)
  if (renamed !== undefined) return { Ref: renamed }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renameReferences(each, names)]))
}

interface Sam {
  readonly id: string
  readonly type: string
  readonly properties: JsonObject
  readonly condition: unknown
}

/** The events of all functions, by the API that has them. An event without an API belongs to the implicit one. */
function eventsByApi(
  functions: readonly Sam[],
  unread: string[],
): Map<string, { kind: Kind; events: ApiEvent[] }> {
  const byApi = new Map<string, { kind: Kind; events: ApiEvent[] }>()
  for (const { id, properties } of functions) {
    const { Events, AutoPublishAlias } = properties
    const functionArn =
      AutoPublishAlias === undefined
        ? { 'Fn::GetAtt': [id, 'Arn'] }
        : { Ref: `${id}Alias${String(AutoPublishAlias)}` }
    for (const [name, event] of Object.entries(isObject(Events) ? Events : {})) {
      const { Type, Properties } = isObject(event) ? event : {}
      const kind = typeof Type === 'string' && Object.hasOwn(KINDS, Type) ? KINDS[Type]! : null
      if (kind === null) continue
      const given = isObject(Properties) ? Properties : {}
      const api = given[REFERENCE[kind]]
      const apiId = api === undefined ? IMPLICIT[kind] : referred(api)
      if (apiId === null) {
        unread.push(`the event ${name} of ${id}, whose API is not in this template`)
        continue
      }
      const known = byApi.get(apiId) ?? { kind, events: [] }
      known.events.push({ functionId: id, functionArn, properties: given })
      byApi.set(apiId, known)
    }
  }
  return byApi
}

export const isOfSam = (resource: unknown): boolean =>
  isObject(resource) && String(resource['Type']).startsWith('AWS::Serverless::')

/** `resources`: evaluated as far as they can be. */
export function translateSam(resources: JsonObject, globals: JsonObject): Translated {
  const unread: string[] = []
  const entries: Entries = []
  const names = new Map<string, string>()
  const all = Object.entries(resources).flatMap(([id, resource]): Sam[] => {
    if (!isObject(resource)) return []
    const type = String(resource['Type'])
    return [
      {
        id,
        type,
        properties: withGlobals(type, resource['Properties'], globals),
        condition: resource['Condition'],
      },
    ]
  })
  const ofType = (type: string) => all.filter((each) => each.type === `AWS::Serverless::${type}`)
  const add = (added: Entries, condition: unknown) => {
    for (const [id, resource] of added)
      entries.push([id, condition === undefined ? resource : { ...resource, Condition: condition }])
  }

  const functions = ofType('Function')
  for (const { id, properties, condition } of functions) {
    const { entries: added, unknown } = translateFunction(id, properties)
    add(added, condition)
    for (const name of unknown) unread.push(`the policy template ${name} of ${id}`)
    const { AutoPublishAlias } = properties
    if (isScalar(AutoPublishAlias)) names.set(`${id}.Alias`, `${id}Alias${String(AutoPublishAlias)}`)
    names.set(`${id}.Role`, `${id}Role`)
  }

  const events = eventsByApi(functions, unread)
  const apis = [...ofType('Api'), ...ofType('HttpApi')]
  for (const { id, type, properties, condition } of apis) {
    const kind = type === 'AWS::Serverless::Api' ? 'REST' : 'HTTP'
    const { resources: added, stageId } = translateApi(id, properties, events.get(id)?.events ?? [], kind)
    add(added, condition)
    names.set(`${id}.Stage`, stageId)
  }
  for (const [apiId, { kind, events: own }] of events) {
    if (apis.some(({ id }) => id === apiId)) continue
    if (apiId !== IMPLICIT[kind]) {
      unread.push(`the routes of the API ${apiId}, which is no API of SAM in this template`)
      continue
    }
    const properties = withGlobals(`AWS::Serverless::${kind === 'REST' ? 'Api' : 'HttpApi'}`, {}, globals)
    add(translateApi(apiId, properties, own, kind).resources, undefined)
  }
  for (const { id, properties, condition } of ofType('WebSocketApi'))
    add(translateWebSocketApi(id, properties), condition)
  for (const { id, properties, condition } of ofType('SimpleTable')) {
    const { TableName } = properties
    add(
      [[id, { Type: 'AWS::DynamoDB::Table', Properties: TableName === undefined ? {} : { TableName } }]],
      condition,
    )
  }
  for (const { id } of ofType('Connector')) unread.push(`the permissions of the connector ${id}`)
  const others = Object.entries(resources).filter(([, resource]) => !isOfSam(resource)) as Entries
  return {
    resources: renameReferences([...others, ...entries], names) as Entries,
    unread,
  }
}
