// The Lambda authorizer: reads the event, asks the core, answers in the shape of the event. It translates
// and decides nothing, but for the two things only this door knows: an event it does not recognise, and a
// path too long to stand in a policy.

import type { Context } from 'aws-lambda'
import {
  createAuthorizer,
  createSafeReport,
  failureRow,
  type Decision,
  type Deny,
  type FailureCode,
  type LanekeeperConfig,
  type Ports,
  type ReportEvent,
} from '../../shared/index.ts'
import { MAX_RESOURCE_CHARS, toAnswer, toThrown, type AuthorizerAnswer } from './answer.ts'
import { createLambdaSecrets, LAMBDA_SECRETS } from './secrets.ts'
import { readEvent, type AuthorizerEvent, type ReadEvent } from './event.ts'

export { createEmfReport, type EmfOptions } from './emf-report.ts'

export interface HandlerOptions {
  /** Where events go. Default: one JSON line each on standard output, which is CloudWatch Logs. */
  readonly report?: Ports['report']
  /** Default: the global fetch, for key sets and questions about tokens. */
  readonly fetch?: Ports['fetch']
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: Ports['now']
  /** Default: the function's environment, and AWS Secrets Manager. */
  readonly secrets?: Ports['secrets']
}

export type AuthorizerHandler = (event: AuthorizerEvent, context?: Context) => Promise<AuthorizerAnswer>

const logReport = (event: ReportEvent): void => console.log(JSON.stringify({ door: 'lambda', ...event }))

const isSimple = (event: ReadEvent, httpApi: 'simple' | 'policy'): boolean =>
  event.shape === 'http_2' && httpApi === 'simple'

/**
 * Builds the handler for a configuration and the function's environment (`process.env`). Call it at the top
 * of the module, so that a broken configuration fails the deployment's first start and not one request.
 *
 * The handler throws where API Gateway wants an error thrown: `Unauthorized` is a 401 on REST and WebSocket
 * APIs, everything else a 500. It returns a policy or a simple answer otherwise.
 *
 * @throws {ConfigError} listing every problem.
 */
export function createHandler(
  config: LanekeeperConfig,
  env: Readonly<Record<string, string | undefined>> = {},
  options: HandlerOptions = {},
): AuthorizerHandler {
  const report = createSafeReport(options.report ?? logReport)
  const authorizer = createAuthorizer(
    config,
    {
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      now: options.now ?? (() => Date.now()),
      report,
      secrets: options.secrets ?? createLambdaSecrets(env),
    },
    { stage: env['LANEKEEPER_STAGE'], env, secretKinds: LAMBDA_SECRETS },
  )
  const { httpApiResponse } = authorizer.config.aws

  function refuse(code: FailureCode): Deny {
    report({ event: 'decision', outcome: 'deny', code, blame: failureRow(code).blame })
    return { allow: false, code }
  }

  async function decide(event: ReadEvent, lambdaId: string | undefined): Promise<Decision> {
    if (!isSimple(event, httpApiResponse) && event.arn.length > MAX_RESOURCE_CHARS)
      return refuse('target_too_long')
    const requestId = event.request.requestId ?? lambdaId
    const request = requestId === undefined ? event.request : { ...event.request, requestId }
    // Lambda freezes what is still running when the answer is returned, so refreshes are waited for.
    const work: Promise<unknown>[] = []
    const decision = await authorizer.authorize(request, (pending) => void work.push(pending))
    await Promise.allSettled(work)
    return decision
  }

  return async (given, context) => {
    const event = readEvent(given)
    if (event === null) throw new Error(`lanekeeper: ${refuse('event_unrecognised').code}`)
    const decision = await decide(event, context?.awsRequestId)
    const thrown = decision.allow ? null : toThrown(decision, event.shape)
    if (thrown !== null) throw thrown
    return toAnswer(decision, event, httpApiResponse)
  }
}
