// Starts the Lambda authorizer that `lanekeeper build` has compiled: fills the environment into its plan and puts its
// parts together. It imports no part, so an artefact has those alone that its plan uses.

import {
  assemble,
  chooseAuthorizer,
  ConfigError,
  createSafeReport,
  fill,
  stampOf,
  type Parts,
  type Plan,
  type Ports,
  type ResolvedConfig,
  type SecretKind,
} from '../../shared/edge.ts'
import { createNodeCryptoSync } from '../node/create-crypto.ts'
import type { NodeAlgorithms } from '../node/algorithms/algorithm.ts'
import type { LambdaConfig } from './answer.ts'
import { createAuthorizerHandler, fitsContext, type PreparableHandler } from './authorizer-handler.ts'
import type { EventParts } from './event.ts'
import type { CreateReplayStore } from './replay/lazy-store.ts'
import type { CreateRevocationStore } from './revocation/lazy-store.ts'
import { createHttpsFetch } from './https-fetch.ts'
import { logReport } from './log-report.ts'
import { prefetchKeys } from './prefetch.ts'
import type { AnswerTable } from './table/answer.ts'
import type { TablePlan } from './table/proof.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What fills the slots of this edge. A slot that the plan does not use may be empty. */
export interface LambdaParts extends EventParts {
  readonly algorithms?: NodeAlgorithms
  /** By the store of the secret. */
  readonly secrets?: Partial<Readonly<Record<SecretKind, (env: Env) => NonNullable<Ports['secrets']>>>>
  /** For the strategy `table`. */
  readonly answerTable?: AnswerTable
  /** For `revocation`: its store. */
  readonly revocations?: CreateRevocationStore
  /** For `dpop.replay.dynamodb`: its store. */
  readonly replays?: CreateReplayStore
}

/** The slots that several parts fill. */
export const combineLambdaParts = (...parts: readonly LambdaParts[]): LambdaParts =>
  parts.reduce(
    (all, part) => ({
      ...all,
      ...part,
      algorithms: { ...all.algorithms, ...part.algorithms },
      secrets: { ...all.secrets, ...part.secrets },
    }),
    {},
  )

const createSecrets =
  ({ secrets = {} }: LambdaParts, env: Env): NonNullable<Ports['secrets']> =>
  async (ref) => {
    for (const kind of Object.keys(secrets) as SecretKind[])
      if (ref[kind] !== undefined) return secrets[kind]!(env)(ref)
    return undefined
  }

/** The configuration in a plan for this edge. */
type PlannedLambda = LambdaConfig & {
  readonly aws: ResolvedConfig['aws']
  readonly table?: TablePlan
}

/** The settings of the function that runs. */
function configOf(plan: Plan, env: Env, parts: Parts): LambdaConfig & { readonly table?: TablePlan } {
  const config = fill(plan, 'aws', env, parts) as unknown as PlannedLambda
  const chosen = chooseAuthorizer(config.aws.authorizers, env['LANEKEEPER_AUTHORIZER'])
  if (chosen !== undefined && 'message' in chosen) throw new ConfigError([chosen], plan.stage)
  const aws = chosen ?? config.aws
  return { ...config, aws, senderConstraint: aws.senderConstraint }
}

/** The authorizer of a plan, for each function of a deployment. Arguments and errors as `startHandler`. */
export function startAuthorizer(
  plan: Plan,
  env: Env,
  parts: Parts,
  lambdaParts: LambdaParts,
  report: Ports['report'] = logReport,
) {
  const config = configOf(plan, env, parts)
  const given = {
    fetch: createHttpsFetch(env),
    now: () => Date.now(),
    report: createSafeReport(report, stampOf(plan)),
    secrets: createSecrets(lambdaParts, env),
    crypto: createNodeCryptoSync(lambdaParts.algorithms ?? {}),
    isFrozenAfterAnswer: true,
  }
  const { revocation, dpop } = config
  const ports: Ports = {
    ...given,
    ...(revocation && { revocations: lambdaParts.revocations!(revocation, given) }),
    ...(dpop && lambdaParts.replays && { replays: lambdaParts.replays(dpop, given) }),
  }
  return { config, ports, authorizer: assemble(config, ports, parts, { fitsContext }) }
}

/**
 * The handler for a plan. `report`: for metrics; by default every event is a line of JSON.
 *
 * @throws {ConfigError} if the plan is for another edge, stage or version, or the environment lacks what it names.
 */
export function startHandler(
  plan: Plan,
  env: Env,
  parts: Parts,
  lambdaParts: LambdaParts,
  report?: Ports['report'],
): PreparableHandler {
  const { config, ports, authorizer } = startAuthorizer(plan, env, parts, lambdaParts, report)
  const { table, aws } = config
  const handler = createAuthorizerHandler(
    authorizer,
    ports,
    aws.strategy === 'table' && table !== undefined
      ? { plan: table, answer: lambdaParts.answerTable! }
      : null,
    lambdaParts,
  )
  return Object.assign(handler, { prepare: () => prefetchKeys(authorizer, env) })
}
