// Checks whether each stage of the configuration starts on the Worker and on the Lambda, without the environment of a
// deployment.

import {
  ConfigError,
  resolveConfig,
  type ConfigProblem,
  type IssuerConfig,
  type LanekeeperConfig,
  type ResolvedConfig,
  type SecretKind,
} from '../shared/index.ts'
import { findSenderProblems as findGatewayProblems } from '../functions/aws/compile-sender.ts'
import { findDpopProblems as findWorkerProblems } from '../functions/cloudflare/compile.ts'
import { LAMBDA_SECRETS } from '../functions/aws/secret-kinds.ts'
import { isRemoved } from '../functions/fetch/spoofable-fields.ts'
import { WORKER_SECRETS } from '../functions/cloudflare/secrets.ts'
import type { Edges } from './edges.ts'
import { findLoopbackIssuers } from './loopback-issuers.ts'
import { findWorkerAlone } from './sender-report.ts'
import { resolveStageConfig } from './stage-config.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Finding {
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
  /** Variables and bindings that the deployment has to supply. */
  readonly requiredVariables: readonly string[]
  readonly resolved: ResolvedConfig | null
  readonly isSkipped?: boolean
  /** Skipped because the stage is for the Worker alone: the reasons. */
  readonly forWorkerAlone?: readonly string[]
}

export interface StageFindings {
  /** `undefined`: the configuration has no stages. */
  readonly stage: string | undefined
  readonly worker: Finding
  readonly lambda: Finding
  /** The configuration with `revocation` or bound tokens where variables and bindings are all that it lacks. */
  readonly unbound: ResolvedConfig | null
}

function resolveStage(
  config: LanekeeperConfig,
  stage: string | undefined,
  env: Readonly<Record<string, unknown>>,
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
    return { problems: [], warnings: resolved.warnings, requiredVariables: [], resolved }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const requiredVariables = error.problems.flatMap(({ variable }) => variable ?? [])
    const problems = error.problems.filter(({ variable }) => variable === undefined)
    return { problems, warnings: error.warnings, requiredVariables, resolved: null }
  }
}

/** Whether the stage has an origin. A deployment to AWS alone needs none. */
const hasOrigin = (config: LanekeeperConfig, stage: string | undefined): boolean =>
  (stage === undefined ? undefined : config.stages?.[stage]?.origin) !== undefined ||
  config.origin !== undefined

/** The finding of an edge that is not checked. */
const SKIPPED: Finding = {
  problems: [],
  warnings: [],
  requiredVariables: [],
  resolved: null,
  isSkipped: true,
}

/**
 * `only`: the name of the only stage to check. `boundIn` returns the bindings that the Worker of a stage is known to
 * have.
 */
export function findStages(
  config: LanekeeperConfig,
  env: Environment,
  { hasWorker, hasLambda }: Edges,
  only?: string,
  boundIn: (stage: string | undefined) => readonly string[] = () => [],
): readonly StageFindings[] {
  const stages = Object.keys(config.stages ?? {}).filter((stage) => only === undefined || stage === only)
  return (stages.length === 0 ? [undefined] : stages).map((stage) => {
    const bindings = Object.fromEntries(boundIn(stage).map((name) => [name, {}]))
    const found = {
      stage,
      worker: hasWorker
        ? resolveStage(config, stage, { ...env, ...bindings }, WORKER_SECRETS, hasOrigin(config, stage))
        : SKIPPED,
      lambda: hasLambda ? resolveStage(config, stage, env, LAMBDA_SECRETS) : SKIPPED,
    }
    const forWorkerAlone = hasWorker && hasLambda ? findWorkerAlone(config, stage) : []
    const edges = forWorkerAlone.length > 0 ? { ...found, lambda: { ...SKIPPED, forWorkerAlone } } : found
    const open = resolveOpen(config, edges, env)
    return {
      ...edges,
      worker: withProblems(edges.worker, open, (each) => [
        ...findLoopbackIssuers(each, stage ?? ''),
        ...(each.origin === null ? [] : findWorkerProblems(each)),
      ]),
      lambda: withProblems(edges.lambda, open, (each) => [
        ...findLoopbackIssuers(each, stage ?? ''),
        ...findGatewayProblems(each, { isBuild: true }),
      ]),
      unbound: open !== null && hasBindings(open) ? open : null,
    }
  })
}

/** Adds what a build would refuse. `open`: the configuration where variables are all that it lacks. */
function withProblems(
  finding: Finding,
  open: ResolvedConfig | null,
  findProblems: (config: ResolvedConfig) => readonly ConfigProblem[],
): Finding {
  const resolved = finding.resolved ?? open
  if (finding.isSkipped === true || resolved === null) return finding
  return { ...finding, problems: [...finding.problems, ...findProblems(resolved)] }
}

/** Whether the configuration has a section that may need a binding of a store, or a secret of its admin endpoint. */
const hasBindings = ({ revocation, dpop, mtls }: ResolvedConfig): boolean =>
  revocation != null || dpop != null || mtls != null

/** The configuration as a build resolves it. A check has no binding, and perhaps not every secret and variable. */
function resolveOpen(
  config: LanekeeperConfig,
  { stage, worker, lambda }: Omit<StageFindings, 'unbound'>,
  env: Environment,
): ResolvedConfig | null {
  if (worker.resolved !== null || lambda.resolved !== null) return null
  if (worker.problems.length + lambda.problems.length > 0) return null
  try {
    return resolveStageConfig(config, stage, env).config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return null
  }
}

/** Replaces an issuer whose settings only the deployment knows. The comparison does not read issuers. */
const placeholderIssuer = (name: string, senderConstraint: IssuerConfig['senderConstraint']) => ({
  issuer: `https://${name.toLowerCase()}.issuer.example`,
  audience: 'https://api.example',
  profile: 'rfc9068' as const,
  keys: { discovery: 'openid-configuration' as const },
  ...(senderConstraint !== undefined && { senderConstraint }),
})

type VariableSetting = 'issuers' | 'origin' | 'publicUrls' | 'resources' | 'cors' | 'dpop' | 'mtls'

/**
 * Removes settings that may name variables, and settings that must agree with them. The comparison does not read these,
 * either.
 */
function withoutVariableSettings<Settings extends Partial<Record<VariableSetting, unknown>>>(
  settings: Settings,
): Omit<Settings, VariableSetting> {
  const {
    issuers: _issuers,
    origin: _origin,
    publicUrls: _publicUrls,
    resources: _resources,
    cors: _cors,
    dpop: _dpop,
    mtls: _mtls,
    ...rest
  } = settings
  return rest
}

/** The part of a stage's configuration that is compared: routes, report-only, and the settings of API Gateway. */
export function toComparableConfig(
  config: LanekeeperConfig,
  { stage, lambda, worker }: StageFindings,
  env: Environment,
): ResolvedConfig | null {
  const resolved = lambda.resolved ?? worker.resolved
  const { problems } = lambda.isSkipped === true ? worker : lambda
  if (resolved !== null || problems.length > 0) return resolved
  const overrides = stage === undefined ? undefined : config.stages?.[stage]?.issuers
  const comparable: LanekeeperConfig = {
    ...withoutVariableSettings(config),
    issuers: Object.fromEntries(
      Object.entries(config.issuers).map(([name, issuer]) => {
        const { senderConstraint } = { ...issuer, ...overrides?.[name] }
        return [name, placeholderIssuer(name, senderConstraint)]
      }),
    ),
    publicUrls: ['https://api.example'],
    ...(stage === undefined
      ? {}
      : { stages: { [stage]: withoutVariableSettings(config.stages?.[stage] ?? {}) } }),
  }
  return resolveStage(comparable, stage, env, LAMBDA_SECRETS).resolved
}
