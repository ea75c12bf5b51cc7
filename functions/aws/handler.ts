// The Lambda authorizer: reads the event, lets the core decide, and answers in the shape of the event and by the
// function's caching strategy. It decides nothing itself, but tells the core two limits of this edge: a path too long
// for a policy, and an identity too large for a context. An event that it does not recognise is refused.

import type { Context } from 'aws-lambda'
import {
  ConfigError,
  assembleAuthorizer,
  createSafeReport,
  failureRow,
  REQUEST_MS,
  type Decision,
  type LanekeeperConfig,
  type Ports,
  type ReportEvent,
} from '../../shared/index.ts'
import {
  identityContext,
  isSimple,
  isTooLarge,
  toAnswer,
  toPolicyAnswer,
  toThrown,
  toTimeLimit,
  type AuthorizerAnswer,
} from './answer.ts'
import { createHttpsFetch } from './https-fetch.ts'
import { createLambdaSecrets, LAMBDA_SECRETS } from './secrets.ts'
import { readEvent, type AuthorizerEvent, type ReadEvent } from './event.ts'
import { MAX_RESOURCE_CHARS, toPolicyDocument } from './policy.ts'
import { planTable, toTablePolicy } from './table/policy.ts'
import { describeClash, type TablePlan } from './table/proof.ts'
import { nodeCryptoSync } from '../node/crypto.ts'

export { createEmfReport, type EmfOptions } from './emf-report.ts'

/** Replacements for the ports of `createHandler`. Each has a default, so a function usually needs none. */
export interface HandlerOptions {
  /** Receives every event. Default: one JSON line on standard output, which is CloudWatch Logs. */
  readonly report?: Ports['report']
  /** Used for key sets and lookups of tokens. Default: node:https, through the proxy that `HTTPS_PROXY` names. */
  readonly fetch?: Ports['fetch']
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: Ports['now']
  /** Default: the function's environment, and AWS Secrets Manager. */
  readonly secrets?: Ports['secrets']
}

/**
 * The handler of the Lambda function: takes an authorizer event of a REST, HTTP or WebSocket API and resolves to a
 * policy or a simple response. For other refusals it rejects, and API Gateway chooses the status: with `Unauthorized`
 * 401 on REST and WebSocket APIs and 401 or 500 on HTTP APIs; with `lanekeeper: CODE` 500, or 503 by a gateway response
 * of a REST API.
 */
export type AuthorizerHandler = (event: AuthorizerEvent, context?: Context) => Promise<AuthorizerAnswer>

const logReport = (event: ReportEvent): void => console.log(JSON.stringify({ door: 'lambda', ...event }))

/**
 * The plan of the table strategy.
 *
 * @throws {ConfigError} naming the routes that a table cannot express.
 */
function planOf(config: Parameters<typeof planTable>[0], name: string | undefined): TablePlan {
  const planned = planTable(config)
  if ('plan' in planned) return planned.plan
  const path = name ? `aws.authorizers.${name}.strategy` : 'aws.strategy'
  throw new ConfigError(planned.clashes.map((clash) => ({ path, message: describeClash(clash) })))
}

/**
 * Builds the handler for a configuration and the function's environment (`process.env`). Call it at the top of the
 * module, so that a broken configuration fails the function's start and not one request.
 *
 * API Gateway chooses the status of a refusal, and only REST APIs can send a challenge: docs/aws.md.
 *
 * @throws {ConfigError} listing every problem.
 *
 * @example
 * ```ts
 * import { createHandler } from 'lanekeeper/aws'
 * import config from './lanekeeper.config.ts'
 *
 * export const handler = createHandler(config, process.env)
 * ```
 */
export function createHandler(
  config: LanekeeperConfig,
  env: Readonly<Record<string, string | undefined>> = {},
  options: HandlerOptions = {},
): AuthorizerHandler {
  const report = createSafeReport(options.report ?? logReport)
  const now = options.now ?? (() => Date.now())
  const authorizer = assembleAuthorizer(
    config,
    {
      fetch: options.fetch ?? createHttpsFetch(env),
      now,
      report,
      secrets: options.secrets ?? createLambdaSecrets(env),
      crypto: nodeCryptoSync,
    },
    {
      stage: env['LANEKEEPER_STAGE'],
      authorizer: env['LANEKEEPER_AUTHORIZER'],
      env,
      secretKinds: LAMBDA_SECRETS,
      fitsContext: (grant) => !isTooLarge(identityContext(grant)),
    },
  )
  const { config: resolved } = authorizer
  const { aws } = resolved
  const plan = aws.strategy === 'table' ? planOf(resolved, env['LANEKEEPER_AUTHORIZER']) : null

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

  /** A policy for everything that the token may do. Only a token that is itself refused may be an error. */
  async function answerTable(event: ReadEvent, plan: TablePlan): Promise<AuthorizerAnswer> {
    const { decision, grant } = await finish((waitUntil) => authorizer.examine(event.request, waitUntil))
    const thrown = grant === null && !decision.allow ? toThrown(decision, event, aws) : null
    if (thrown !== null) throw thrown
    // Without a grant the token itself is refused, so the refusal is true for every path.
    const about = grant === null && !decision.allow ? { code: decision.code } : identityContext(grant)
    const context = { ...about, decided_at: String(now()) }
    const policy =
      grant === null
        ? toPolicyDocument([], [`${event.stageArn}/*`], null)
        : toTablePolicy(plan, event.stageArn, grant.scopes, toTimeLimit(grant, aws, resolved))
    return toPolicyAnswer(policy, grant, context, aws, 'refused')
  }

  return async (given, context) => {
    const read = readEvent(given, aws.webSocketToken, authorizer.needs)
    if (read === null) throw unrecognised()
    const requestId = read.request.requestId ?? context?.awsRequestId
    const event = requestId === undefined ? read : { ...read, request: { ...read.request, requestId } }
    return plan !== null && event.shape === 'rest_token' ? answerTable(event, plan) : answerExactly(event)
  }
}
