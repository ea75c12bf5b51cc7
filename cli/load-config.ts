// Finds and loads a configuration file. TypeScript and JavaScript are bundled with everything that they import, so that
// any Node that runs Lanekeeper can load them. Nothing is written beside the file. A file that cannot be loaded is one
// line with its location. Checks nothing that is in the configuration.

import { build, type Loader, type Message, type Plugin } from 'esbuild'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LanekeeperConfig } from '../shared/index.ts'
import { Stop } from './stop.ts'

/** In this order: a compiled file may lie beside its source. */
export const CONFIG_FILES: readonly string[] = ['ts', 'mts', 'js', 'mjs'].map(
  (extension) => `lanekeeper.config.${extension}`,
)

/** The core of the running command, which is also what a configuration imports as `lanekeeper`. */
const CORE = join(import.meta.dirname, '..', 'shared', `index${extname(import.meta.filename)}`)

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
}

/**
 * The absolute path of the configuration file. `given`: the file that a person named.
 *
 * @throws {Stop} If there is no such file (exit code 2).
 */
export function findConfigFile(directory: string, given?: string): string {
  if (given !== undefined) {
    const file = resolve(directory, given)
    if (!existsSync(file)) throw new Stop(`${given}: there is no such file.`, 2)
    if (LOADERS[extname(file)] === undefined)
      throw new Stop(`${given}: a configuration is a file of TypeScript or JavaScript.`, 2)
    return file
  }
  const file = CONFIG_FILES.map((name) => join(directory, name)).find(existsSync)
  if (file !== undefined) return file
  throw new Stop(`There is no ${CONFIG_FILES.join(' or ')} in ${directory}; name the file with --config.`, 2)
}

const lanekeeperAsCore: Plugin = {
  name: 'lanekeeper',
  setup({ onResolve }) {
    onResolve({ filter: /^lanekeeper$/ }, () => ({ path: CORE, sideEffects: false }))
  },
}

/** The members of `import.meta` that Node 20 has, by the names that a bundled module declares for them. */
const META = {
  'import.meta.url': '__lanekeeperUrl',
  'import.meta.dirname': '__lanekeeperDirname',
  'import.meta.filename': '__lanekeeperFilename',
}

/** Gives each bundled module its own `import.meta`. The declarations add no line, so that locations stay right. */
const ownImportMeta: Plugin = {
  name: 'import-meta',
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8')
      if (!/\bimport\.meta\b/.test(contents) || contents.startsWith('#!')) return undefined
      const values = [pathToFileURL(path).href, dirname(path), path]
      const declarations = Object.values(META).map((name, at) => `${name}=${JSON.stringify(values[at])}`)
      return { contents: `const ${declarations.join()};${contents}`, loader: LOADERS[extname(path)]! }
    })
  },
}

/** A bundled CommonJS module calls `require` for the modules of Node. */
const bannerFor = (file: string): string =>
  `import{createRequire as __lanekeeperRequire}from'node:module';const require=__lanekeeperRequire(${JSON.stringify(pathToFileURL(file).href)});`

interface Bundle {
  readonly code: string
  /** The files in it, and no packages. */
  readonly files: readonly string[]
  readonly map: SourceMap
}

async function bundle(file: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    absWorkingDir: dirname(file),
    outfile: join(dirname(file), 'lanekeeper.config.bundle.mjs'),
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    banner: { js: bannerFor(file) },
    define: META,
    plugins: [lanekeeperAsCore, ownImportMeta],
    logLevel: 'silent',
  })
  const textOf = (extension: string) => outputFiles.find(({ path }) => extname(path) === extension)!.text
  const files = Object.keys(metafile.inputs)
    .filter((name) => !/(?:^|[/\\])node_modules[/\\]/.test(name))
    .map((name) => resolve(dirname(file), name))
  return { code: textOf('.mjs'), files, map: new SourceMap(JSON.parse(textOf('.map')) as SourceMapPayload) }
}

/** `lanekeeper.config.ts:3:14`, relative to the directory of the person. */
const toLocation = (directory: string, file: string, line: number, column: number): string =>
  [relative(directory, file), line, column].join(':')

const describeMessage = ({ text, location }: Message, file: string, directory: string): string =>
  location === null
    ? `${relative(directory, file)}: ${text}`
    : `${toLocation(directory, resolve(dirname(file), location.file), location.line, location.column + 1)}: ${text}`

/** Where the configuration threw: the first line of the stack that is in the bundle. */
function findThrow({ map }: Bundle, stack: string, script: string, file: string, directory: string): string {
  const names = [pathToFileURL(script).href, script]
  for (const line of stack.split('\n')) {
    const [, lineNumber, column] = /:(\d+):(\d+)\)?$/.exec(line) ?? []
    if (lineNumber === undefined || !names.some((name) => line.includes(name))) continue
    const entry = map.findEntry(Number(lineNumber) - 1, Number(column) - 1)
    if ('originalSource' in entry)
      return toLocation(
        directory,
        resolve(dirname(file), entry.originalSource),
        entry.originalLine + 1,
        entry.originalColumn + 1,
      )
  }
  return relative(directory, file)
}

interface Imported {
  /** The default export of the file. */
  readonly exported: unknown
  readonly files: readonly string[]
}

async function importConfig(file: string, directory: string): Promise<Imported> {
  let bundled: Bundle
  try {
    bundled = await bundle(file)
  } catch (error) {
    const [first] = (error as { readonly errors?: readonly Message[] }).errors ?? []
    if (first === undefined) throw error
    throw new Stop(describeMessage(first, file, directory), 1)
  }
  // The stack of an error has the real path.
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'lanekeeper-config-')))
  const script = join(folder, `${basename(file, extname(file))}.mjs`)
  try {
    await writeFile(script, bundled.code)
    const exports = (await import(/* @vite-ignore */ pathToFileURL(script).href)) as {
      readonly default?: unknown
    }
    return { exported: exports.default, files: bundled.files }
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    const location = findThrow(bundled, stack, script, file, directory)
    throw new Stop(`${location}: ${message.split('\n')[0]}`, 1)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Why a value cannot be a configuration, or `null`. */
function findWrongForm(value: unknown): string | null {
  const remedy = 'write: export default defineConfig({ ... })'
  if (value === undefined) return `has no default export; ${remedy}`
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const form = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
    return `has a default export that is ${form} and no object; ${remedy}`
  }
  return 'then' in value ? 'has a default export that is a promise; await it' : null
}

/**
 * Loads the configuration of a file and runs no check of it. Messages name files relative to `directory`.
 *
 * @throws {Stop} If the file cannot be bundled, throws, or exports no object (exit code 1).
 */
export const loadConfig = async (file: string, directory: string): Promise<LanekeeperConfig> =>
  (await loadConfigFiles(file, directory)).config

/** The same, with the files that make the configuration: this one and all that it imports, packages aside. */
export async function loadConfigFiles(
  file: string,
  directory: string,
): Promise<{ readonly config: LanekeeperConfig; readonly files: readonly string[] }> {
  const { exported, files } = await importConfig(file, directory)
  const problem = findWrongForm(exported)
  if (problem !== null) throw new Stop(`${relative(directory, file)}: ${problem}`, 1)
  return { config: exported as LanekeeperConfig, files }
}
