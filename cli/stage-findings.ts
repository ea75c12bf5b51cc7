// Whether each stage of the configuration starts, on the Worker and on the Lambda, as far as it can be known without
// the environment of a deployment.

import {
  ConfigError,
  resolveConfig,
  type ConfigProblem,
  type LanekeeperConfig,
  type ResolvedConfig,
  type SecretKind,
} from '../shared/index.ts'
import { LAMBDA_SECRETS } from '../functions/aws/secrets.ts'
import { isRemoved } from '../functions/fetch/spoofable-fields.ts'
import { WORKER_SECRETS } from '../functions/cloudflare/secrets.ts'
import type { Edges } from './edges.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Finding {
  readonly problems: readonly ConfigProblem[]
  /** Variables and bindings that the deployment has to supply. */
  readonly needed: readonly string[]
  readonly resolved: ResolvedConfig | null
  readonly leftOut?: boolean
}

export interface StageFindings {
  /** `undefined`: the configuration has no stages. */
  readonly stage: string | undefined
  readonly worker: Finding
  readonly lambda: Finding
}

function look(
  config: LanekeeperConfig,
  stage: string | undefined,
  env: Environment,
  secretKinds: readonly SecretKind[],
  needsOrigin: boolean = false,
): Finding {
  try {
    const resolved = resolveConfig(config, {
      stage,
      env,
      secretKinds,
      needsOrigin,
      ...(needsOrigin ? { isRemoved } : {}),
    })
    return { problems: [], needed: [], resolved }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const needed = error.problems.flatMap(({ variable }) => variable ?? [])
    const problems = error.problems.filter(({ variable }) => variable === undefined)
    return { problems, needed, resolved: null }
  }
}

/** Whether the stage sends anything on: a deployment to AWS alone needs no origin. */
const hasOrigin = (config: LanekeeperConfig, stage: string | undefined): boolean =>
  (stage === undefined ? undefined : config.stages?.[stage]?.origin) !== undefined ||
  config.origin !== undefined

/** An edge that has no file here is not deployed from here: nothing is said of it. */
const LEFT_OUT: Finding = { problems: [], needed: [], resolved: null, leftOut: true }

export function findStages(
  config: LanekeeperConfig,
  env: Environment,
  { hasWorker, hasLambda }: Edges,
): readonly StageFindings[] {
  const stages = Object.keys(config.stages ?? {})
  return (stages.length === 0 ? [undefined] : stages).map((stage) => ({
    stage,
    worker: hasWorker ? look(config, stage, env, WORKER_SECRETS, hasOrigin(config, stage)) : LEFT_OUT,
    lambda: hasLambda ? look(config, stage, env, LAMBDA_SECRETS) : LEFT_OUT,
  }))
}

/** In place of issuers that only a deployment knows. No comparison looks at them. */
const standIn = (name: string) => ({
  issuer: `https://${name.toLowerCase()}.issuer.example`,
  audience: 'https://api.example',
  profile: 'rfc9068' as const,
  keys: { discovery: 'openid-configuration' as const },
})

type Open = 'issuers' | 'origin' | 'publicUrls' | 'resources' | 'cors'

/** Without the settings that may name variables, and those that have to agree with them. No comparison looks at these, either. */
function withoutOpen<Settings extends Partial<Record<Open, unknown>>>(
  settings: Settings,
): Omit<Settings, Open> {
  const { issuers: _i, origin: _o, publicUrls: _u, resources: _r, cors: _c, ...rest } = settings
  return rest
}

/** The configuration of a stage as far as it is compared: routes, report-only and what API Gateway may keep. */
export function toCompare(
  config: LanekeeperConfig,
  { stage, lambda, worker }: StageFindings,
  env: Environment,
): ResolvedConfig | null {
  const resolved = lambda.resolved ?? worker.resolved
  if (resolved !== null || lambda.problems.length > 0) return resolved
  const given: LanekeeperConfig = {
    ...withoutOpen(config),
    issuers: Object.fromEntries(Object.keys(config.issuers).map((name) => [name, standIn(name)])),
    ...(stage === undefined ? {} : { stages: { [stage]: withoutOpen(config.stages?.[stage] ?? {}) } }),
  }
  return look(given, stage, env, LAMBDA_SECRETS).resolved
}
