// The integration of an API whose functions are not at hand: sends the request on to a server, as an HTTP proxy of API
// Gateway does. What the authorizer has said is in `x-amzn-request-context`, as JSON: the request context of a Lambda
// proxy event, in the field in which AWS Lambda Web Adapter passes it to a server.

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { isObject, type JsonObject } from './json-object.ts'

export const CONTEXT_FIELD = 'x-amzn-request-context'

/** Fields that describe one connection, or that only this proxy may set. RFC 9110 section 7.6.1. */
const NOT_PASSED_ON = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  CONTEXT_FIELD,
])

/** JSON that a header field can have: every other character is escaped. */
const toFieldValue = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

interface OriginRequest {
  readonly method: string
  /** With the query. */
  readonly target: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  readonly context: unknown
}

const textsIn = (value: unknown): [string, string[]][] =>
  Object.entries(isObject(value) ? value : {}).map(([name, values]) => [name, [values].flat().map(String)])

function bodyOf({ body, isBase64Encoded }: JsonObject): Buffer {
  if (typeof body !== 'string') return Buffer.alloc(0)
  return Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8')
}

/** Payload 2.0. A named stage is the first segment of its path. */
function readVersion2(event: JsonObject, context: JsonObject): Omit<OriginRequest, 'body' | 'context'> {
  const { rawPath, rawQueryString, headers, cookies } = event
  const { http, stage } = context
  const prefix = `/${String(stage)}`
  const path = String(rawPath)
  const inStage = path === prefix || path.startsWith(`${prefix}/`) ? path.slice(prefix.length) || '/' : path
  return {
    method: String(isObject(http) ? http['method'] : 'GET'),
    target: `${inStage}${rawQueryString === '' || rawQueryString === undefined ? '' : `?${String(rawQueryString)}`}`,
    fields: [
      ...textsIn(headers).flatMap(([name, values]) => values.map((value) => [name, value] as const)),
      ...(Array.isArray(cookies) && cookies.length > 0 ? [['cookie', cookies.join('; ')] as const] : []),
    ],
  }
}

/** The event of a REST API, and payload 1.0. */
function readVersion1(event: JsonObject): Omit<OriginRequest, 'body' | 'context'> {
  const query = textsIn(event['multiValueQueryStringParameters']).flatMap(([name, values]) =>
    values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  return {
    method: String(event['httpMethod']),
    target: `${String(event['path'])}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    fields: textsIn(event['multiValueHeaders']).flatMap(([name, values]) =>
      values.map((value) => [name, value] as const),
    ),
  }
}

/** The request of a Lambda proxy event. */
export function toOriginRequest(event: JsonObject): OriginRequest {
  const context = isObject(event['requestContext']) ? event['requestContext'] : {}
  const read = event['version'] === '2.0' ? readVersion2(event, context) : readVersion1(event)
  return {
    ...read,
    fields: read.fields.filter(([name]) => !NOT_PASSED_ON.has(name.toLowerCase())),
    body: bodyOf(event),
    context,
  }
}

const isText = (type: string): boolean =>
  /^text\/|[/+](?:json|xml|javascript)\b|x-www-form-urlencoded/.test(type)

async function toResult(response: IncomingMessage): Promise<JsonObject> {
  const bytes = await buffer(response)
  const asText = isText(response.headers['content-type'] ?? '') && !response.headers['content-encoding']
  const headers: Record<string, string[]> = {}
  for (const [name, values] of Object.entries(response.headersDistinct)) headers[name] = values ?? []
  return {
    statusCode: response.statusCode,
    multiValueHeaders: headers,
    body: bytes.toString(asText ? 'utf8' : 'base64'),
    isBase64Encoded: !asText,
  }
}

/** Sends the request of an event to a server. The result is that of a Lambda proxy integration; 502 without an answer. */
export async function invokeOrigin(origin: string, event: JsonObject): Promise<JsonObject> {
  const { method, target, fields, body, context } = toOriginRequest(event)
  const url = new URL(origin)
  const headers: Record<string, string[]> = {}
  for (const [name, value] of fields) (headers[name.toLowerCase()] ??= []).push(value)
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const request = send(url, {
      method,
      path: target,
      headers: {
        ...headers,
        [CONTEXT_FIELD]: toFieldValue(context),
        ...(body.length > 0 && { 'content-length': body.length }),
      },
    })
    request.once('response', (response) => {
      toResult(response).then(resolve, () => resolve(badGateway(origin)))
    })
    request.once('error', () => resolve(badGateway(origin)))
    request.end(body)
  })
}

const badGateway = (origin: string): JsonObject => ({
  statusCode: 502,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: `The origin ${origin} does not answer.` }),
})
