// `createHandler`: the Lambda authorizer for a configuration that is compiled when the function starts. It has all
// parts. planned-handler.ts starts what `lanekeeper build` has compiled.

import { assembleAllParts, compileFor } from '../../shared/compiler.ts'
import { createSafeReport, stampOf, type Ports } from '../../shared/edge.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { createAuthorizerHandler, fitsContext, type PreparableHandler } from './authorizer-handler.ts'
import { AWS_EDGE } from './compile.ts'
import { handshakeTokens } from './handshake-tokens.ts'
import { createHttpsFetch } from './https-fetch.ts'
import { logReport } from './log-report.ts'
import { prefetchKeys } from './prefetch.ts'
import { readNeeds } from './request-needs.ts'
import { openReplays } from './replay/lazy-store.ts'
import { openDynamoDb } from './revocation/lazy-store.ts'
import { createLambdaSecrets } from './secrets.ts'
import { answerTable } from './table/answer.ts'
import { nodeCryptoSync } from '../node/crypto.ts'

export { createEmfReport, type EmfOptions } from './emf-report.ts'
export type { AuthorizerHandler, PreparableHandler } from './authorizer-handler.ts'

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
  /** The store of revocations. Default: the DynamoDB table in `revocation.dynamodb`. */
  readonly revocations?: Ports['revocations']
  /** The store of used DPoP proofs. Default: the DynamoDB table in `dpop.replay.dynamodb`. */
  readonly replays?: Ports['replays']
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
 * await handler.prepare() // for provisioned concurrency
 * ```
 */
export function createHandler(
  config: LanekeeperConfig,
  env: Readonly<Record<string, string | undefined>> = {},
  options: HandlerOptions = {},
): PreparableHandler {
  const compiled = compileFor(AWS_EDGE, config, {
    stage: env['LANEKEEPER_STAGE'],
    authorizer: env['LANEKEEPER_AUTHORIZER'],
    env,
  })
  const given = {
    fetch: options.fetch ?? createHttpsFetch(env),
    now: options.now ?? (() => Date.now()),
    report: createSafeReport(options.report ?? logReport, stampOf(compiled.plan)),
    secrets: options.secrets ?? createLambdaSecrets(env),
    crypto: nodeCryptoSync,
    isFrozenAfterAnswer: true,
  }
  const { senderConstraint } = compiled.config.aws
  const resolved = { ...compiled.config, senderConstraint }
  const { revocation, dpop } = resolved
  const ports: Ports = {
    ...given,
    ...(revocation && { revocations: options.revocations ?? openDynamoDb(revocation, given) }),
    ...(dpop && { replays: options.replays ?? openReplays(dpop, given) }),
  }
  const authorizer = assembleAllParts(resolved, ports, fitsContext)
  const { table } = compiled.derived
  const handler = createAuthorizerHandler(
    authorizer,
    ports,
    table === null ? null : { plan: table, answer: answerTable },
    { handshakeTokens, readNeeds },
  )
  return Object.assign(handler, { prepare: () => prefetchKeys(authorizer, env) })
}
