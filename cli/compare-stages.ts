// Compares serverless.yml, as it would be deployed to each stage, with the configuration of that stage.

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

/** A part that the comparison needs and cannot read is a problem. A part that it does not need is a warning. */
export function describeRefusals(refusals: readonly Refusal[]): readonly DeploymentFinding[] {
  const describeAffecting = (use: Refusal['affects']) =>
    describeProblems(refusals.filter(({ affects }) => affects === use))
  const [comparisonProblems, runProblems] = [describeAffecting('compare'), describeAffecting('run')]
  const subject = 'serverless.yml'
  return [
    ...(comparisonProblems.length === 0
      ? []
      : [
          {
            severity: 'problem' as const,
            subject,
            message: `is compared only in part: ${comparisonProblems.join('; ')}`,
          },
        ]),
    ...(runProblems.length === 0
      ? []
      : [
          {
            severity: 'warning' as const,
            subject,
            message: `has parts that are not compared, and that npm start cannot run: ${runProblems.join('; ')}`,
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
      ...missing.map(({ logicalId, severity, message }) => ({
        severity,
        subject: `function ${logicalId}`,
        message,
      })),
      ...checkStage(model, stage),
      ...checkDeployment(model, resolved, nameOf),
      ...describeRefusals(refusals),
    ]
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const message = `is not compared: ${error.problems.join('; ')}`
    return [{ severity: 'problem', subject: 'serverless.yml', message }]
  }
}

/** The findings of every stage. `hasStages`: the configuration has stages, and the keys of the map are their names. */
export async function compareStages(
  stages: ReadonlyMap<string, ResolvedConfig>,
  hasStages: boolean,
  root: string,
): Promise<ReadonlyMap<string, readonly DeploymentFinding[]>> {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-check-'))
  try {
    const files = await packageAws([...stages.keys()], directory, new AbortController().signal, root)
    const findingsByStage = [...stages].map(async ([stage, resolved]) => {
      const found = await compare(files.get(stage)!, hasStages ? stage : undefined, resolved)
      return [stage, [...checkTables(resolved), ...found]] as const
    })
    return new Map(await Promise.all(findingsByStage))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
