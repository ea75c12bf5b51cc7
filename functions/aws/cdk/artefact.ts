// Reads what `lanekeeper build --edge aws` has written: the folder, and its description beside it. Refuses a folder that
// is another one than the description is about, so that no settings are deployed with code that they do not fit.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { stampOf } from '../../../shared/edge.ts'
import { DESCRIPTION_VERSION, type Description } from '../deployment/description.ts'
import { DeploymentError } from './problems.ts'

const BUILD = 'npx lanekeeper build --edge aws'

export interface BuiltLambda {
  /** The absolute path of the folder. */
  readonly folder: string
  readonly description: Description
}

/** The version of this package. */
const VERSION = stampOf({ hash: '' }).version

function parse(text: string): Partial<Description> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** The description in a file, or why it is none that can be used. */
function readDescription(name: string, file: string): Description | string {
  if (!existsSync(file)) return `${name} is not there; run ${BUILD}`
  const description = parse(readFileSync(file, 'utf8'))
  if (description === null || description.plan === undefined || description.authorizers === undefined)
    return `${name} is no description that lanekeeper build has written; run ${BUILD}`
  const { version, lanekeeper } = description
  if (version !== DESCRIPTION_VERSION)
    return `${name} has the format ${version}, and lanekeeper/cdk reads ${DESCRIPTION_VERSION}; build with the same version of Lanekeeper: ${BUILD}`
  if (lanekeeper !== VERSION)
    return `${name} was written by Lanekeeper ${lanekeeper}, and lanekeeper/cdk is ${VERSION}; run ${BUILD} again`
  return description as Description
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, '/'))
    .toSorted()
}

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('base64url')

/** How the files differ from those that were described. */
function compareFiles(name: string, folder: string, { files }: Description): readonly string[] {
  const found = filesBelow(folder)
  const remedy = `run ${BUILD} again`
  return [
    ...Object.keys(files)
      .filter((file) => !found.includes(file))
      .map((file) => `${name}/${file} is missing; ${remedy}`),
    ...found
      .filter((file) => !Object.hasOwn(files, file))
      .map((file) => `${name}/${file} is not of this build; take it out, or ${remedy}`),
    ...found
      .filter((file) => Object.hasOwn(files, file) && files[file] !== digestOf(join(folder, file)))
      .map((file) => `${name}/${file} has other bytes than the build that ${name}.json describes; ${remedy}`),
  ]
}

/**
 * Reads an artefact. `path`: its folder, from the working directory.
 *
 * @throws {DeploymentError} with every problem, if it is missing, of another version, or not what was built.
 */
export function readArtefact(path: string): BuiltLambda {
  const folder = resolve(path)
  const problems = existsSync(folder) ? [] : [`${path} is not there; run ${BUILD}`]
  const description = readDescription(`${path}.json`, `${folder}.json`)
  if (typeof description === 'string') problems.push(description)
  else if (problems.length === 0) problems.push(...compareFiles(path, folder, description))
  if (problems.length > 0) throw new DeploymentError(path, problems)
  return { folder, description: description as Description }
}
