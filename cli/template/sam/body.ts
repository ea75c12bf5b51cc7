// The OpenAPI body that SAM deploys for an API: that of the template, with the events of functions, preflights, the default
// authorizer, security schemes and gateway responses (aws-sam-translator, model/api, swagger and open_api).

import { isObject, isScalar, listOf, type JsonObject } from '../../../local/api-gateway/json.ts'
import { functionOf } from '../functions.ts'
import { IAM_SCHEME, invocationUri, schemesOf, type Kind } from './authorizers.ts'

/** An event of a function that an API sends to it. */
export interface ApiEvent {
  readonly functionId: string
  /** The ARN that is called: that of the function, or of its alias. */
  readonly functionArn: unknown
  readonly properties: JsonObject
}

export const objectIn = (object: JsonObject, name: string): JsonObject => {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  return isObject(value) ? value : {}
}

const ANY = 'x-amazon-apigateway-any-method'
const INTEGRATION = 'x-amazon-apigateway-integration'
const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', ANY])

const methodName = (value: unknown): string => {
  const name = String(value).toLowerCase()
  return name === 'any' || name === '*' ? ANY : name
}

/** The path and method of an event. An HTTP API without both has the route `$default`. */
function targetOf({ properties }: ApiEvent, kind: Kind): readonly [path: string, method: string] {
  const { Path, Method } = properties
  if (kind === 'HTTP' && Path === undefined && Method === undefined) return ['$default', ANY]
  return [String(Path ?? '/'), methodName(Method ?? 'any')]
}

function securityOf(event: ApiEvent): JsonObject[] | undefined {
  const auth = objectIn(event.properties, 'Auth')
  const { Authorizer, ApiKeyRequired } = auth
  const security = [
    ...(ApiKeyRequired === true ? [{ api_key: [] }] : []),
    ...(Authorizer === undefined ? [] : [{ [String(Authorizer)]: [] }]),
  ]
  return security.length === 0 ? undefined : security
}

function withEvents(body: JsonObject, events: readonly ApiEvent[], kind: Kind): JsonObject {
  const paths: JsonObject = { ...objectIn(body, 'paths') }
  for (const event of events) {
    const [path, method] = targetOf(event, kind)
    const security = securityOf(event)
    const { PayloadFormatVersion, TimeoutInMillis } = event.properties
    const integration = {
      type: 'aws_proxy',
      httpMethod: 'POST',
      uri: invocationUri(event.functionArn),
      ...(kind === 'HTTP' && { payloadFormatVersion: PayloadFormatVersion ?? '2.0' }),
      ...(TimeoutInMillis !== undefined && { timeoutInMillis: TimeoutInMillis }),
    }
    const known = objectIn(objectIn(paths, path), method)
    const definition = { ...known, [INTEGRATION]: integration, ...(security && { security }) }
    paths[path] = { ...objectIn(paths, path), [method]: definition }
  }
  return { ...body, paths }
}

/**
 * The events whose `Auth` counts beside a body of the user's own. SAM adds no route to it, unless it is told to merge.
 */
function withOverrides(body: JsonObject, events: readonly ApiEvent[]): JsonObject {
  const paths: JsonObject = { ...objectIn(body, 'paths') }
  for (const event of events) {
    const [path, method] = targetOf(event, 'REST')
    const security = securityOf(event)
    const item = objectIn(paths, path)
    if (
      objectIn(event.properties, 'Auth')['OverrideApiAuth'] !== true ||
      security === undefined ||
      !isObject(item[method])
    )
      continue
    paths[path] = { ...item, [method]: { ...objectIn(item, method), security } }
  }
  return { ...body, paths }
}

/** Applies `change` to every method of a body that is one. */
function mapMethods(
  body: JsonObject,
  change: (definition: JsonObject, method: string) => JsonObject,
): JsonObject {
  const paths = Object.entries(objectIn(body, 'paths')).map(([path, item]) => {
    if (!isObject(item) || functionOf(item) !== null) return [path, item] as const
    const methods = Object.entries(item).map(([name, definition]) =>
      METHODS.has(methodName(name)) && isObject(definition)
        ? ([name, change(definition, methodName(name))] as const)
        : ([name, definition] as const),
    )
    return [path, Object.fromEntries(methods)] as const
  })
  return { ...body, paths: Object.fromEntries(paths) }
}

function withDefaultAuthorizer(
  body: JsonObject,
  auth: JsonObject,
  names: readonly string[],
  kind: Kind,
): JsonObject {
  const { DefaultAuthorizer, AddDefaultAuthorizerToCorsPreflight } = auth
  if (!isScalar(DefaultAuthorizer)) return body
  const applied = { [String(DefaultAuthorizer)]: [] }
  return mapMethods(body, (definition, method) => {
    if (method === 'options' && (kind === 'HTTP' || AddDefaultAuthorizerToCorsPreflight === false))
      return definition
    const existing = listOf(definition['security'] ?? []).filter(isObject)
    if (kind === 'HTTP')
      return existing.length > 0 || definition[INTEGRATION] === undefined
        ? definition
        : { ...definition, security: [applied] }
    const hasOne = existing.some((each) =>
      Object.keys(each).some((name) => name === 'NONE' || names.includes(name)),
    )
    return hasOne ? definition : { ...definition, security: [...existing, applied] }
  })
}

/** `Cors` of a REST API: a MOCK integration for each path that has no OPTIONS method of its own. */
function withCors(body: JsonObject, cors: unknown): JsonObject {
  if (cors === undefined || cors === null || cors === '') return body
  const settings = isObject(cors) && functionOf(cors) === null ? cors : { AllowOrigin: cors }
  const { AllowOrigin = "'*'", AllowHeaders, AllowMethods, MaxAge, AllowCredentials } = settings
  const headers = {
    'Access-Control-Allow-Origin': AllowOrigin,
    'Access-Control-Allow-Headers': AllowHeaders,
    'Access-Control-Allow-Methods': AllowMethods ?? "'*'",
    'Access-Control-Max-Age': MaxAge,
    'Access-Control-Allow-Credentials': AllowCredentials === true ? "'true'" : undefined,
  }
  const set = Object.entries(headers).filter(([, value]) => value !== undefined)
  const preflight = {
    [INTEGRATION]: {
      type: 'mock',
      requestTemplates: { 'application/json': '{\n  "statusCode" : 200\n}\n' },
      responses: {
        default: {
          statusCode: '200',
          responseParameters: Object.fromEntries(
            set.map(([name, value]) => [`method.response.header.${name}`, value]),
          ),
          responseTemplates: { 'application/json': '{}\n' },
        },
      },
    },
  }
  const paths = Object.entries(objectIn(body, 'paths')).map(
    ([path, item]) =>
      [
        path,
        isObject(item) && item['options'] === undefined ? { ...item, options: preflight } : item,
      ] as const,
  )
  return { ...body, paths: Object.fromEntries(paths) }
}

const capital = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`

/** `GatewayResponses` as OpenAPI has them. */
function gatewayResponses(given: JsonObject): JsonObject {
  const responses = Object.entries(given).map(([type, response]) => {
    const { StatusCode, ResponseParameters, ResponseTemplates } = isObject(response) ? response : {}
    const parameters = Object.entries(isObject(ResponseParameters) ? ResponseParameters : {}).flatMap(
      ([place, values]) => {
        const prefix = { Headers: 'header', Paths: 'path', QueryStrings: 'querystring' }[place]
        return Object.entries(isObject(values) ? values : {}).map(
          ([name, value]) => [`gatewayresponse.${prefix}.${name}`, value] as const,
        )
      },
    )
    const status =
      StatusCode === undefined ? {} : { statusCode: isScalar(StatusCode) ? String(StatusCode) : StatusCode }
    return [
      type,
      {
        ...status,
        responseParameters: Object.fromEntries(parameters),
        responseTemplates: ResponseTemplates ?? {},
      },
    ] as const
  })
  return Object.fromEntries(responses)
}

const SECURITY = {
  REST: (body: JsonObject, schemes: JsonObject): JsonObject =>
    typeof body['openapi'] === 'string'
      ? {
          ...body,
          components: {
            ...objectIn(body, 'components'),
            securitySchemes: { ...objectIn(objectIn(body, 'components'), 'securitySchemes'), ...schemes },
          },
        }
      : { ...body, securityDefinitions: { ...objectIn(body, 'securityDefinitions'), ...schemes } },
  HTTP: (body: JsonObject, schemes: JsonObject): JsonObject => ({
    ...body,
    components: {
      ...objectIn(body, 'components'),
      securitySchemes: { ...objectIn(objectIn(body, 'components'), 'securitySchemes'), ...schemes },
    },
  }),
} as const

export function bodyOf(
  properties: JsonObject,
  events: readonly ApiEvent[],
  kind: Kind,
  auth: JsonObject,
): unknown {
  const { DefinitionBody, DefinitionUri, Cors, GatewayResponses, CorsConfiguration } = properties
  if (DefinitionBody === undefined && DefinitionUri !== undefined) return undefined
  if (DefinitionBody !== undefined && (!isObject(DefinitionBody) || functionOf(DefinitionBody) !== null))
    return DefinitionBody
  const base =
    DefinitionBody ?? (kind === 'REST' ? { swagger: '2.0', paths: {} } : { openapi: '3.0.1', paths: {} })
  const names = [...Object.keys(objectIn(auth, 'Authorizers')), 'AWS_IAM']
  const isOwn = kind === 'REST' && DefinitionBody !== undefined && properties['MergeDefinitions'] !== true
  let body = isOwn ? withOverrides(base as JsonObject, events) : withEvents(base as JsonObject, events, kind)
  if (kind === 'REST') body = withCors(body, Cors)
  body = withDefaultAuthorizer(body, auth, names, kind)
  const iam = JSON.stringify(body).includes('"AWS_IAM"') ? { AWS_IAM: IAM_SCHEME } : {}
  body = SECURITY[kind](body, { ...schemesOf(auth, kind), ...iam })
  if (isObject(GatewayResponses))
    body = { ...body, 'x-amazon-apigateway-gateway-responses': gatewayResponses(GatewayResponses) }
  const cors = CorsConfiguration === true ? { AllowOrigins: ['*'] } : CorsConfiguration
  if (kind === 'HTTP' && isObject(cors))
    body = {
      ...body,
      'x-amazon-apigateway-cors': Object.fromEntries(
        Object.entries(cors).map(([name, value]) => [capital(name), value]),
      ),
    }
  return body
}
