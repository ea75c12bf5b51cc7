// Checks, in this order: that the configuration starts in every stage on both edges; that nothing in wrangler.toml and
// the modules it deploys lets a request past the Worker; that the packaged serverless.yml of every stage, or the
// template that is given in its place, agrees with the configuration. Prints each problem with its path or file.
// Variables and bindings that only the deployment has are listed and not checked. A missing origin is a problem of the
// Worker only. If one of the two files is missing, its edge is not checked; if both are, nothing is compared. A file
// that the tools of the project cannot read is named.

import { join } from 'node:path'
import type { LanekeeperConfig, ResolvedConfig } from '../shared/index.ts'
import { compareStages, type ComparedStage, type Packager } from './compare-stages.ts'
import { checkTables } from './deployment-check.ts'
import type { DeploymentFinding } from './deployment-finding.ts'
import { describeError } from './describe-error.ts'
import { findEdges, type Edges } from './edges.ts'
import { MANUAL_CHECKS } from './fail-open.ts'
import { findUnregistered } from './method-notes.ts'
import { NotCompared } from './project-tool.ts'
import { mtlsSectionOf } from './sender-report.ts'
import { findStages, toComparableConfig, type Environment, type StageFindings } from './stage-findings.ts'
import { printStages } from './stage-report.ts'
import { objectsBoundIn } from './store-binding.ts'
import { paint } from './table.ts'
import { readWorker, type WorkerEnvironment } from './worker-environments.ts'
import { checkWorkerSettings, type WorkerFindings } from './worker-settings.ts'

export type EdgeName = 'cloudflare' | 'aws'

export interface CheckOptions {
  /** The directory of wrangler.toml and serverless.yml. */
  readonly root: string
  readonly env: Environment
  readonly packager: Packager
  /** The only stage to check. Default: every stage. */
  readonly stage?: string | undefined
  /** The only edge to check, with or without its file. Default: each edge that has its file, or both. */
  readonly edge?: EdgeName | undefined
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
}

/** A finding about a file of the deployment, with the names of the stages that have it. */
export interface FileFinding extends DeploymentFinding {
  readonly stages: readonly string[]
}

export interface CheckedFile {
  /** `wrangler.toml`, `serverless.yml`, or the name of the template that was given. */
  readonly file: string
  /** Why the file is not compared with the configuration. `null`: it is. */
  readonly notComparedBecause: string | null
  readonly findings: readonly FileFinding[]
  readonly notes: readonly string[]
}

export interface CheckResult {
  /** 0 if everything may be deployed. */
  readonly exitCode: 0 | 1
  readonly stages: readonly StageFindings[]
  /** The files of the deployment that exist. */
  readonly files: readonly CheckedFile[]
  /** Findings about the configuration that need no file: tables that cannot be used. */
  readonly findings: readonly FileFinding[]
  readonly notes: readonly string[]
}

type Deployment = ReadonlyMap<string, readonly DeploymentFinding[]>

/** The longest time that API Gateway may cache an answer, in seconds. */
const longestTtlSeconds = (configs: readonly ResolvedConfig[]): number =>
  Math.max(
    ...configs
      .flatMap(({ aws }) => [aws, ...aws.authorizers.values()])
      .map(({ resultTtlSeconds }) => resultTtlSeconds ?? 0),
  )

/** Each finding once, with the names of the stages that have it. */
function joinStages(deployment: Deployment): FileFinding[] {
  const joined = new Map<string, DeploymentFinding & { stages: string[] }>()
  for (const [stage, found] of deployment)
    for (const finding of found) {
      const text = toText(finding)
      if (!joined.has(text)) joined.set(text, { ...finding, stages: [] })
      joined.get(text)!.stages.push(stage)
    }
  return [...joined.values()]
}

const toText = ({ severity, subject, message }: DeploymentFinding): string =>
  `${severity}: ${subject}: ${message}`

const toLine = (finding: FileFinding): string => `${toText(finding)} (${finding.stages.join(', ')})`

/** Whether variables of the deployment are all that a stage lacks. */
const lacksOnlyVariables = ({ worker, lambda }: StageFindings): boolean =>
  worker.problems.length + lambda.problems.length === 0

const nameOf = ({ stage }: StageFindings): string => stage ?? 'production'

/** The edges that are checked, and the files that are compared. */
function chooseEdges(present: Edges, edge: EdgeName | undefined): { edges: Edges; compared: Edges } {
  const asked: Edges = { hasWorker: edge !== 'aws', hasLambda: edge !== 'cloudflare' }
  const compared: Edges = {
    hasWorker: present.hasWorker && asked.hasWorker,
    hasLambda: present.hasLambda && asked.hasLambda,
  }
  const isAnyCompared = compared.hasWorker || compared.hasLambda
  return { edges: edge === undefined && isAnyCompared ? compared : asked, compared }
}

/** The note about files that do not exist, if no file is compared. */
function describeNoFile({ hasWorker, hasLambda }: Edges, edge: EdgeName | undefined): readonly string[] {
  if (hasWorker || hasLambda) return []
  if (edge !== undefined)
    return [`There is no ${edge === 'aws' ? 'serverless.yml' : 'wrangler.toml'} here to compare.`]
  return [
    'There is neither wrangler.toml nor serverless.yml here: the configuration is checked for both edges, and compared with nothing.',
  ]
}

const MANUAL_NOTES = MANUAL_CHECKS.map((manualCheck) => `look for yourself: ${manualCheck}`)

const problemAbout = (subject: string, message: string, stages: readonly string[] = []): FileFinding => ({
  severity: 'problem',
  subject,
  message,
  stages,
})

/** Compares wrangler.toml and prints the findings, or why it cannot be read. */
async function checkWorkerFile(
  config: LanekeeperConfig,
  stages: readonly StageFindings[],
  environments: Promise<readonly WorkerEnvironment[]>,
  { root, stage, print }: CheckOptions,
): Promise<CheckedFile> {
  const file = 'wrangler.toml'
  const project = { root, stages: Object.keys(config.stages ?? {}), stage }
  let found: WorkerFindings = { problems: [], notes: [] }
  let notComparedBecause: string | null = null
  try {
    found = await checkWorkerSettings(project, await environments, stages)
  } catch (error) {
    if (error instanceof NotCompared) notComparedBecause = error.message
    else found = { problems: [`cannot be read: ${describeError(error, root)}`], notes: [] }
  }
  print(`\n${paint('bold', file)}`)
  if (notComparedBecause !== null) print(`  is not compared: ${notComparedBecause}`)
  for (const text of [...found.problems, ...found.notes, ...MANUAL_NOTES]) print(`  ${text}`)
  return {
    file,
    notComparedBecause,
    findings: found.problems.map((problem) => problemAbout(file, problem)),
    notes: [...found.notes, ...MANUAL_NOTES],
  }
}

interface CheckedServerless extends CheckedFile {
  readonly comparedStages: readonly string[]
  /** Whether the file could not be packaged. */
  readonly hasFailed: boolean
}

/** Compares the template of each stage and prints nothing. */
async function compareServerless(
  comparedByStage: ReadonlyMap<string, ComparedStage>,
  stages: readonly StageFindings[],
  { root, packager }: CheckOptions,
): Promise<CheckedServerless> {
  const { file } = packager
  const notCompared = { file, comparedStages: [], notes: [] } as const
  const hasStages = stages.some(({ stage }) => stage !== undefined)
  let deployment: Deployment
  try {
    deployment = await compareStages(comparedByStage, hasStages, root, packager)
  } catch (error) {
    if (error instanceof NotCompared)
      return { ...notCompared, notComparedBecause: error.message, findings: [], hasFailed: false }
    const reason = `cannot be packaged, so it is not compared: ${describeError(error, root)}`
    const findings = [problemAbout(file, reason, [...comparedByStage.keys()])]
    return { ...notCompared, notComparedBecause: reason, findings, hasFailed: true }
  }
  const withoutVariables = stages
    .filter(({ lambda }) => lambda.forWorkerAlone === undefined)
    .filter((finding) => !deployment.has(nameOf(finding)) && lacksOnlyVariables(finding))
    .map((finding) => {
      const variables = [...new Set(finding.lambda.requiredVariables)].join(', ')
      const message = `is not compared without the variables ${variables}; set them for this check`
      return problemAbout(file, message, [nameOf(finding)])
    })
  return {
    file,
    notComparedBecause: null,
    findings: [...joinStages(deployment), ...withoutVariables],
    notes: [],
    comparedStages: [...deployment.keys()],
    hasFailed: false,
  }
}

/** The last line: which stages were compared with their templates, and which were not. */
function describeCompared(
  { file, notComparedBecause, comparedStages }: CheckedServerless,
  stages: readonly StageFindings[],
): string {
  if (notComparedBecause !== null) return `${file} is not compared: ${notComparedBecause}.`
  const refused = stages
    .filter((finding) => !comparedStages.includes(nameOf(finding)) && !lacksOnlyVariables(finding))
    .map(nameOf)
    .join(', ')
  return (
    `Compared with ${file} as it would be deployed to: ${comparedStages.join(', ') || 'no stage'}.` +
    (refused !== '' ? ` Not compared, because it does not start: ${refused}.` : '')
  )
}

/** Checks the configuration, compares the files of the deployment with it, and prints every finding. */
export async function check(config: LanekeeperConfig, options: CheckOptions): Promise<CheckResult> {
  const { root, env, stage: onlyStage, edge, print, printError } = options
  const found = findEdges(root)
  const present = { ...found, hasLambda: found.hasLambda || options.packager.isGiven === true }
  const { edges, compared } = chooseEdges(present, edge)
  const environments = compared.hasWorker
    ? readWorker(join(root, 'wrangler.toml'), root)
    : Promise.resolve([])
  const readable = await environments.catch(() => []) // checkWorkerFile says why
  const stages = findStages(config, env, edges, onlyStage, (stage) => objectsBoundIn(readable, stage))
  printStages(stages, config, print)
  const notes = describeNoFile(compared, edge)
  for (const note of notes) print(`\n${note}`)
  const worker = compared.hasWorker ? await checkWorkerFile(config, stages, environments, options) : null

  const resolvedByStage = new Map(
    stages.flatMap((finding) => {
      if (finding.lambda.forWorkerAlone !== undefined) return []
      const found = toComparableConfig(config, finding, env)
      return found === null ? [] : [[nameOf(finding), found] as const]
    }),
  )
  const comparedByStage = new Map(
    stages.flatMap((finding): [string, ComparedStage][] => {
      const resolved = resolvedByStage.get(nameOf(finding))
      const mtls = mtlsSectionOf(config, finding.stage)
      return resolved === undefined ? [] : [[nameOf(finding), { resolved, mtls }]]
    }),
  )
  const lambda = compared.hasLambda ? await compareServerless(comparedByStage, stages, options) : null
  const tables = edges.hasLambda
    ? joinStages(new Map([...resolvedByStage].map(([stage, resolved]) => [stage, checkTables(resolved)])))
    : []
  const files = [worker, lambda].filter((file) => file !== null)
  const findings = [...tables, ...files.flatMap((file) => file.findings)]
  const hasProblem =
    findings.some(({ severity }) => severity === 'problem') || !stages.every(lacksOnlyVariables)
  const result = { exitCode: hasProblem ? 1 : 0, stages, files, notes } as const
  if (lambda?.hasFailed === true) {
    printError(`\n${lambda.file} ${lambda.notComparedBecause}`)
    return { ...result, findings: tables }
  }
  if (edges.hasLambda && resolvedByStage.size > 0)
    print(
      `\nAPI Gateway may serve an answer for at most ${longestTtlSeconds([...resolvedByStage.values()])} s after it was decided (docs/aws.md).`,
    )
  const lines = [...tables, ...(lambda?.findings ?? [])].map(toLine)
  // Stages cannot override routes, so the rules of any stage are the rules of all.
  const [anyConfig] = resolvedByStage.values()
  const unregistered = anyConfig === undefined ? [] : findUnregistered(anyConfig.routes, lines)
  for (const note of unregistered) print(`warning: ${note}`)
  for (const line of lines) print(line)
  if (lambda !== null) print(`\n${describeCompared(lambda, stages)}`)
  return { ...result, findings: tables, notes: [...notes, ...unregistered] }
}

/** As `check`; returns the exit code: 0 if everything may be deployed. */
export const checkConfig = async (config: LanekeeperConfig, options: CheckOptions): Promise<0 | 1> =>
  (await check(config, options)).exitCode
