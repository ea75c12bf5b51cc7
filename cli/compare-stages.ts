// Compares the packaged template of each stage, from serverless.yml or given by name, with the configuration of that
// stage.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LanekeeperConfig, ResolvedConfig } from '../shared/index.ts'
import { TemplateError } from '../local/api-gateway/template.ts'
import { describeProblems, type Refusal } from '../local/api-gateway/template-reader.ts'
import { checkDefaultEndpoints } from './default-endpoint-check.ts'
import { checkDeployment, checkStage } from './deployment-check.ts'
import type { DeploymentFinding } from './deployment-finding.ts'
import { findMissingFunctions, type MissingFunction } from './package-check.ts'
import { NotCompared } from './project-tool.ts'
import { readApis } from './template/api-views.ts'
import { checkTemplate } from './template/checks/check-template.ts'
import type { TemplateTool } from './template/open.ts'
import { withPlace } from './template/tool-words.ts'

/** Has the template of each stage, as it would be deployed. */
export interface Packager {
  /** The file that findings are about. */
  readonly file: string
  /** Whether the template is compared in a project without serverless.yml, too. Default `false`. */
  readonly isGiven?: boolean
  /** The tool that has written a template that is given. Findings then have their place in it. */
  readonly tool?: TemplateTool
  /** What only the deployment knows of a template that is given. */
  readonly openPoints?: readonly DeploymentFinding[]
  /** The template beside the zips of the functions, if it is not the one that `package` returns. */
  readonly packagedAs?: string
  /** Whether the code of the functions is built first. If not, a function that is not in its zip is a warning. */
  readonly buildsCode: boolean
  /**
   * Writes the package of each stage of the project at `root` into a directory below `directory`. Returns the
   * CloudFormation file of each stage.
   *
   * @throws {NotCompared} If the project lacks what packages it.
   */
  package(stages: readonly string[], directory: string, root: string): Promise<ReadonlyMap<string, string>>
}

/** The configuration of a stage. */
export interface ComparedStage {
  readonly resolved: ResolvedConfig
  /** The section `mtls` as it is written. */
  readonly mtls: LanekeeperConfig['mtls']
}

/** A part that the comparison needs and cannot read is a problem. A part that it does not need is a warning. */
export function describeRefusals(
  refusals: readonly Refusal[],
  subject = 'serverless.yml',
  isGiven = false,
): readonly DeploymentFinding[] {
  const describeAffecting = (use: Refusal['affects']) =>
    describeProblems(refusals.filter(({ affects }) => affects === use))
  const [comparisonProblems, runProblems] = [describeAffecting('compare'), describeAffecting('run')]
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
            message: `has parts that are not compared${isGiven ? '' : ', and that npm start cannot run'}: ${runProblems.join('; ')}`,
          },
        ]),
  ]
}

const describeMissing = ({ logicalId, severity, message }: MissingFunction): DeploymentFinding => ({
  severity,
  subject: `function ${logicalId}`,
  message,
})

async function compareFunctions(
  file: string,
  root: string,
  { buildsCode, file: subject }: Packager,
): Promise<readonly DeploymentFinding[]> {
  try {
    return (await findMissingFunctions(file, { root, isBuilt: buildsCode })).map(describeMissing)
  } catch (error) {
    if (!(error instanceof NotCompared)) throw error
    const message = `zips are not searched for handlers: ${error.message}`
    return [{ severity: 'warning', subject, message }]
  }
}

async function compare(
  file: string,
  stage: string | undefined,
  { resolved, mtls }: ComparedStage,
  root: string,
  packager: Packager,
): Promise<DeploymentFinding[]> {
  try {
    const template: unknown = JSON.parse(await readFile(file, 'utf8'))
    const { model, refusals, findings: unseen } = readApis(template)
    const nameOf = (id: string) => {
      const lambda = model.functions.find(({ logicalId }) => logicalId === id)
      const name = lambda?.environment['LANEKEEPER_AUTHORIZER']
      return typeof name === 'string' ? name : undefined
    }
    const isGiven = packager.isGiven === true
    const stageOptions = isGiven ? { file: 'the template', mayBeUnset: true } : {}
    const found = [
      ...checkStage(model, stage, stageOptions),
      ...checkDeployment(model, resolved, nameOf),
      ...checkDefaultEndpoints(template, model, resolved, mtls, nameOf),
      ...checkTemplate(template, model, resolved),
      ...unseen,
    ]
    return [
      ...(await compareFunctions(packager.packagedAs ?? file, root, packager)),
      ...found.map((finding) => toShown(finding, packager)),
      ...describeRefusals(
        refusals.filter((refusal) => !isGiven || !isLookedAt(refusal)),
        packager.file,
        isGiven,
      ),
      ...(packager.openPoints ?? []),
    ]
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const message = `is not compared: ${error.problems.join('; ')}`
    return [{ severity: 'problem', subject: packager.file, message }]
  }
}

/** Parts that do not run here, and that other findings are about. */
const isLookedAt = ({ problem, affects }: Refusal): boolean =>
  affects === 'run' &&
  /^(?:AWS::ApiGateway(?:V2)?::(?:DomainName|DomainNameV2|ApiMapping|BasePathMapping)|AuthorizationType \w+) is not emulated$/.test(
    problem,
  )

/** A place in what osls has made of serverless.yml says nothing to who writes that file. */
function toShown(finding: DeploymentFinding, { tool }: Packager): DeploymentFinding {
  if (tool !== undefined) return withPlace(finding, tool)
  const { at: _, ...others } = finding
  return others
}

/**
 * The findings of every stage. `hasStages`: the configuration has stages, and the keys of the map are their names.
 *
 * @throws {NotCompared} As the packager does.
 */
export async function compareStages(
  stages: ReadonlyMap<string, ComparedStage>,
  hasStages: boolean,
  root: string,
  packager: Packager,
): Promise<ReadonlyMap<string, readonly DeploymentFinding[]>> {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-check-'))
  try {
    const files = await packager.package([...stages.keys()], directory, root)
    const findingsByStage = [...stages].map(async ([stage, compared]) => {
      const name = hasStages ? stage : undefined
      return [stage, await compare(files.get(stage)!, name, compared, root, packager)] as const
    })
    return new Map(await Promise.all(findingsByStage))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
