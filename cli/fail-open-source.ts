// Searches the Worker that would be deployed for `passThroughOnException`: with it, an exception sends the request to
// the origin without a decision. The search covers the bundle, so it includes the code of dependencies and no comments
// or types. It does not find a name that is computed at run time.
// https://developers.cloudflare.com/workers/runtime-apis/context/

import { build } from 'esbuild'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { join } from 'node:path'

const NAME = /\bpassThroughOnException\b/g

/**
 * Every occurrence as `file:line: why; remedy`. `main`: the module of wrangler.toml, relative to the directory `root`.
 */
export async function findPassThrough(main: string, root: string): Promise<readonly string[]> {
  const { outputFiles } = await build({
    entryPoints: [main],
    absWorkingDir: root,
    outfile: join(root, 'worker.js'),
    bundle: true,
    write: false,
    format: 'esm',
    minifyWhitespace: true,
    legalComments: 'none',
    sourcemap: 'external',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'silent',
  })
  const [map, bundle] = outputFiles
    .toSorted((a, b) => b.path.length - a.path.length)
    .map(({ text }) => text) as [string, string]
  const sources = new SourceMap(JSON.parse(map) as SourceMapPayload)
  const locations = bundle.split('\n').flatMap((line, lineIndex) =>
    [...line.matchAll(NAME)].map(({ index }) => {
      const entry = sources.findEntry(lineIndex, index)
      return 'originalSource' in entry ? `${entry.originalSource}:${entry.originalLine + 1}` : 'the bundle'
    }),
  )
  return [...new Set(locations)].map(
    (location) =>
      `${location}: passThroughOnException lets a request past the Worker when it throws; take it out`,
  )
}
