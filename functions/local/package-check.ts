// Is every function of a packaged serverless.yml in its package? osls takes what `package.patterns` names, and AWS finds out
// with the first event that a handler is not there. Looks for the module of the handler, as the runtime of Node does, not
// at what it exports or imports. Not looked at: images, other runtimes, layers, and packages that osls did not write here.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import yauzl from 'yauzl'
import { isObject } from './api-gateway/json.ts'

const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '/index.js']

interface PackagedFunction {
  readonly logicalId: string
  /** `dist/lambda/orders.handler`. */
  readonly handler: string
  /** Name of the zip beside the template. */
  readonly archive: string
  readonly hasLayers: boolean
}

/** Where the files of layers are. */
const LAYERS = '/opt/'

function functionsOf(template: unknown): PackagedFunction[] {
  const resources = isObject(template) && isObject(template['Resources']) ? template['Resources'] : {}
  return Object.entries(resources).flatMap(([logicalId, resource]) => {
    if (!isObject(resource) || resource['Type'] !== 'AWS::Lambda::Function') return []
    const { Code, Handler, Layers, Runtime } = isObject(resource['Properties']) ? resource['Properties'] : {}
    const key = isObject(Code) ? Code['S3Key'] : undefined
    if (typeof key !== 'string' || typeof Handler !== 'string' || !String(Runtime).startsWith('nodejs'))
      return []
    const hasLayers = Array.isArray(Layers) ? Layers.length > 0 : Layers !== undefined
    return { logicalId, handler: Handler, archive: posix.basename(key), hasLayers }
  })
}

async function namesIn(file: string): Promise<Set<string>> {
  const zip = await yauzl.openPromise(file, { strictFileNames: true })
  const names = new Set<string>()
  try {
    for await (const { fileName } of zip.eachEntry()) names.add(fileName)
  } finally {
    zip.close()
  }
  return names
}

/** `dist/lambda/orders.handler` as `dist/lambda/orders`: the export begins at the first dot of the last part. */
const moduleOf = (handler: string): string =>
  posix.join(posix.dirname(handler), posix.basename(handler).replace(/\..*$/s, ''))

/** The zips that functions of Node are in, in the directory of the template. */
export async function archivesOf(template: string): Promise<readonly string[]> {
  const archives = functionsOf(JSON.parse(await readFile(template, 'utf8'))).map(({ archive }) => archive)
  return [...new Set(archives)].map((name) => join(dirname(template), name))
}

export interface MissingFunction {
  readonly logicalId: string
  /** A warning where a layer may have what is missing. */
  readonly weight: 'problem' | 'warning'
  readonly message: string
}

/** Functions whose handler is not in the zip that would be uploaded. `template`: the file that osls wrote, the zips beside it. */
export async function findMissingFunctions(template: string): Promise<readonly MissingFunction[]> {
  const functions = functionsOf(JSON.parse(await readFile(template, 'utf8')))
  const missing: MissingFunction[] = []
  const seen = new Map<string, Set<string>>()
  for (const { logicalId, handler, archive, hasLayers } of functions) {
    if (handler.startsWith(LAYERS)) continue
    const file = join(dirname(template), archive)
    if (!existsSync(file)) continue
    if (!seen.has(archive)) seen.set(archive, await namesIn(file))
    const module = moduleOf(handler)
    if (EXTENSIONS.some((extension) => seen.get(archive)!.has(module + extension))) continue
    const name = posix.basename(module)
    const advice = hasLayers
      ? 'layers are not looked at'
      : `export it from functions/lambda/${name}.ts and say dist/lambda/${name}.handler, or add its files to package.patterns`
    missing.push({
      logicalId,
      weight: hasLayers ? 'warning' : 'problem',
      message: `has the handler ${handler}, which is not in ${archive}; ${advice}`,
    })
  }
  return missing
}
