// Searches wrangler.toml, in each of its environments, and the modules that it deploys for what lets a request past the
// Worker.

import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { describeError } from './describe-error.ts'
import { findFailOpen, findWrongBuild, findWrongStage } from './fail-open.ts'
import { findPassThrough } from './fail-open-source.ts'
import type { StageFindings } from './stage-findings.ts'
import { findWrongStore } from './store-binding.ts'
import type { WorkerEnvironment } from './worker-environments.ts'

export interface WorkerProject {
  readonly root: string
  /** The names of all stages of the configuration. */
  readonly stages: readonly string[]
  /** The only stage that is checked. */
  readonly stage?: string | undefined
}

export interface WorkerFindings {
  /** Each one after the environments that have it. */
  readonly problems: readonly string[]
  readonly notes: readonly string[]
}

/**
 * The findings in every environment. Stage `production` is deployed from the top level, another stage from the
 * environment with its name.
 */
export async function checkWorkerSettings(
  { root, stages, stage: only }: WorkerProject,
  all: readonly WorkerEnvironment[],
  findings: readonly StageFindings[],
): Promise<WorkerFindings> {
  const environments = only === undefined ? all : all.filter(({ stage }) => stage === only)
  if (environments.length === 0)
    return { problems: [], notes: [`no environment of wrangler.toml has LANEKEEPER_STAGE ${only}`] }
  const environmentsOf = new Map<string, string[]>()
  for (const { name, stage, settings } of environments) {
    const finding = findings.find((each) => each.stage === stage)
    const found = [
      ...findWrongStage(stage, stages),
      ...findWrongBuild(settings, stage),
      ...findFailOpen(settings, finding?.worker.resolved ?? null),
      ...(finding === undefined ? [] : findWrongStore(settings, finding)),
    ]
    for (const problem of found)
      environmentsOf.set(problem, [...(environmentsOf.get(problem) ?? []), name ?? '(top)'])
  }
  const problems = [...environmentsOf].map(([problem, names]) => `${names.join(', ')}: ${problem}`)
  const notes: string[] = []
  const built = environments.map(({ settings }) => {
    const { main, build } = settings as { main?: unknown; build?: { command?: unknown } }
    return { main, isBuiltByCommand: build?.command !== undefined }
  })
  const mains = new Map(built.map((each) => [each.main, each]))
  for (const { main, isBuiltByCommand } of mains.values()) {
    if (main === undefined) continue
    if (isBuiltByCommand && !existsSync(String(main))) {
      notes.push(
        `main: ${relative(root, String(main))} is not built yet, so it is not searched for passThroughOnException`,
      )
      continue
    }
    try {
      problems.push(...(await findPassThrough(String(main), root)))
    } catch (error) {
      problems.push(`main: cannot be searched for passThroughOnException: ${describeError(error, root)}`)
    }
  }
  return { problems, notes }
}
