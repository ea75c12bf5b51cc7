// What an artefact consists of: bytes by source, as esbuild counts them. The profile of a bundle.

import { join } from 'node:path'
import type { EdgeName } from '../../shared/edge.ts'
import { buildOurs } from '../artefacts.ts'
import { SMALLEST } from '../configurations.ts'
import type { Bench } from '../row.ts'
import type { SelfTime } from './profile.ts'

export interface Inputs {
  readonly artefact: string
  /** `ms` holds bytes here. */
  readonly inputs: readonly SelfTime[]
}

async function inputsOf(edge: EdgeName, artefact: string, directory: string): Promise<Inputs> {
  const { metafile, file } = await buildOurs(SMALLEST, edge, join(directory, 'inputs', edge))
  const [, output] = Object.entries(metafile.outputs).find(([path]) =>
    file.endsWith(path.replace(/^.*[/\\]/, '')),
  )!
  const inputs = Object.entries(output.inputs)
    .map(([name, { bytesInOutput }]) => ({ name, ms: bytesInOutput, share: bytesInOutput / output.bytes }))
    .toSorted((a, b) => b.ms - a.ms)
  return { artefact, inputs }
}

/** The bytes that each source adds to the artefacts of the smallest configuration, largest first. */
export const readInputs = async ({ directory }: Bench): Promise<Inputs[]> => [
  await inputsOf('cloudflare', 'Worker', directory),
  await inputsOf('aws', 'Lambda', directory),
]
