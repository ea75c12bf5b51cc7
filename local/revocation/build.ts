// Builds what examples/revocation would deploy, for its stage `local`: the edge, the store and the functions with their
// CloudFormation.

import { join } from 'node:path'
import { buildArtefact } from '../../cli/artefact/build.ts'
import { ROOT } from '../../cli/build.ts'
import { oslsPackager } from '../../cli/osls-packager.ts'
import { archivesOf } from '../../cli/package-check.ts'
import config from '../../examples/revocation/lanekeeper.config.ts'

export const EXAMPLE = join(ROOT, 'examples/revocation')

export const STAGE = 'local'

export interface Build {
  readonly edge: string
  readonly store: string
  readonly template: string
  readonly archive: string
}

/** `env`: the variables of the stage. */
export async function buildExample(directory: string, env: Readonly<Record<string, string>>): Promise<Build> {
  const build = (edge: 'cloudflare' | 'store' | 'aws', out: string) =>
    buildArtefact({ config, edge, stage: STAGE, env, project: EXAMPLE, out, metrics: null })
  const [edge, store] = [join(directory, 'edge'), join(directory, 'store')]
  await Promise.all([
    build('cloudflare', edge),
    build('store', store),
    build('aws', join(EXAMPLE, 'dist/lambda')),
  ])
  const template = (await oslsPackager.package([STAGE], join(directory, 'aws'), EXAMPLE)).get(STAGE)!
  const [archive] = await archivesOf(template)
  return { edge: join(edge, 'index.js'), store: join(store, 'index.js'), template, archive: archive! }
}
