// What a bundle consists of: bytes by source, as esbuild counts them, and the size of the bundle without some parts.
// The profile of a bundle.

import { build, type BuildResult, type Metafile, type Plugin } from 'esbuild'
import { join, relative } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import { measureSize } from '../bundles.ts'
import type { SelfTime } from './profile.ts'

const ENTRIES = {
  Worker: { entry: 'examples/orders/worker/index.ts', conditions: ['workerd', 'worker', 'browser'] },
  Lambda: { entry: 'examples/orders/lambda/authorizer.ts', conditions: [] },
} as const

/** Features of the bundles: sources by path. */
const PARTS: Readonly<Record<string, RegExp>> = {
  'the configuration checked': /^shared\/config\/(?!config\.ts$)/,
  'opaque tokens': /^shared\/introspection\//,
}

export interface Inputs {
  readonly bundle: string
  /** `ms` holds bytes here. */
  readonly inputs: readonly SelfTime[]
  /**
   * The size of the whole bundle first, then its size without each of some parts. A bundle without a part does not run.
   */
  readonly without: readonly {
    readonly parts: readonly string[]
    readonly bytes: number
    readonly gzip: number
  }[]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** The file of the entry and those that it imports statically; dynamic imports are left out. */
function pathsAtStart({ outputs }: Metafile, entry: string): string[] {
  const read = new Set(Object.keys(outputs).filter((path) => outputs[path]!.entryPoint === entry))
  for (const path of read)
    for (const { path: imported, kind, external } of outputs[path]!.imports)
      if (kind === 'import-statement' && external !== true) read.add(imported)
  return [...read]
}

/** Replaces the sources of a part by an empty module. */
const leaveOut = (parts: readonly RegExp[]): Plugin => ({
  name: 'leave out',
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?[jt]s$/ }, ({ path }) => {
      const source = relative(ROOT, path)
      return parts.some((part) => part.test(source)) ? { contents: 'module.exports = {}' } : undefined
    })
  },
})

type Bundle = keyof typeof ENTRIES

async function bundleWithout(bundle: Bundle, parts: readonly string[]) {
  const { entry, conditions } = ENTRIES[bundle]
  const { metafile, outputFiles }: BuildResult<{ metafile: true; write: false }> = await build({
    entryPoints: [join(ROOT, entry)],
    // No file is written; esbuild still needs the directory to name the chunks.
    outdir: join(ROOT, 'dist'),
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    // A Worker is one file, dynamic imports included.
    splitting: bundle === 'Lambda',
    format: 'esm',
    platform: bundle === 'Lambda' ? 'node' : 'browser',
    mainFields: ['module', 'main'],
    conditions: [...conditions],
    external: ['cloudflare:workers'],
    metafile: true,
    write: false,
    logLevel: 'error',
    plugins: [leaveOut(parts.map((part) => PARTS[part]!))],
  })
  const paths = pathsAtStart(metafile, entry)
  const files = outputFiles.filter(({ path }) => paths.includes(relative(ROOT, path)))
  return {
    parts,
    outputs: paths.map((path) => metafile.outputs[path]!),
    ...measureSize(files.map(({ text }) => text).join('\n')),
  }
}

/**
 * The bytes that each source adds to each bundle, largest first. For the Lambda, only the chunks that are read at the
 * start.
 */
export async function readInputs(): Promise<Inputs[]> {
  return Promise.all(
    (['Worker', 'Lambda'] as const).map(async (bundle) => {
      const all = Object.keys(PARTS)
      const without = await Promise.all(
        [[], ...all.map((part) => [part]), all].map((parts) => bundleWithout(bundle, parts)),
      )
      const { outputs } = without[0]!
      const total = sum(outputs.map(({ bytes }) => bytes))
      const names = new Set(outputs.flatMap(({ inputs }) => Object.keys(inputs)))
      const inputs = [...names]
        .map((name) => {
          const bytes = sum(outputs.map(({ inputs }) => inputs[name]?.bytesInOutput ?? 0))
          return { name, ms: bytes, share: bytes / total }
        })
        .toSorted((a, b) => b.ms - a.ms)
      return { bundle, inputs, without }
    }),
  )
}
