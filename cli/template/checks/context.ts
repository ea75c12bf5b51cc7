// What the checks of a template have in common: its resources, the values that are known before a deployment, and the
// functions of its authorizers.

import { readCloudFormation, UnresolvableError } from '../../../local/api-gateway/cloud-formation.ts'
import { isObject, isScalar, type JsonObject } from '../../../local/api-gateway/json.ts'
import type { ResolvedConfig } from '../../../shared/index.ts'
import type { ApiKind, Apis } from '../../api-routes.ts'
import { authorizersOf } from '../../authorizer-check.ts'
import type { Find } from '../../deployment-finding.ts'

export interface TemplateResource {
  readonly logicalId: string
  readonly type: string
  readonly properties: JsonObject
}

/** An authorizer of Lanekeeper in a template. */
export interface TemplateAuthorizer {
  readonly kind: ApiKind
  readonly resource: TemplateResource
  /** The logical id of its API. */
  readonly apiId: string
  readonly functionId: string
}

export interface CheckContext {
  readonly config: ResolvedConfig
  readonly apis: Apis
  readonly resources: ReadonlyMap<string, TemplateResource>
  ofType(type: string): readonly TemplateResource[]
  readonly authorizers: readonly TemplateAuthorizer[]
  /** The text of a value. `null`: only the deployment knows it. */
  textOf(value: unknown): string | null
  readonly findAt: (subject: string, logicalId?: string) => Find
}

export const objectIn = (object: unknown, name: string): JsonObject => {
  const value = isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined
  return isObject(value) ? value : {}
}

/** The logical id that `Ref` or `Fn::GetAtt` names. `null`: the value is neither. */
export function referredId(value: unknown): string | null {
  if (!isObject(value)) return null
  const { Ref, 'Fn::GetAtt': attribute } = value
  if (typeof Ref === 'string') return Ref
  if (Array.isArray(attribute)) return String(attribute[0])
  return typeof attribute === 'string' ? attribute.split('.')[0]! : null
}

/** ARNs of resources with a name of their own, which `Ref` or `Fn::GetAtt` gives after the deployment. */
function knownArn(
  resource: TemplateResource,
  attribute: string | null,
  textOf: (value: unknown) => string | null,
): string | null {
  const { Name, TableName } = resource.properties
  if (resource.type === 'AWS::SecretsManager::Secret' && (attribute === null || attribute === 'Id')) {
    const name = Name === undefined ? null : textOf(Name)
    return name === null ? null : `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-??????`
  }
  const table = resource.type !== 'AWS::DynamoDB::Table' || TableName === undefined ? null : textOf(TableName)
  if (table === null || attribute === null) return table
  return attribute === 'Arn' ? `arn:aws:dynamodb:us-east-1:123456789012:table/${table}` : null
}

function withKnownArns(
  value: unknown,
  resources: ReadonlyMap<string, TemplateResource>,
  textOf: (value: unknown) => string | null,
): unknown {
  if (Array.isArray(value)) return value.map((each) => withKnownArns(each, resources, textOf))
  if (!isObject(value)) return value
  const resource = resources.get(referredId(value) ?? '')
  const attribute = value['Fn::GetAtt']
  const known =
    resource === undefined
      ? null
      : knownArn(resource, Array.isArray(attribute) ? String(attribute[1]) : null, textOf)
  if (known !== null) return known
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withKnownArns(each, resources, textOf)]),
  )
}

export function createContext(
  template: unknown,
  apis: Apis,
  config: ResolvedConfig,
  findAt: CheckContext['findAt'],
): CheckContext {
  const { resolve } = readCloudFormation(template)
  const textOf = (value: unknown): string | null => {
    try {
      const resolved = resolve(value)
      return isScalar(resolved) ? String(resolved) : null
    } catch (error) {
      if (error instanceof UnresolvableError) return null
      throw error
    }
  }
  const resources = new Map(
    Object.entries(objectIn(template, 'Resources')).map(([logicalId, resource]) => [
      logicalId,
      {
        logicalId,
        type: String(isObject(resource) ? resource['Type'] : ''),
        properties: objectIn(resource, 'Properties'),
      },
    ]),
  )
  const authorizers = authorizersOf(apis).flatMap(({ kind, authorizer }): TemplateAuthorizer[] => {
    const resource = resources.get(authorizer.logicalId)
    const apiId = referredId(resource?.properties[kind === 'REST' ? 'RestApiId' : 'ApiId'])
    if (resource === undefined || apiId === null || authorizer.functionId === '') return []
    return [{ kind, resource, apiId, functionId: authorizer.functionId }]
  })
  return {
    config,
    apis,
    resources,
    ofType: (type) => [...resources.values()].filter((resource) => resource.type === type),
    authorizers,
    textOf: (value) => textOf(withKnownArns(value, resources, textOf)),
    findAt,
  }
}
