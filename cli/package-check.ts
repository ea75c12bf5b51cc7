// Checks that every function of a packaged serverless.yml is in its zip. osls packages the files that
// `package.patterns` names, and AWS reports a missing handler only with the first event. The check looks for the
// handler's module as the Node runtime does, and for the handler's name among the exports of an ES module, without
// running it. It does not check exports of CommonJS modules and of `export *`, imports, images, other runtimes, layers,
// and zips that osls did not write here.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { build } from 'esbuild'
import { isObject } from '../local/api-gateway/json.ts'
import { findTool, importTool, NotCompared } from './project-tool.ts'

type Yauzl = Pick<typeof import('yauzl'), 'openPromise'>

const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '/index.js']

interface PackagedFunction {
  readonly logicalId: string
  /** Module and export, such as `dist/orders/orders.handler`. */
  readonly handler: string
  /** File name of the zip, which is in the directory of the template. */
  readonly archive: string
  readonly hasLayers: boolean
}

/** Directory of the files of layers. */
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

/** Of the osls of the project at `root`, or else of the project. */
export async function loadYauzl(root: string): Promise<Yauzl> {
  const osls = findTool('osls/package.json', root)
  const file = (osls === null ? null : findTool('yauzl', dirname(osls))) ?? findTool('yauzl', root)
  const { openPromise } = file === null ? {} : await importTool<Yauzl>(file)
  if (openPromise === undefined)
    throw new NotCompared('neither osls nor this project has a yauzl with openPromise')
  return { openPromise }
}

/** The files of a zip by name: their bytes where `isNeeded` says so, else `null`. */
async function filesIn(
  file: string,
  isNeeded: (name: string) => boolean,
  { openPromise }: Yauzl,
): Promise<Map<string, Buffer | null>> {
  const zip = await openPromise(file, { strictFileNames: true })
  const files = new Map<string, Buffer | null>()
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName } = entry
      files.set(fileName, isNeeded(fileName) ? await buffer(await zip.openReadStreamPromise(entry)) : null)
    }
  } finally {
    zip.close()
  }
  return files
}

/** The names that an ES module exports. `null`: the file is no ES module, cannot be read, or has `export *`. */
async function exportsOf(name: string, contents: Buffer): Promise<readonly string[] | null> {
  const extension = posix.extname(name)
  if (extension !== '.mjs' && extension !== '.js') return null
  const built = await build({
    stdin: { contents: contents.toString(), loader: 'js' },
    bundle: true,
    external: ['*'],
    format: 'esm',
    platform: 'node',
    write: false,
    metafile: true,
    minifyWhitespace: true,
    logLevel: 'silent',
  }).catch(() => null)
  const [input] = Object.values(built?.metafile.inputs ?? {})
  const [output] = Object.values(built?.metafile.outputs ?? {})
  if (input === undefined || output === undefined) return null
  // A file without import and export is an ES module only if its name ends in .mjs.
  if (input.format !== 'esm' && (input.format !== undefined || extension !== '.mjs')) return null
  return /\bexport\*/.test(built?.outputFiles[0]?.text ?? '') ? null : output.exports
}

/** `dist/orders/orders.handler` as `dist/orders/orders`: the export begins at the first dot of the last part. */
const moduleOf = (handler: string): string =>
  posix.join(posix.dirname(handler), posix.basename(handler).replace(/\..*$/s, ''))

/** `dist/lambda/things.api.get` as `api`: the Node runtime looks up `get` in the exported value. */
const exportOf = (handler: string): string => posix.basename(handler).split('.')[1] ?? ''

/** The paths of the zips with Node functions. `template`: the file that osls wrote. */
export async function archivesOf(template: string): Promise<readonly string[]> {
  const archives = functionsOf(JSON.parse(await readFile(template, 'utf8'))).map(({ archive }) => archive)
  return [...new Set(archives)].map((name) => join(dirname(template), name))
}

export interface MissingFunction {
  readonly logicalId: string
  /** A warning if the function has layers, one of which may contain the missing file, or if nothing was built. */
  readonly severity: 'problem' | 'warning'
  readonly message: string
}

/** Whose package it is. */
export interface PackagedProject {
  /** The directory of the project that osls packaged. */
  readonly root: string
  /** Whether the code of the functions was built for the package. If not, a missing function is a warning. */
  readonly isBuilt: boolean
}

const OURS: PackagedProject = { root: import.meta.dirname, isBuilt: true }

/**
 * Functions whose handler is not in the zip that would be uploaded. `template`: the file that osls wrote, beside the
 * zips.
 *
 * @throws {NotCompared} If nothing can read the zips.
 */
export async function findMissingFunctions(
  template: string,
  { root, isBuilt }: PackagedProject = OURS,
): Promise<readonly MissingFunction[]> {
  const functions = functionsOf(JSON.parse(await readFile(template, 'utf8'))).filter(
    ({ handler, archive }) => !handler.startsWith(LAYERS) && existsSync(join(dirname(template), archive)),
  )
  const missing: MissingFunction[] = []
  if (functions.length === 0) return missing
  const yauzl = await loadYauzl(root)
  const filesByArchive = new Map<string, Map<string, Buffer | null>>()
  for (const { logicalId, handler, archive, hasLayers } of functions) {
    const add = (problem: string, remedy: string) =>
      missing.push({
        logicalId,
        severity: hasLayers || !isBuilt ? 'warning' : 'problem',
        message: `has the handler ${handler}, ${problem}; ${hasLayers ? 'layers are not looked at' : remedy}`,
      })
    if (!filesByArchive.has(archive)) {
      const modules = functions.filter((one) => one.archive === archive).map((one) => moduleOf(one.handler))
      const candidates = new Set(modules.flatMap((one) => EXTENSIONS.map((extension) => one + extension)))
      const file = join(dirname(template), archive)
      filesByArchive.set(archive, await filesIn(file, (name) => candidates.has(name), yauzl))
    }
    const files = filesByArchive.get(archive)!
    const module = moduleOf(handler)
    const found = EXTENSIONS.map((extension) => module + extension).find((name) => files.has(name))
    if (found === undefined) {
      const name = posix.basename(module)
      add(
        `which is not in ${archive}`,
        isBuilt
          ? `export it from examples/orders/lambda/${name}.ts and say dist/orders/${name}.handler, or add its files to package.patterns`
          : 'build it before you deploy, or add its files to package.patterns',
      )
      continue
    }
    const name = exportOf(handler)
    const exported = await exportsOf(found, files.get(found)!)
    if (exported !== null && !exported.includes(name))
      add(
        `and ${found} exports no ${name}`,
        exported.length === 0 ? 'export it' : `it exports ${exported.join(', ')}`,
      )
  }
  return missing
}
