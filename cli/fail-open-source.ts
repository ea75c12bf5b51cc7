// Whether the Worker that would be deployed names `passThroughOnException` anywhere: with it, an exception sends the
// request to the origin undecided. Looks at the bundle, so at what is used of the dependencies too, and not at comments
// and types. A name that is put together at run time is not found.
// https://developers.cloudflare.com/workers/runtime-apis/context/

import { build } from 'esbuild'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { join } from 'node:path'

const NAME = /\bpassThroughOnException\b/g

/** Every place, as `file:line: why; remedy`. `main`: the module of wrangler.toml, `root`: where paths begin. */
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
  const places = bundle.split('\n').flatMap((line, at) =>
    [...line.matchAll(NAME)].map(({ index }) => {
      const entry = sources.findEntry(at, index)
      return 'originalSource' in entry ? `${entry.originalSource}:${entry.originalLine + 1}` : 'the bundle'
    }),
  )
  return [...new Set(places)].map(
    (place) => `${place}: passThroughOnException lets a request past the Worker when it throws; take it out`,
  )
}
