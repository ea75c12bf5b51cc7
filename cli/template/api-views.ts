// Templates with one API of each kind, because the model of a template (local/api-gateway/model.ts) has no more. Every
// view has all functions, and the resources of its own APIs.

import { isObject, type JsonObject } from '../../local/api-gateway/json.ts'
import type { Model } from '../../local/api-gateway/model.ts'
import { readModel } from '../../local/api-gateway/template.ts'
import type { Refusal } from '../../local/api-gateway/template-reader.ts'
import type { Apis } from '../api-routes.ts'
import type { DeploymentFinding } from '../deployment-finding.ts'

export interface ComparedModel extends Model, Apis {}

interface ReadApis {
  readonly model: ComparedModel
  readonly refusals: readonly Refusal[]
  readonly findings: readonly DeploymentFinding[]
}

type Kind = 'REST' | 'HTTP' | 'WebSocket'

const isV2 = (type: string): boolean => type.startsWith('AWS::ApiGatewayV2::')
const isOfApi = (type: string): boolean => isV2(type) || type.startsWith('AWS::ApiGateway::')

const objectIn = (object: unknown, name: string): JsonObject => {
  const value = isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined
  return isObject(value) ? value : {}
}

/** The logical id that `Ref`, or `Fn::GetAtt` of an id, names; another value as its text. */
function apiNamed(value: unknown): string {
  if (!isObject(value)) return String(value)
  const { Ref, 'Fn::GetAtt': attribute } = value
  if (typeof Ref === 'string') return Ref
  return Array.isArray(attribute) ? String(attribute[0]) : JSON.stringify(value)
}

function kindOf(resource: unknown): Kind | null {
  const { Type } = isObject(resource) ? resource : {}
  if (Type === 'AWS::ApiGateway::RestApi') return 'REST'
  if (Type !== 'AWS::ApiGatewayV2::Api') return null
  return objectIn(resource, 'Properties')['ProtocolType'] === 'WEBSOCKET' ? 'WebSocket' : 'HTTP'
}

/** What decides about requests. A model or a domain of another API does not. */
const DECIDING = new Set([
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Authorizer',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Authorizer',
])

/** The APIs that have resources here and are in another template. */
function foreignApis(resources: JsonObject): ReadonlySet<string> {
  const foreign = new Set<string>()
  for (const resource of Object.values(resources)) {
    const type = String(isObject(resource) ? resource['Type'] : '')
    if (!DECIDING.has(type)) continue
    const { RestApiId, ApiId } = objectIn(resource, 'Properties')
    const api = apiNamed(isV2(type) ? ApiId : RestApiId)
    if (kindOf(Object.hasOwn(resources, api) ? resources[api] : undefined) === null) foreign.add(api)
  }
  return foreign
}

/** The resources with only the APIs `kept`. Resources of no API are in the first view. */
function viewOf(resources: JsonObject, kept: ReadonlySet<string>, isFirst: boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(resources).filter(([id, resource]) => {
      const type = String(isObject(resource) ? resource['Type'] : '')
      if (!isOfApi(type)) return true
      if (kindOf(resource) !== null) return kept.has(id)
      const { RestApiId, ApiId } = objectIn(resource, 'Properties')
      const api = isV2(type) ? ApiId : RestApiId
      return api === undefined ? isFirst : kept.has(apiNamed(api))
    }),
  )
}

const unseen = (api: string): DeploymentFinding => ({
  severity: 'problem',
  subject: `API ${api}`,
  message:
    'has routes or authorizers here and is in another template, so they are not compared; give that template as well',
})

/** Reads every API of a template. */
export function readApis(template: unknown): ReadApis {
  const resources = objectIn(template, 'Resources')
  const ids: Record<Kind, string[]> = { REST: [], HTTP: [], WebSocket: [] }
  for (const [id, resource] of Object.entries(resources)) {
    const kind = kindOf(resource)
    if (kind !== null) ids[kind].push(id)
  }
  const foreign = foreignApis(resources)
  const count = Math.max(1, ...Object.values(ids).map(({ length }) => length))
  if (count === 1 && foreign.size === 0) return { ...readModel(template), findings: [] }
  const read = Array.from({ length: count }, (_, index) => {
    const kept = new Set(Object.values(ids).flatMap((list) => list.slice(index, index + 1)))
    return readModel({ ...(template as JsonObject), Resources: viewOf(resources, kept, index === 0) })
  })
  const refusals = new Map(
    read.flatMap((each) => each.refusals.map((refusal) => [JSON.stringify(refusal), refusal] as const)),
  )
  const [first, ...others] = read.map(({ model }) => model)
  return {
    model: { ...first!, others },
    refusals: [...refusals.values()],
    findings: [...foreign].map(unseen),
  }
}
