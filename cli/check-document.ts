// The JSON document of `lanekeeper check --json`. `version` changes if a member goes away or gets another meaning; a
// member may be added without that. docs/checking.md describes it.

import type { ConfigProblem, Staleness } from '../shared/index.ts'
import { hasOnlineProblem, type OnlineStage } from './online/online-document.ts'
import type { CheckedFile, CheckResult, FileFinding } from './config-check.ts'
import type { StageFindings } from './stage-findings.ts'
import {
  describePublished,
  describeBundled,
  describeReportOnly,
  describeRevocationOf,
  describeSendersOf,
  findUnchecked,
  stalenessOf,
  statusOf,
  type EdgeStatus,
} from './stage-report.ts'

const VERSION = 1

interface Problem {
  readonly path: string
  readonly message: string
}

export interface StageDocument {
  /** `null`: the configuration has no stages. */
  readonly name: string | null
  readonly cloudflare: EdgeStatus
  readonly aws: EdgeStatus
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
  /** Variables and bindings that only the deployment has. */
  readonly requiredVariables: readonly string[]
  /** The longest time until a revocation takes effect, for each issuer and kind of token. */
  readonly staleness: readonly Staleness[]
  readonly notes: readonly string[]
}

export interface CheckDocument {
  readonly version: typeof VERSION
  /** The name of the configuration file. */
  readonly config: string
  /** Whether everything may be deployed. */
  readonly ok: boolean
  /** Why the file cannot be loaded. `null`: it is loaded. */
  readonly error: string | null
  readonly stages: readonly StageDocument[]
  /** Findings about the configuration that need no file of the deployment. */
  readonly findings: readonly FileFinding[]
  /** wrangler.toml and serverless.yml, where they exist. */
  readonly files: readonly CheckedFile[]
  readonly notes: readonly string[]
  /** What the issuers of each stage answered. Absent without `--online`. */
  readonly online?: readonly OnlineStage[]
}

/** Each problem once: both edges have most of them. */
function toProblems(...lists: readonly (readonly ConfigProblem[])[]): Problem[] {
  const problems = lists.flat().map(({ path, message }) => ({ path, message }))
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

function toStage(findings: StageFindings): StageDocument {
  const { stage, worker, lambda } = findings
  return {
    name: stage ?? null,
    cloudflare: statusOf(worker, true),
    aws: statusOf(lambda, false),
    problems: toProblems(worker.problems, lambda.problems),
    warnings: toProblems(worker.warnings, lambda.warnings, findUnchecked(findings)),
    requiredVariables: [...new Set([...worker.requiredVariables, ...lambda.requiredVariables])],
    staleness: stalenessOf(findings),
    notes: [
      ...describeRevocationOf(findings),
      ...describeSendersOf(findings),
      ...describeReportOnly(findings),
      ...describeBundled(findings),
      ...describePublished(findings),
    ],
  }
}

/** `online`: what issuers answered; `null`: they were not asked. */
export const toCheckDocument = (
  config: string,
  { exitCode, stages, findings, files, notes }: CheckResult,
  online: readonly OnlineStage[] | null = null,
): CheckDocument => ({
  version: VERSION,
  config,
  ok: exitCode === 0 && (online === null || !hasOnlineProblem(online)),
  error: null,
  stages: stages.map(toStage),
  findings,
  files: files.map(({ file, notComparedBecause, findings, notes }) => ({
    file,
    notComparedBecause,
    findings,
    notes,
  })),
  notes,
  ...(online === null ? {} : { online }),
})

export const toFailureDocument = (config: string, error: string): CheckDocument => ({
  version: VERSION,
  config,
  ok: false,
  error,
  stages: [],
  findings: [],
  files: [],
  notes: [],
})
