// Bundles the entry of an artefact with esbuild. The same plan gives the same bytes. Source maps stay out.

import { build, type BuildOptions, type Metafile, type OutputFile, type Plugin } from 'esbuild'
import { extname, join } from 'node:path'
import type { EdgeName } from '../../shared/edge.ts'
import { Stop } from '../stop.ts'

/** The package: the folder of `shared` and `functions`. */
const PACKAGE = join(import.meta.dirname, '../..')

const EXTENSION = extname(import.meta.filename)

/** What of a configuration needs which package of the AWS SDK. */
const SDK_USERS: Readonly<Record<string, string>> = {
  '@aws-sdk/client-secrets-manager': 'a secret of AWS Secrets Manager',
  '@aws-sdk/client-dynamodb': 'a table of DynamoDB',
}

/** The path of a module of the AWS SDK. */
const OF_SDK = /[/\\]node_modules[/\\]@(?:aws-sdk|smithy|aws)[/\\]/

/** Resolves `lanekeeper:PATH` to a module of this package, and packages that a part needs in the user's project. */
const modulesOf = (project: string): Plugin => ({
  name: 'lanekeeper',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^lanekeeper:/ }, ({ path }) => ({
      path: join(PACKAGE, `${path.slice('lanekeeper:'.length)}${EXTENSION}`),
      sideEffects: false,
    }))
    onResolve({ filter: /^@aws-sdk\// }, async ({ path, kind, importer, pluginData }) => {
      // What the SDK itself imports is found from where it is: some package managers put it nowhere else.
      if (pluginData === 'project' || OF_SDK.test(importer)) return undefined
      const found = await resolve(path, { kind, resolveDir: project, pluginData: 'project' })
      if (found.errors.length === 0) return found
      const user = SDK_USERS[path] ?? 'this artefact'
      return { errors: [{ text: `${user} needs ${path}: npm install ${path}` }] }
    })
  },
})

/** Reads `source` in place of the module with the failure table. */
const failureTableOf = (source: string): Plugin => ({
  name: 'failure table',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]shared[/\\]failures[/\\]rows\.[jt]s$/ }, () => ({
      contents: source,
      loader: 'js',
    }))
  },
})

const LAMBDA = {
  platform: 'node',
  target: 'node22',
  splitting: true,
  mainFields: ['module', 'main'],
  chunkNames: 'chunks/[name]-[hash]',
  outExtension: { '.js': '.mjs' },
} as const satisfies BuildOptions

const INJECT = [join(PACKAGE, `functions/aws/builtins${EXTENSION}`)]

const WORKER = {
  platform: 'neutral',
  target: 'es2024',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['module', 'main'],
  external: ['cloudflare:workers'],
  entryNames: 'index',
} as const satisfies BuildOptions

const SETTINGS: Readonly<Record<Target, BuildOptions>> = {
  // A Worker is compressed, which makes the same names short there.
  aws: { ...LAMBDA, entryNames: 'authorizer', inject: INJECT },
  logout: { ...LAMBDA, entryNames: 'logout', inject: INJECT },
  metadata: { ...LAMBDA, entryNames: 'metadata' },
  cloudflare: WORKER,
  store: WORKER,
}

/** An edge, or a function on AWS that serves metadata or receives logout tokens. */
export type Target = EdgeName | 'metadata' | 'logout'

export interface Bundled {
  readonly files: readonly OutputFile[]
  readonly metafile: Metafile
}

/** The name of the entry in a metafile. No module of the package has it: theirs are in folders. */
export const ENTRY_FILE: string = 'entry.js'

/**
 * Bundles an entry. `project`: the folder in which packages of the user are searched for. `failureTable`: the source of
 * the module with the failure table. Writes nothing.
 *
 * @throws {Stop} If a package is missing (exit code 1).
 */
export async function bundleEntry(
  target: Target,
  entry: string,
  project: string,
  outdir: string,
  failureTable: string,
): Promise<Bundled> {
  try {
    const { outputFiles, metafile } = await build({
      ...SETTINGS[target],
      stdin: { contents: entry, resolveDir: PACKAGE, sourcefile: ENTRY_FILE, loader: 'js' },
      absWorkingDir: PACKAGE,
      outdir,
      bundle: true,
      write: false,
      minify: true,
      format: 'esm',
      metafile: true,
      legalComments: 'none',
      plugins: [modulesOf(project), failureTableOf(failureTable)],
      logLevel: 'silent',
    })
    return { files: outputFiles, metafile }
  } catch (error) {
    const [first] = (error as { readonly errors?: readonly { readonly text: string }[] }).errors ?? []
    if (first === undefined) throw error
    throw new Stop(first.text, 1)
  }
}
