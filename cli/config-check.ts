// Checks, in this order: that the configuration starts in every stage on both edges; that nothing in wrangler.toml and
// the modules it deploys lets a request past the Worker; that the packaged serverless.yml of every stage agrees with
// the configuration. Prints each problem with its path or file. Variables and bindings that only the deployment has are
// listed and not checked. A missing origin is a problem of the Worker only. An edge without its file is not checked.

import { join } from 'node:path'
import type { LanekeeperConfig, ResolvedConfig } from '../shared/index.ts'
import { compareStages } from './compare-stages.ts'
import type { DeploymentFinding } from './deployment-finding.ts'
import { describeError } from './describe-error.ts'
import { findEdges } from './edges.ts'
import { MANUAL_CHECKS } from './fail-open.ts'
import { findStages, toComparableConfig, type Environment, type StageFindings } from './stage-findings.ts'
import { printStages } from './stage-report.ts'
import { findUnregistered } from './method-notes.ts'
import { paint } from './table.ts'
import { checkWorkerSettings } from './worker-settings.ts'

export interface CheckOptions {
  /** The directory of wrangler.toml and serverless.yml. */
  readonly root: string
  readonly env: Environment
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
}

type Deployment = ReadonlyMap<string, readonly DeploymentFinding[]>

/** The longest time that API Gateway may cache an answer, in seconds. */
const longestTtlSeconds = (configs: readonly ResolvedConfig[]): number =>
  Math.max(
    ...configs
      .flatMap(({ aws }) => [aws, ...aws.authorizers.values()])
      .map(({ resultTtlSeconds }) => resultTtlSeconds ?? 0),
  )

/** One line for each finding, with the names of the stages that have it. */
function toLines(deployment: Deployment): string[] {
  const stagesOf = new Map<string, string[]>()
  for (const [stage, found] of deployment)
    for (const { severity, subject, message } of found) {
      const text = `${severity}: ${subject}: ${message}`
      stagesOf.set(text, [...(stagesOf.get(text) ?? []), stage])
    }
  return [...stagesOf].map(([text, stages]) => `${text} (${stages.join(', ')})`)
}

/** Whether variables of the deployment are all that a stage lacks. */
const lacksOnlyVariables = ({ worker, lambda }: StageFindings): boolean =>
  worker.problems.length + lambda.problems.length === 0

/** Prints the findings. Returns the exit code: 0 if everything may be deployed. */
export async function checkConfig(
  config: LanekeeperConfig,
  { root, env, print, printError }: CheckOptions,
): Promise<0 | 1> {
  const toml = join(root, 'wrangler.toml')
  const { hasWorker, hasLambda } = findEdges(root)
  if (!hasWorker && !hasLambda) {
    printError('There is neither wrangler.toml nor serverless.yml here, so there is no edge to check.')
    return 1
  }
  const findings = findStages(config, env, { hasWorker, hasLambda })
  printStages(findings, config, print)

  const failOpen = hasWorker
    ? await checkWorkerSettings(toml, root, findings).catch((error: unknown) => [
        `cannot be read: ${describeError(error)}`,
      ])
    : []
  if (hasWorker) print(`\n${paint('bold', 'wrangler.toml')}`)
  for (const problem of failOpen) print(`  ${problem}`)
  for (const manualCheck of hasWorker ? MANUAL_CHECKS : []) print(`  look for yourself: ${manualCheck}`)

  const resolvedByStage = new Map(
    findings.flatMap((finding) => {
      const found = toComparableConfig(config, finding, env)
      return found === null ? [] : [[finding.stage ?? 'production', found] as const]
    }),
  )
  const hasStages = findings.some(({ stage }) => stage !== undefined)
  let deployment: Deployment = new Map()
  try {
    if (hasLambda) deployment = await compareStages(resolvedByStage, hasStages, root)
  } catch (error) {
    printError(`\nserverless.yml cannot be packaged, so it is not compared: ${describeError(error)}`)
    return 1
  }
  if (hasLambda && resolvedByStage.size > 0)
    print(
      `\nAPI Gateway may serve an answer for at most ${longestTtlSeconds([...resolvedByStage.values()])} s after it was decided (docs/aws.md).`,
    )
  const lines = toLines(deployment)
  // Stages cannot override routes, so the rules of any stage are the rules of all.
  const [anyConfig] = resolvedByStage.values()
  const unregistered = anyConfig === undefined ? [] : findUnregistered(anyConfig.routes, lines)
  for (const note of unregistered) print(`warning: ${note}`)
  for (const line of lines) print(line)
  const uncompared = hasLambda ? findings.filter(({ stage }) => !deployment.has(stage ?? 'production')) : []
  const withoutVariables = uncompared.filter(lacksOnlyVariables)
  for (const { stage, lambda } of withoutVariables)
    print(
      `problem: serverless.yml: is not compared without the variables ${[...new Set(lambda.requiredVariables)].join(', ')}; set them for this check (${stage ?? 'production'})`,
    )
  if (hasLambda) {
    const names = uncompared
      .filter((finding) => !lacksOnlyVariables(finding))
      .map(({ stage }) => stage ?? 'production')
      .join(', ')
    print(
      `\nCompared with serverless.yml as it would be deployed to: ${[...deployment.keys()].join(', ') || 'no stage'}.` +
        (names !== '' ? ` Not compared, because it does not start: ${names}.` : ''),
    )
  }
  const hasProblem =
    failOpen.length > 0 ||
    withoutVariables.length > 0 ||
    [...deployment.values()].flat().some(({ severity }) => severity === 'problem') ||
    findings.some(({ worker, lambda }) => worker.problems.length + lambda.problems.length > 0)
  return hasProblem ? 1 : 0
}
