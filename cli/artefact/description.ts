// Writes the description of a compiled Lambda beside its folder: `dist/lambda.json` for `dist/lambda`. The folder has no
// byte more for it. docs/deploying.md.

import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { describeDeployment } from '../../functions/aws/deployment/describe.ts'
import type { Description } from '../../functions/aws/deployment/description.ts'
import { readVersion } from '../version.ts'
import type { Artefact } from './build.ts'

const digestOf = (contents: Uint8Array): string => createHash('sha256').update(contents).digest('base64url')

/** `out`: the folder of the artefact. */
export function describeArtefact(artefact: Artefact, out: string): Description {
  const files = artefact.files
    .map(({ path, contents }) => [relative(out, path).replaceAll(sep, '/'), contents] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  const documents = files.find(([name]) => name === 'metadata.json')?.[1]
  return describeDeployment(artefact.compiled, {
    lanekeeper: readVersion(),
    files: Object.fromEntries(files.map(([name, contents]) => [name, digestOf(contents)])),
    metadataPaths:
      documents === undefined ? [] : Object.keys(JSON.parse(new TextDecoder().decode(documents))),
  })
}

const pathOf = (out: string): string => `${out}.json`

/** Writes the description of an artefact that was built for AWS into the folder `out`. */
export const writeDescription = (artefact: Artefact, out: string): Promise<void> =>
  writeFile(pathOf(out), `${JSON.stringify(describeArtefact(artefact, out), null, 2)}\n`)
