// serverless.yml as it would be deployed to each stage, against what the configuration says of that stage.

import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ResolvedConfig } from '../../shared/index.ts'
import { readTemplate, TemplateError } from './api-gateway/template.ts'
import { packageAws } from './build.ts'
import { checkDeployment, checkStage, checkTables, type DeploymentFinding } from './deployment-check.ts'

async function compare(
  file: string,
  stage: string | undefined,
  resolved: ResolvedConfig,
): Promise<DeploymentFinding[]> {
  try {
    const model = readTemplate(JSON.parse(await readFile(file, 'utf8')))
    const nameOf = (id: string) => {
      const lambda = model.functions.find(({ logicalId }) => logicalId === id)
      const name = lambda?.environment['LANEKEEPER_AUTHORIZER']
      return typeof name === 'string' ? name : undefined
    }
    return [...checkStage(model, stage), ...checkDeployment(model, resolved, nameOf)]
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const message = `is not compared: ${error.problems.join('; ')}`
    return [{ weight: 'warning', place: 'serverless.yml', message }]
  }
}

/** The findings of every stage. Without serverless.yml there is nothing to compare but the tables. `staged`: the names are stages of the configuration. */
export async function compareStages(
  stages: ReadonlyMap<string, ResolvedConfig>,
  staged: boolean,
  root: string,
): Promise<ReadonlyMap<string, readonly DeploymentFinding[]>> {
  if (!existsSync(join(root, 'serverless.yml')))
    return new Map([...stages].map(([stage, resolved]) => [stage, checkTables(resolved)]))
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-check-'))
  try {
    const files = await packageAws([...stages.keys()], directory, new AbortController().signal, root)
    const compared = [...stages].map(async ([stage, resolved]) => {
      const found = await compare(files.get(stage)!, staged ? stage : undefined, resolved)
      return [stage, [...checkTables(resolved), ...found]] as const
    })
    return new Map(await Promise.all(compared))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
