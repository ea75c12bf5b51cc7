// Searches wrangler.toml, in each of its environments, and the modules that it deploys for what lets a request past the
// Worker.

import { unstable_readConfig } from 'wrangler'
import { describeError } from './describe-error.ts'
import { findFailOpen, findWrongStage, type WranglerSettings } from './fail-open.ts'
import { findPassThrough } from './fail-open-source.ts'
import type { StageFindings } from './stage-findings.ts'

/**
 * Every problem, after the environments that have it. Stage `production` is deployed from the top level, another stage
 * from the environment with its name.
 */
export async function checkWorkerSettings(
  toml: string,
  root: string,
  findings: readonly StageFindings[],
): Promise<readonly string[]> {
  const stages = findings.flatMap(({ stage }) => stage ?? [])
  const read = (env?: string) => unstable_readConfig({ config: toml, env }) as unknown as WranglerSettings
  const environments = [undefined, ...(read()['definedEnvironments'] as string[])]
  const environmentsOf = new Map<string, string[]>()
  for (const env of environments) {
    const settings = read(env)
    const stage = (settings['vars'] as Record<string, unknown> | undefined)?.['LANEKEEPER_STAGE']
    const resolved = findings.find((finding) => finding.stage === stage)?.worker.resolved ?? null
    for (const problem of [...findWrongStage(stage, stages), ...findFailOpen(settings, resolved)])
      environmentsOf.set(problem, [...(environmentsOf.get(problem) ?? []), env ?? '(top)'])
  }
  const problems = [...environmentsOf].map(([problem, names]) => `${names.join(', ')}: ${problem}`)
  const mains = new Set(environments.map((env) => read(env)['main']).filter((main) => main !== undefined))
  for (const main of mains) {
    try {
      problems.push(...(await findPassThrough(String(main), root)))
    } catch (error) {
      problems.push(`main: cannot be searched for passThroughOnException: ${describeError(error)}`)
    }
  }
  return problems
}
