// One HTTP API: stage, route, authorizer, integration, in that order (developer guide, "Control access to HTTP APIs
// with Lambda authorizers"). HTTP APIs have no gateway responses and add no header to a denial, so their own answers
// are constant. The only state between requests is the cache of authorizer answers.

import { randomBytes } from 'node:crypto'
import { jsonAnswer, type Answer } from './answer.ts'
import { evaluateAnswer, parseHttpAnswer } from './authorizer-answer.ts'
import { httpAuthorizerEvent, httpContext, httpIntegrationEvent, type HttpRequest } from './http-event.ts'
import { preflightAnswer, withCors } from './http-cors.ts'
import { selectHttpRoute } from './http-route.ts'
import { readIdentity } from './identity-source.ts'
import { httpProxyAnswer } from './integration-answer.ts'
import { invokeWithin, type InvokeFunction } from './invocation.ts'
import type { JsonObject } from './json.ts'
import type { HttpApi, HttpAuthorizer } from './model.ts'
import { executeApiArn, isTooLong, policyRequest, withConditions } from './policy-request.ts'
import { decodeComponent, type Endpoint, type ReceivedRequest } from './request.ts'
import { createResultCache, type CachedResult } from './result-cache.ts'
import type { CachingApiHandler } from './server.ts'
import type { UndocumentedChoices } from './undocumented.ts'

/** Documented quota of HTTP APIs. */
const AUTHORIZER_TIMEOUT_MS = 10_000

const notFound = () => jsonAnswer(404, { message: 'Not Found' })
const unauthorized = () => jsonAnswer(401, { message: 'Unauthorized' })
const forbidden = () => jsonAnswer(403, { message: 'Forbidden' })
const failure = () => jsonAnswer(500, { message: 'Internal Server Error' })

type Authorization = { allowed: true; context: JsonObject } | { allowed: false; answer: Answer }

export function createHttpApi(
  api: HttpApi,
  invoke: InvokeFunction,
  choices: UndocumentedChoices,
  now: () => number,
): CachingApiHandler {
  const caches = new Map(
    api.routes.flatMap(({ authorizer }) =>
      authorizer === undefined
        ? []
        : [[authorizer, createResultCache(authorizer.resultTtlSeconds, choices, now)] as const],
    ),
  )

  async function handle(received: ReceivedRequest): Promise<Answer> {
    if (api.isDefaultEndpointDisabled && received.endpoint === 'default') return forbidden()
    const withOwnCors = (answer: Answer): Answer =>
      api.cors && choices.httpApiCorsOnOwnAnswers ? withCors(answer, api.cors, received) : answer
    const request = toHttpRequest(api, received, choices)
    if (!request) return (api.cors && preflightAnswer(api.cors, received)) ?? withOwnCors(notFound())
    const { route } = request.selected
    let authorizerContext: JsonObject | undefined
    if (route.authorizer) {
      const authorization = await authorize(route.authorizer, request)
      if (!authorization.allowed) return withOwnCors(authorization.answer)
      authorizerContext = authorization.context
    }

    const event = httpIntegrationEvent(request, route.payloadVersion, authorizerContext)
    const result = await invokeWithin(route.timeoutMs, invoke, route.functionId, event)
    if (!result.ok && result.reason === 'gateway-timeout') {
      return withOwnCors(jsonAnswer(503, { message: 'Service Unavailable' }))
    }
    const answer = result.ok ? httpProxyAnswer(result.payload, route.payloadVersion) : undefined
    if (answer === undefined) return withOwnCors(failure())
    return api.cors === undefined ? answer : withCors(answer, api.cors, received)
  }

  async function authorize(authorizer: HttpAuthorizer, request: HttpRequest): Promise<Authorization> {
    const refuse = (answer: Answer): Authorization => ({ allowed: false, answer })
    const { received } = request
    const identity = readIdentity(
      authorizer.identitySources,
      received,
      httpContext(request),
      api.stageVariables,
    )
    if (!identity) return refuse(unauthorized())
    const path = pathWithoutStage(api, received.endpoint, request.path) ?? '/'
    const arn = executeApiArn(api.id, api.stage, received.method, path)
    if (isTooLong(arn)) return refuse(jsonAnswer(414, { message: 'Request-URI Too Long' }))
    const policyInput = policyRequest(received, arn)
    const cache = caches.get(authorizer)!
    const cached = cache.find(identity)
    const event = httpAuthorizerEvent(request, authorizer.payloadVersion, arn, identity)
    const outcome = cached ?? (await invokeAuthorizer(authorizer, event, policyInput.conditions))
    if ('status' in outcome) return refuse(outcome)
    if (cached === undefined) cache.store(identity, outcome)
    if ('unauthorized' in outcome.result) return refuse(unauthorized())
    const { answer } = outcome.result
    const verdict = evaluateAnswer(answer, withConditions(policyInput, outcome, choices))
    return verdict === 'allow' ? { allowed: true, context: answer.context } : refuse(forbidden())
  }

  async function invokeAuthorizer(
    { functionId, simpleResponses }: HttpAuthorizer,
    event: JsonObject,
    conditions: CachedResult['conditions'],
  ): Promise<CachedResult | Answer> {
    const result = await invokeWithin(AUTHORIZER_TIMEOUT_MS, invoke, functionId, event)
    if (!result.ok) {
      const isUnauthorized = result.reason === 'error' && result.errorMessage === 'Unauthorized'
      return isUnauthorized && choices.httpApiThrownUnauthorized === 401
        ? { result: { unauthorized: true }, conditions }
        : failure()
    }
    const answer = parseHttpAnswer(result.payload, simpleResponses, choices)
    return answer === undefined ? failure() : { result: { answer }, conditions }
  }

  return {
    handle,
    flush: () => caches.forEach((cache) => cache.flush()),
    requestIdHeader: 'apigw-requestid',
    newRequestId: () => randomBytes(11).toString('base64'),
    forbidden,
    // The messages of these answers are undocumented.
    bodyTooLarge: () => jsonAnswer(413, { message: 'Request Entity Too Large' }),
    headersTooLarge: () =>
      jsonAnswer(choices.headersTooLargeStatus, { message: 'Request Header Fields Too Large' }),
    failure,
  }
}

/** `undefined` outside of a named stage, or if no route matches. Routes are matched against the path as received. */
function toHttpRequest(
  api: HttpApi,
  received: ReceivedRequest,
  choices: UndocumentedChoices,
): HttpRequest | undefined {
  const routable = pathWithoutStage(api, received.endpoint, received.path)
  const selected = routable === undefined ? undefined : selectHttpRoute(api.routes, received.method, routable)
  if (!selected) return undefined
  const decoded = decodeComponent(received.path)
  const path = choices.httpApiPath === 'decoded' ? (decoded.split('?')[0] ?? '') : received.path
  if (selected.pathParameters && choices.pathParameters === 'decoded') {
    for (const [name, value] of Object.entries(selected.pathParameters)) {
      selected.pathParameters[name] = decodeComponent(value)
    }
  }
  return { api, received, path, selected }
}

/**
 * A custom domain has the empty path, mapped to the stage. What its `rawPath` has with a named stage is undocumented.
 */
function pathWithoutStage(api: HttpApi, endpoint: Endpoint, path: string): string | undefined {
  if (api.stage === '$default' || endpoint === 'custom-domain') return path
  const prefix = `/${api.stage}`
  if (path === prefix) return '/'
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined
}
