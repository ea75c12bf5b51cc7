// The operations of an OpenAPI body, and the authorization of each.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html

import { isObject, isScalar, listOf, type JsonObject } from '../../local/api-gateway/json.ts'
import { functionOf } from './functions.ts'

const ANY = 'x-amazon-apigateway-any-method'
export const AUTHORIZER = 'x-amazon-apigateway-authorizer'
/** `any` is what SAM writes where it merges an event into a body. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'any', ANY]

export const objectIn = (object: unknown, name: string): JsonObject => {
  const value = isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined
  return isObject(value) ? value : {}
}

export const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`

/** The members of an object under other names, without those that are not there. */
export function renamed(object: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(names).flatMap(([from, to]) =>
      object[from] === undefined ? [] : [[to, object[from]] as const],
    ),
  )
}

export const schemesOf = (body: JsonObject): JsonObject => ({
  ...objectIn(body, 'securityDefinitions'),
  ...objectIn(objectIn(body, 'components'), 'securitySchemes'),
})

export interface Operation {
  readonly path: string
  /** `GET`, or `ANY`. */
  readonly method: string
  readonly place: string
  readonly definition: JsonObject
}

/** `null`: a part of the body is only known after a deployment. */
export function operationsOf(apiId: string, body: JsonObject): readonly Operation[] | null {
  const { paths } = body
  if (!isObject(paths) || functionOf(paths) !== null) return null
  const operations: Operation[] = []
  for (const [path, item] of Object.entries(paths)) {
    if (!isObject(item) || functionOf(item) !== null) return null
    for (const [name, definition] of Object.entries(item)) {
      if (!METHODS.includes(name.toLowerCase())) continue
      if (!isObject(definition) || functionOf(definition) !== null) return null
      const method = name === ANY ? 'ANY' : name.toUpperCase()
      operations.push({
        path,
        method,
        place: `${apiId}.Body.paths.${path}.${method.toLowerCase()}`,
        definition,
      })
    }
  }
  return operations
}

/** The authorization of an operation. An operation without `security` has none; that of the root counts for nothing. */
export function authorizationOf(apiId: string, { definition }: Operation, schemes: JsonObject): JsonObject {
  const { type } = objectIn(definition, 'x-amazon-apigateway-auth')
  if (isScalar(type) && String(type).toUpperCase() === 'AWS_IAM') return { AuthorizationType: 'AWS_IAM' }
  const names = listOf(definition['security'] ?? []).flatMap((each) =>
    isObject(each) ? Object.keys(each) : [],
  )
  let authorization: JsonObject = {}
  for (const name of names) {
    const scheme = objectIn(schemes, name)
    const authorizerType = String(objectIn(scheme, AUTHORIZER)['type'] ?? '').toLowerCase()
    if (authorizerType === 'token' || authorizerType === 'request')
      authorization = {
        ...authorization,
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: `${apiId}.${name}` },
      }
    else if (authorizerType === 'jwt') authorization = { ...authorization, AuthorizationType: 'JWT' }
    else if (authorizerType === 'cognito_user_pools')
      authorization = { ...authorization, AuthorizationType: 'COGNITO_USER_POOLS' }
    else if (scheme['x-amazon-apigateway-authtype'] === 'awsSigv4')
      authorization = { ...authorization, AuthorizationType: 'AWS_IAM' }
    else if (scheme['type'] === 'apiKey') authorization = { ...authorization, ApiKeyRequired: true }
    else if (name !== 'NONE' && name !== 'api_key')
      authorization = {
        ...authorization,
        AuthorizationType: 'CUSTOM',
        AuthorizerId: `the security scheme ${name}`,
      }
  }
  return authorization
}
