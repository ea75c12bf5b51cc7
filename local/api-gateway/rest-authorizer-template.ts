// The TOKEN and REQUEST Lambda authorizers of a REST API (CloudFormation AWS::ApiGateway::Authorizer reference).
// Other types are not emulated. An authorizer without AuthorizerResultTtlInSeconds caches answers for 300 s.

import { isSet } from './emulated-properties.ts'
import type { JsonObject } from './json.ts'
import type { IdentitySource, RestAuthorizer } from './model.ts'
import { readResultTtl, type TemplateReader } from './template-reader.ts'

const DEFAULT_RESULT_TTL_SECONDS = 300

const SOURCE_FORMS: [form: RegExp, from: IdentitySource['from']][] = [
  [/^method\.request\.header\.(.+)$/, 'header'],
  [/^method\.request\.querystring\.(.+)$/, 'querystring'],
  [/^context\.(.+)$/, 'context'],
  [/^stageVariables\.(.+)$/, 'stageVariables'],
]

export function readRestAuthorizers(reader: TemplateReader): Map<string, RestAuthorizer> {
  const authorizers = new Map<string, RestAuthorizer>()
  for (const { logicalId, id, properties } of reader.resources('AWS::ApiGateway::Authorizer')) {
    const authorizer = readAuthorizer(reader, logicalId, properties)
    if (authorizer) authorizers.set(id, authorizer)
  }
  return authorizers
}

function readAuthorizer(
  { refuse, functionIn }: TemplateReader,
  logicalId: string,
  properties: JsonObject,
): RestAuthorizer | undefined {
  const type = properties['Type']
  if (type !== 'TOKEN' && type !== 'REQUEST') {
    refuse(logicalId, `authorizer type ${String(type)} is not emulated`, 'run')
    return undefined
  }
  const resultTtlSeconds = readResultTtl(
    properties['AuthorizerResultTtlInSeconds'],
    DEFAULT_RESULT_TTL_SECONDS,
  )
  if (resultTtlSeconds === undefined)
    refuse(logicalId, 'AuthorizerResultTtlInSeconds is not a whole number from 0 to 3600')
  const functionId = functionIn(properties['AuthorizerUri'])
  if (functionId === undefined) refuse(logicalId, 'AuthorizerUri names no function of this template')
  const sources = readIdentitySources(properties['IdentitySource'])
  for (const source of sources) {
    if (typeof source === 'string') refuse(logicalId, `the identity source "${source}" is not known`)
  }
  const identitySources = sources.filter((source) => typeof source !== 'string')
  const common = { logicalId, functionId: functionId ?? '', resultTtlSeconds: resultTtlSeconds ?? 0 }

  if (type === 'REQUEST' && common.resultTtlSeconds > 0 && identitySources.length === 0)
    refuse(logicalId, 'an authorizer that caches answers needs at least one identity source')
  if (type === 'REQUEST') return { type, ...common, identitySources }
  const [token, ...others] = identitySources
  if (token?.from !== 'header' || others.length > 0) {
    refuse(logicalId, 'a TOKEN authorizer has exactly one identity source, method.request.header.<name>')
  }
  const validation = readValidation(properties['IdentityValidationExpression'])
  if (validation === 'invalid') refuse(logicalId, 'IdentityValidationExpression is not a regular expression')
  return {
    type,
    ...common,
    header: token?.name ?? '',
    ...(validation instanceof RegExp && { validation }),
  }
}

/** Parsed identity sources; an unknown one stays a string. */
function readIdentitySources(value: unknown): (IdentitySource | string)[] {
  const expressions = typeof value === 'string' ? value.split(',').map((source) => source.trim()) : []
  return expressions.filter(Boolean).map((source) => {
    for (const [form, from] of SOURCE_FORMS) {
      const name = form.exec(source)?.[1]
      if (name !== undefined) return { from, name }
    }
    return source
  })
}

/** AWS does not document whether the expression must match the whole value. Here it must, which is stricter. */
function readValidation(expression: unknown): RegExp | 'invalid' | undefined {
  if (!isSet(expression)) return undefined
  try {
    return new RegExp(`^(?:${String(expression)})$`)
  } catch {
    return 'invalid'
  }
}
