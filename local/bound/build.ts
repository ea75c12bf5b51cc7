// Builds what examples/bound would deploy, for its local stages: the edge, the store and the functions with their
// CloudFormation.

import { join } from 'node:path'
import { buildArtefact } from '../../cli/artefact/build.ts'
import { ROOT } from '../../cli/build.ts'
import { oslsPackager } from '../../cli/osls-packager.ts'
import { archivesOf } from '../../cli/package-check.ts'
import config from '../../examples/bound/lanekeeper.config.ts'
import type { Environments } from './environments.ts'

export const EXAMPLE = join(ROOT, 'examples/bound')

export interface Build {
  readonly edge: string
  readonly store: string
  readonly template: string
  readonly archive: string
}

export async function buildExample(directory: string, { worker, lambda }: Environments): Promise<Build> {
  const [edge, store] = [join(directory, 'edge'), join(directory, 'store')]
  const common = { config, project: EXAMPLE, metrics: null }
  const { LANEKEEPER_STAGE: workerStage } = worker
  const { LANEKEEPER_STAGE: lambdaStage } = lambda
  await Promise.all([
    buildArtefact({ ...common, edge: 'cloudflare', stage: workerStage, env: worker, out: edge }),
    buildArtefact({ ...common, edge: 'store', stage: workerStage, env: worker, out: store }),
    buildArtefact({
      ...common,
      edge: 'aws',
      stage: lambdaStage,
      env: lambda,
      out: join(EXAMPLE, 'dist/lambda'),
    }),
  ])
  const packages = await oslsPackager.package([lambdaStage], join(directory, 'aws'), EXAMPLE)
  const template = packages.get(lambdaStage)!
  const [archive] = await archivesOf(template)
  return { edge: join(edge, 'index.js'), store: join(store, 'index.js'), template, archive: archive! }
}
