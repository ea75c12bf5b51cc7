// The Lambda authorizer: reads the event, asks the core, answers in the shape of the event and as the function's
// caching strategy wants it. It translates and decides nothing, and tells the core what only this door knows: a path
// too long to stand in a policy, an identity too large for a context. An event it does not recognise it refuses.

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
import { createAsk } from './ask.ts'
import { createLambdaSecrets, LAMBDA_SECRETS } from './secrets.ts'
import { readEvent, type AuthorizerEvent, type ReadEvent } from './event.ts'
import { MAX_RESOURCE_CHARS, toPolicyDocument } from './policy.ts'
import { planTable, toTablePolicy } from './table/policy.ts'
import { describeClash, type TablePlan } from './table/proof.ts'
import { nodeCryptoSync } from '../node/crypto.ts'

export { createEmfReport, type EmfOptions } from './emf-report.ts'

export interface HandlerOptions {
  /** Where events go. Default: one JSON line each on standard output, which is CloudWatch Logs. */
  readonly report?: Ports['report']
  /** Default: node:https, for key sets and questions about tokens, through the proxy that `HTTPS_PROXY` names. */
  readonly fetch?: Ports['fetch']
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: Ports['now']
  /** Default: the function's environment, and AWS Secrets Manager. */
  readonly secrets?: Ports['secrets']
}

export type AuthorizerHandler = (event: AuthorizerEvent, context?: Context) => Promise<AuthorizerAnswer>

const logReport = (event: ReportEvent): void => console.log(JSON.stringify({ door: 'lambda', ...event }))

/**
 * The plan of the table strategy.
 *
 * @throws {ConfigError} naming the routes that clash.
 */
function planOf(config: Parameters<typeof planTable>[0], name: string | undefined): TablePlan {
  const planned = planTable(config)
  if ('plan' in planned) return planned.plan
  const path = name ? `aws.authorizers.${name}.strategy` : 'aws.strategy'
  throw new ConfigError(planned.clashes.map((clash) => ({ path, message: describeClash(clash) })))
}

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
  const now = options.now ?? (() => Date.now())
  const authorizer = assembleAuthorizer(
    config,
    {
      fetch: options.fetch ?? createAsk(env),
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
   * Lambda freezes what is still running when the answer is returned, so refreshes are waited for, as long as a
   * request may take. What is not done by then goes on, or times out, when the function is called again.
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
   * An HTTP API that keeps the answer under too little would apply it to other requests. It refuses them all until the
   * configuration says that nothing is kept, or the identity sources are there. Where everything is report-only the
   * request passes, without an identity.
   */
  function answerUnkept({ request, missingSources }: ReadEvent): Decision {
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
      ? answerUnkept(event)
      : await finish((waitUntil) => authorizer.authorize(request, waitUntil))
    const thrown = decision.allow ? null : toThrown(decision, event, aws)
    if (thrown !== null) throw thrown
    return toAnswer(decision, event, resolved, now())
  }

  /** One answer for everything the token may do: only a token that is no good at all is an error. */
  async function answerTable(event: ReadEvent, plan: TablePlan): Promise<AuthorizerAnswer> {
    const { decision, grant } = await finish((waitUntil) => authorizer.examine(event.request, waitUntil))
    const thrown = grant === null && !decision.allow ? toThrown(decision, event, aws) : null
    if (thrown !== null) throw thrown
    // Without a grant the token itself is refused, whatever was asked for: that is a fact about it.
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
