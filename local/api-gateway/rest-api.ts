// One REST API: stage, route, authorizer, integration, in that order (developer guide, "Use API Gateway Lambda
// authorizers", "Lambda proxy integrations"). Every answer that is not the integration's is a gateway response. The
// only state between requests is the cache of authorizer answers.

import { jsonAnswer, type Answer } from './answer.ts'
import { evaluateAnswer, parseRestAnswer } from './authorizer-answer.ts'
import { gatewayResponse, type GatewayResponseType } from './gateway-response.ts'
import { readIdentity } from './identity-source.ts'
import { restProxyAnswer } from './integration-answer.ts'
import { invokeWithin, type InvokeFunction } from './invocation.ts'
import type { JsonObject } from './json.ts'
import type { FixedAnswer, RestApi, RestAuthorizer } from './model.ts'
import { executeApiArn, isTooLong, policyRequest, withConditions } from './policy-request.ts'
import { decodeComponent, headerValues, type ReceivedRequest } from './request.ts'
import {
  matchesMediaType,
  requestAuthorizerEvent,
  restContext,
  restIntegrationEvent,
  tokenAuthorizerEvent,
  type RestRequest,
} from './rest-event.ts'
import { createResultCache, type CachedResult } from './result-cache.ts'
import { selectRestRoute } from './rest-route.ts'
import type { CachingApiHandler } from './server.ts'
import type { UndocumentedChoices } from './undocumented.ts'

type Authorization =
  | { allowed: true; context: JsonObject }
  | { allowed: false; type: GatewayResponseType; message?: string; context?: JsonObject }

export function createRestApi(
  api: RestApi,
  invoke: InvokeFunction,
  choices: UndocumentedChoices,
  now: () => number,
): CachingApiHandler {
  const authorizers = api.resources.flatMap(({ methods }) =>
    [...methods.values()].flatMap(({ authorizer }) => authorizer ?? []),
  )
  const caches = new Map(
    authorizers.map((authorizer) => [
      authorizer,
      createResultCache(authorizer.resultTtlSeconds, choices, now),
    ]),
  )

  async function handle(received: ReceivedRequest): Promise<Answer> {
    const request = toRestRequest(api, received, choices)
    if (!request || (api.isDefaultEndpointDisabled && received.endpoint === 'default')) return forbidden()
    const context = restContext(request)
    const refuse = (type: GatewayResponseType, authorizer?: JsonObject, message?: string) =>
      gatewayResponse(
        type,
        api.gatewayResponses,
        {
          received,
          context: authorizer ? { ...context, authorizer } : context,
          stageVariables: api.stageVariables,
          pathParameters: request.route?.pathParameters ?? null,
          ...(message !== undefined && { message }),
        },
        choices,
      )

    const method = request.route?.method
    if (!method) return refuse('MISSING_AUTHENTICATION_TOKEN')
    const methodArn = executeApiArn(api.id, api.stage, request.method, request.path)
    let authorizerContext: JsonObject | undefined
    if (method.authorizer) {
      if (isTooLong(methodArn)) return jsonAnswer(414, { message: 'Request-URI Too Long' })
      const authorization = await authorize(method.authorizer, request, context, methodArn)
      if (!authorization.allowed)
        return refuse(authorization.type, authorization.context, authorization.message)
      authorizerContext = authorization.context
    }

    if (method.fixedAnswer) return fixedAnswer(method.fixedAnswer, received)
    const event = restIntegrationEvent(request, {
      ...context,
      ...(authorizerContext && { authorizer: authorizerContext }),
    })
    const result = await invokeWithin(method.timeoutMs, invoke, method.functionId, event)
    if (!result.ok && result.reason === 'gateway-timeout')
      return refuse('INTEGRATION_TIMEOUT', authorizerContext)
    const answer = result.ok ? restProxyAnswer(result.payload, acceptsBinary(request)) : undefined
    return answer ?? refuse('BAD_INTEGRATION_ANSWER', authorizerContext)
  }

  async function authorize(
    authorizer: RestAuthorizer,
    request: RestRequest,
    context: JsonObject,
    methodArn: string,
  ): Promise<Authorization> {
    const input = authorizerInput(authorizer, request, context, methodArn, choices)
    if (!input) return { allowed: false, type: 'UNAUTHORIZED' }
    const policyInput = policyRequest(request.received, methodArn)
    const startedAt = now()
    const cache = caches.get(authorizer)!
    const cached = cache.find(input.identity)
    const outcome = cached ?? (await invokeAuthorizer(authorizer, input.event, policyInput.conditions))
    if ('type' in outcome) return { allowed: false, type: outcome.type }
    if (cached === undefined) cache.store(input.identity, outcome)
    if ('unauthorized' in outcome.result) return { allowed: false, type: 'UNAUTHORIZED' }
    const { answer } = outcome.result
    if (answer.form !== 'policy') return { allowed: false, type: 'AUTHORIZER_CONFIGURATION_ERROR' }
    const authorizerContext: JsonObject = {
      ...answer.context,
      ...(answer.principalId !== undefined && { principalId: answer.principalId }),
      integrationLatency: cached === undefined ? now() - startedAt : 0,
    }
    switch (evaluateAnswer(answer, withConditions(policyInput, outcome, choices))) {
      case 'allow':
        return { allowed: true, context: authorizerContext }
      case 'explicit-deny': {
        const message = 'User is not authorized to access this resource with an explicit deny'
        return { allowed: false, type: 'ACCESS_DENIED', message, context: authorizerContext }
      }
      case 'implicit-deny':
        return { allowed: false, type: 'ACCESS_DENIED', context: authorizerContext }
    }
  }

  async function invokeAuthorizer(
    { functionId }: RestAuthorizer,
    event: JsonObject,
    conditions: CachedResult['conditions'],
  ): Promise<CachedResult | { type: GatewayResponseType }> {
    const result = await invokeWithin(choices.restAuthorizerTimeoutMs, invoke, functionId, event)
    if (!result.ok) {
      if (result.reason !== 'error') return { type: 'AUTHORIZER_FAILURE' }
      if (result.errorMessage === 'Unauthorized') return { result: { unauthorized: true }, conditions }
      return { type: 'AUTHORIZER_CONFIGURATION_ERROR' }
    }
    const answer = parseRestAnswer(result.payload, choices)
    return answer === undefined
      ? { type: 'AUTHORIZER_CONFIGURATION_ERROR' }
      : { result: { answer }, conditions }
  }

  return {
    handle,
    flush: () => caches.forEach((cache) => cache.flush()),
    requestIdHeader: 'x-amzn-RequestId',
    newRequestId: () => crypto.randomUUID(),
    forbidden,
    // A template cannot change REQUEST_TOO_LARGE. The messages of the other two are undocumented.
    bodyTooLarge: () =>
      jsonAnswer(413, { message: 'Request Too Long' }, [['x-amzn-ErrorType', 'RequestTooLargeException']]),
    headersTooLarge: () =>
      jsonAnswer(choices.headersTooLargeStatus, { message: 'Request Header Fields Too Large' }),
    failure: () =>
      jsonAnswer(500, { message: 'Internal server error' }, [
        ['x-amzn-ErrorType', 'InternalFailureException'],
      ]),
  }
}

/** `undefined` if the path is outside of the stage. A custom domain has the empty base path, mapped to the stage. */
function toRestRequest(
  api: RestApi,
  received: ReceivedRequest,
  { pathParameters }: UndocumentedChoices,
): RestRequest | undefined {
  const prefix = received.endpoint === 'default' ? `/${api.stage}` : ''
  if (received.path !== prefix && !received.path.startsWith(`${prefix}/`)) return undefined
  const path = received.path.slice(prefix.length).replace(/^\/*/, '/')
  const method = headerValues(received, 'x-http-method-override').at(-1)?.toUpperCase() ?? received.method
  const route = selectRestRoute(api.resources, method, path)
  if (route?.pathParameters && pathParameters === 'decoded') {
    for (const [name, value] of Object.entries(route.pathParameters)) {
      route.pathParameters[name] = decodeComponent(value)
    }
  }
  return { api, received, path, method, route }
}

/** The event for the authorizer and the cache key of its answer. `undefined`: the API answers 401 without a call. */
function authorizerInput(
  authorizer: RestAuthorizer,
  request: RestRequest,
  context: JsonObject,
  methodArn: string,
  choices: UndocumentedChoices,
): { event: JsonObject; identity: string[] } | undefined {
  if (authorizer.type === 'TOKEN') {
    const token = tokenOf(headerValues(request.received, authorizer.header), choices)
    if (!token || authorizer.validation?.test(token) === false) return undefined
    return { event: tokenAuthorizerEvent(token, methodArn), identity: [token] }
  }
  const { identitySources } = authorizer
  const identity = readIdentity(identitySources, request.received, context, request.api.stageVariables)
  return identity && { event: requestAuthorizerEvent(request, context, methodArn, choices), identity }
}

function tokenOf(values: string[], { duplicateTokenHeader }: UndocumentedChoices): string | undefined {
  if (duplicateTokenHeader === 'joined') return values.join(',')
  return duplicateTokenHeader === 'first' ? values[0] : values.at(-1)
}

/** Whether a base64 answer is decoded. The first media type of Accept decides, as documented. */
function acceptsBinary({ api, received }: RestRequest): boolean {
  return matchesMediaType(api.binaryMediaTypes, headerValues(received, 'accept')[0])
}

/** A request without Content-Type counts as application/json. A MOCK has no template for another type and fails. */
function fixedAnswer({ status, headers, body = '' }: FixedAnswer, received: ReceivedRequest): Answer {
  const type = headerValues(received, 'content-type').at(-1) ?? 'application/json'
  if (type.split(';')[0]!.trim().toLowerCase() !== 'application/json')
    return jsonAnswer(500, { message: 'Internal server error' })
  return { status, headers: [['Content-Type', 'application/json'], ...headers], body }
}

function forbidden(): Answer {
  return jsonAnswer(403, { message: 'Forbidden' }, [['x-amzn-ErrorType', 'ForbiddenException']])
}
