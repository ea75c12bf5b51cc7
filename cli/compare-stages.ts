// serverless.yml as it would be deployed to each stage, against what the configuration says of that stage.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ResolvedConfig } from '../shared/index.ts'
import { readModel, TemplateError } from '../local/api-gateway/template.ts'
import { describeProblems, type Refusal } from '../local/api-gateway/template-reader.ts'
import { packageAws } from './build.ts'
import { checkDeployment, checkStage, checkTables } from './deployment-check.ts'
import type { DeploymentFinding } from './deployment-finding.ts'
import { findMissingFunctions } from './package-check.ts'

/** What the comparison lacks is a problem: nobody has looked at it. What it does not need is a warning. */
export function describeRefusals(refusals: readonly Refusal[]): readonly DeploymentFinding[] {
  const of = (wanted: Refusal['bearing']) =>
    describeProblems(refusals.filter(({ bearing }) => bearing === wanted))
  const [lacking, unseen] = [of('compare'), of('run')]
  const place = 'serverless.yml'
  return [
    ...(lacking.length === 0
      ? []
      : [{ weight: 'problem' as const, place, message: `is not compared whole: ${lacking.join('; ')}` }]),
    ...(unseen.length === 0
      ? []
      : [
          {
            weight: 'warning' as const,
            place,
            message: `has what is not looked at here, and what npm start cannot run: ${unseen.join('; ')}`,
          },
        ]),
  ]
}

async function compare(
  file: string,
  stage: string | undefined,
  resolved: ResolvedConfig,
): Promise<DeploymentFinding[]> {
  try {
    const { model, refusals } = readModel(JSON.parse(await readFile(file, 'utf8')))
    const nameOf = (id: string) => {
      const lambda = model.functions.find(({ logicalId }) => logicalId === id)
      const name = lambda?.environment['LANEKEEPER_AUTHORIZER']
      return typeof name === 'string' ? name : undefined
    }
    const missing = await findMissingFunctions(file)
    return [
      ...missing.map(({ logicalId, weight, message }) => ({
        weight,
        place: `function ${logicalId}`,
        message,
      })),
      ...checkStage(model, stage),
      ...checkDeployment(model, resolved, nameOf),
      ...describeRefusals(refusals),
    ]
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const message = `is not compared: ${error.problems.join('; ')}`
    return [{ weight: 'problem', place: 'serverless.yml', message }]
  }
}

/** The findings of every stage. `staged`: the names are stages of the configuration. */
export async function compareStages(
  stages: ReadonlyMap<string, ResolvedConfig>,
  staged: boolean,
  root: string,
): Promise<ReadonlyMap<string, readonly DeploymentFinding[]>> {
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
