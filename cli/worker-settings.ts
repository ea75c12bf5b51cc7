// Searches wrangler.toml, in each of its environments, and the modules that it deploys for what lets a request past the
// Worker.

import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { describeError } from './describe-error.ts'
import { findFailOpen, findWrongBuild, findWrongStage, type WranglerSettings } from './fail-open.ts'
import { findPassThrough } from './fail-open-source.ts'
import { findTool, importTool, NotCompared } from './project-tool.ts'
import type { StageFindings } from './stage-findings.ts'

interface Wrangler {
  unstable_readConfig(args: { config: string; env: string | undefined }): object
}

/** What reads wrangler.toml as the wrangler of the project at `root` does. */
async function loadReader(root: string): Promise<Wrangler['unstable_readConfig']> {
  const file = findTool('wrangler', root)
  if (file === null) throw new NotCompared('wrangler is not installed in this project')
  const { unstable_readConfig } = await importTool<Wrangler>(file).catch((error: unknown) => {
    throw new NotCompared(`wrangler cannot be loaded: ${describeError(error, root)}`)
  })
  if (unstable_readConfig === undefined)
    throw new NotCompared('the wrangler of this project has no unstable_readConfig; update it')
  return unstable_readConfig
}

export interface WorkerProject {
  /** The path of wrangler.toml. */
  readonly toml: string
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
 *
 * @throws {NotCompared} If the project has no wrangler that reads wrangler.toml.
 */
export async function checkWorkerSettings(
  { toml, root, stages, stage: only }: WorkerProject,
  findings: readonly StageFindings[],
): Promise<WorkerFindings> {
  const readConfig = await loadReader(root)
  const read = (env?: string) => readConfig({ config: toml, env }) as WranglerSettings
  const stageOf = (env?: string) =>
    (read(env)['vars'] as Record<string, unknown> | undefined)?.['LANEKEEPER_STAGE']
  const all = [undefined, ...(read()['definedEnvironments'] as string[])]
  const environments = only === undefined ? all : all.filter((env) => stageOf(env) === only)
  if (environments.length === 0)
    return { problems: [], notes: [`no environment of wrangler.toml has LANEKEEPER_STAGE ${only}`] }
  const environmentsOf = new Map<string, string[]>()
  for (const env of environments) {
    const stage = stageOf(env)
    const resolved = findings.find((finding) => finding.stage === stage)?.worker.resolved ?? null
    const settings = read(env)
    const found = [
      ...findWrongStage(stage, stages),
      ...findWrongBuild(settings, stage),
      ...findFailOpen(settings, resolved),
    ]
    for (const problem of found)
      environmentsOf.set(problem, [...(environmentsOf.get(problem) ?? []), env ?? '(top)'])
  }
  const problems = [...environmentsOf].map(([problem, names]) => `${names.join(', ')}: ${problem}`)
  const notes: string[] = []
  const built = environments.map((env) => {
    const { main, build } = read(env) as { main?: unknown; build?: { command?: unknown } }
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
