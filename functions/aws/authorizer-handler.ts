// Answers authorizer events: reads the event, lets the core decide, and answers in the shape of the event and by the
// function's caching strategy. It decides nothing itself. An event that it does not recognise is refused.

import type { Context } from 'aws-lambda'
import {
  failureRow,
  REQUEST_MS,
  type Authorizer,
  type Decision,
  type Grant,
  type Ports,
} from '../../shared/edge.ts'
import {
  identityContext,
  isSimple,
  isTooLarge,
  toAnswer,
  toThrown,
  type AuthorizerAnswer,
  type LambdaConfig,
} from './answer.ts'
import { readEvent, type AuthorizerEvent, type EventParts, type ReadEvent } from './event.ts'
import { MAX_RESOURCE_CHARS } from './policy.ts'
import type { AnswerTable } from './table/answer.ts'
import type { TablePlan } from './table/proof.ts'

/**
 * The handler of the Lambda function: takes an authorizer event of a REST, HTTP or WebSocket API and resolves to a
 * policy or a simple response. For other refusals it rejects, and API Gateway chooses the status: with `Unauthorized`
 * 401 on REST and WebSocket APIs and 401 or 500 on HTTP APIs; with `lanekeeper: CODE` 500, or 503 by a gateway response
 * of a REST API.
 */
export type AuthorizerHandler = (event: AuthorizerEvent, context?: Context) => Promise<AuthorizerAnswer>

/** A handler that can fetch keys before its first event. */
export interface PreparableHandler extends AuthorizerHandler {
  /**
   * Fetches the key sets of all issuers where Lambda initialises the instance ahead of requests (provisioned
   * concurrency), and does nothing elsewhere. Await it at the top of the module: Lambda waits for that. Takes 7 seconds
   * at most and never rejects; if a fetch fails, the first request that needs the keys fetches them.
   */
  prepare(): Promise<void>
}

/** The limit of this edge on a grant: its identity has to fit into the context. */
export const fitsContext = (grant: Grant): boolean => !isTooLarge(identityContext(grant))

/** Creates the handler. `table`: `null` unless the function has the strategy `table`. `parts`: those of the plan. */
export function createAuthorizerHandler(
  authorizer: Authorizer<LambdaConfig>,
  { now, report }: Pick<Ports, 'now' | 'report'>,
  table: { readonly plan: TablePlan; readonly answer: AnswerTable } | null,
  parts: EventParts,
): AuthorizerHandler {
  const { config: resolved } = authorizer
  const { aws } = resolved

  function unrecognised(): Error {
    const code = 'event_unrecognised'
    report({ event: 'decision', outcome: 'deny', code, blame: failureRow(code).blame })
    return new Error(`lanekeeper: ${code}`)
  }

  /**
   * Waits for refreshes before it returns the result, because Lambda freezes work that is still running then. It waits
   * no longer than a request may take. Work that is not done by then goes on, or times out, with the next call.
   */
  async function finish<T>(start: (waitUntil: (work: Promise<unknown>) => void) => Promise<T>): Promise<T> {
    const work: Promise<unknown>[] = []
    const startedAt = now()
    const result = await start((pending) => void work.push(pending))
    if (work.length === 0) return result
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, REQUEST_MS - Math.min(Math.max(0, now() - startedAt), REQUEST_MS))
    })
    await Promise.race([Promise.allSettled(work), late])
    clearTimeout(timer)
    return result
  }

  /**
   * The decision where an HTTP API may cache answers and identity sources are missing: the answer would apply to other
   * requests, so every request is refused until `aws.resultTtlSeconds` is 0 or the sources are complete. If everything
   * is report-only, the request passes without an identity.
   */
  function decideUncacheable({ request, missingSources }: ReadEvent): Decision {
    const code = 'identity_sources_missing'
    const { blame } = failureRow(code)
    const { requestId } = request
    report({
      event: 'decision',
      outcome: resolved.reportOnly ? 'would_deny' : 'deny',
      code,
      blame,
      detail: { missing: missingSources.join(' '), or: 'aws.resultTtlSeconds: 0' },
      ...(requestId === undefined ? {} : { requestId }),
    })
    return resolved.reportOnly ? { allow: true, grant: null } : { allow: false, code }
  }

  async function answerExactly(event: ReadEvent): Promise<AuthorizerAnswer> {
    const exceedsPolicyResource = !isSimple(event, aws) && event.arn.length > MAX_RESOURCE_CHARS
    const request = exceedsPolicyResource ? { ...event.request, exceedsPolicyResource } : event.request
    const mayBeKeptWrongly = event.missingSources.length > 0 && aws.resultTtlSeconds !== 0
    const decision = mayBeKeptWrongly
      ? decideUncacheable(event)
      : await finish((waitUntil) => authorizer.authorize(request, waitUntil))
    const thrown = decision.allow ? null : toThrown(decision, event, aws)
    if (thrown !== null) throw thrown
    return toAnswer(decision, event, resolved, now())
  }

  return async (given, context) => {
    const read = readEvent(given, aws.webSocketToken, authorizer.needs, parts)
    if (read === null) throw unrecognised()
    const requestId = read.request.requestId ?? context?.awsRequestId
    const event = requestId === undefined ? read : { ...read, request: { ...read.request, requestId } }
    if (table === null || event.shape !== 'rest_token') return answerExactly(event)
    const examined = await finish((waitUntil) => authorizer.examine(event.request, waitUntil))
    return table.answer(table.plan, event, examined, resolved, now())
  }
}
