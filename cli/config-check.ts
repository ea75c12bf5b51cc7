// Would a configuration start, on either edge, in every stage? Prints each problem and its place. What only a
// deployment can know (variables of its environment, service bindings) is listed and not judged; nor is a missing
// origin, which only the Worker needs. Then wrangler.toml and the modules it would deploy, for what could let a request
// past the Worker; then the packaged serverless.yml, of every stage, against the configuration. An edge whose file is
// not there is left out.

import { join } from 'node:path'
import type { LanekeeperConfig, ResolvedConfig } from '../shared/index.ts'
import { compareStages } from './compare-stages.ts'
import type { DeploymentFinding } from './deployment-finding.ts'
import { describeError } from './describe-error.ts'
import { findEdges } from './edges.ts'
import { NOT_SEEN_HERE } from './fail-open.ts'
import { findStages, toCompare, type Environment, type StageFindings } from './stage-findings.ts'
import { printStages } from './stage-report.ts'
import { findUnregistered } from './method-notes.ts'
import { paint } from './table.ts'
import { checkWorkerSettings } from './worker-settings.ts'

export interface CheckOptions {
  /** Where wrangler.toml and serverless.yml are. */
  readonly root: string
  readonly env: Environment
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
}

type Deployment = ReadonlyMap<string, readonly DeploymentFinding[]>

/** The longest time that API Gateway may keep an answer, in seconds. */
const longestKept = (configs: readonly ResolvedConfig[]): number =>
  Math.max(
    ...configs
      .flatMap(({ aws }) => [aws, ...aws.authorizers.values()])
      .map(({ resultTtlSeconds }) => resultTtlSeconds ?? 0),
  )

/** What is found in several stages is said once. */
function toLines(deployment: Deployment): string[] {
  const stagesOf = new Map<string, string[]>()
  for (const [stage, found] of deployment)
    for (const { weight, place, message } of found) {
      const text = `${weight}: ${place}: ${message}`
      stagesOf.set(text, [...(stagesOf.get(text) ?? []), stage])
    }
  return [...stagesOf].map(([text, stages]) => `${text} (${stages.join(', ')})`)
}

/** Whether a stage lacks nothing but variables of its deployment. */
const isOpen = ({ worker, lambda }: StageFindings): boolean =>
  worker.problems.length + lambda.problems.length === 0

/** Prints what it finds. Returns the exit code: 0 if everything may be deployed. */
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
  for (const unseen of hasWorker ? NOT_SEEN_HERE : []) print(`  look for yourself: ${unseen}`)

  const compared = new Map(
    findings.flatMap((finding) => {
      const found = toCompare(config, finding, env)
      return found === null ? [] : [[finding.stage ?? 'production', found] as const]
    }),
  )
  const staged = findings.some(({ stage }) => stage !== undefined)
  let deployment: Deployment = new Map()
  try {
    if (hasLambda) deployment = await compareStages(compared, staged, root)
  } catch (error) {
    printError(`\nserverless.yml cannot be packaged, so it is not compared: ${describeError(error)}`)
    return 1
  }
  if (hasLambda && compared.size > 0)
    print(
      `\nAPI Gateway may serve an answer for at most ${longestKept([...compared.values()])} s after it was decided (docs/aws.md).`,
    )
  const lines = toLines(deployment)
  // No stage has rules of its own.
  const [some] = compared.values()
  const unregistered = some === undefined ? [] : findUnregistered(some.routes, lines)
  for (const note of unregistered) print(`warning: ${note}`)
  for (const line of lines) print(line)
  const left = hasLambda ? findings.filter(({ stage }) => !deployment.has(stage ?? 'production')) : []
  const open = left.filter(isOpen)
  for (const { stage, lambda } of open)
    print(
      `problem: serverless.yml: is not compared without the variables ${[...new Set(lambda.needed)].join(', ')}; set them for this check (${stage ?? 'production'})`,
    )
  if (hasLambda) {
    const names = left
      .filter((finding) => !isOpen(finding))
      .map(({ stage }) => stage ?? 'production')
      .join(', ')
    print(
      `\nCompared with serverless.yml as it would be deployed to: ${[...deployment.keys()].join(', ') || 'no stage'}.` +
        (names !== '' ? ` Not compared, for it does not start: ${names}.` : ''),
    )
  }
  const isWrong =
    failOpen.length > 0 ||
    open.length > 0 ||
    [...deployment.values()].flat().some(({ weight }) => weight === 'problem') ||
    findings.some(({ worker, lambda }) => worker.problems.length + lambda.problems.length > 0)
  return isWrong ? 1 : 0
}
