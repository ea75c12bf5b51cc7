// What a bundle is made of: bytes by source, as esbuild counts them. The profile of a bundle.

import { build, type Metafile } from 'esbuild'
import { join } from 'node:path'
import { ROOT } from '../../functions/local/build.ts'
import type { SelfTime } from './profile.ts'

const ENTRIES = {
  Worker: { entry: 'functions/cloudflare/index.ts', conditions: ['workerd', 'worker', 'browser'] },
  Lambda: { entry: 'functions/aws/index.ts', conditions: [] },
} as const

export interface Inputs {
  readonly bundle: string
  /** `ms` stands for bytes here. */
  readonly inputs: readonly SelfTime[]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** The file of the entry and those that it imports, but for what is imported when it is needed. */
function readAtStart({ outputs }: Metafile, entry: string): Metafile['outputs'][string][] {
  const read = new Set(Object.keys(outputs).filter((path) => outputs[path]!.entryPoint === entry))
  for (const path of read)
    for (const { path: imported, kind, external } of outputs[path]!.imports)
      if (kind === 'import-statement' && external !== true) read.add(imported)
  return [...read].map((path) => outputs[path]!)
}

/** The bytes that each source adds to each bundle, most first. Of the Lambda, only what is read at the start. */
export async function readInputs(directory: string): Promise<Inputs[]> {
  return Promise.all(
    Object.entries(ENTRIES).map(async ([bundle, { entry, conditions }]) => {
      const { metafile } = await build({
        entryPoints: [join(ROOT, entry)],
        outdir: join(directory, `inputs-${bundle}`),
        absWorkingDir: ROOT,
        bundle: true,
        minify: true,
        // A Worker is one file: what is imported later is in it.
        splitting: bundle === 'Lambda',
        format: 'esm',
        platform: bundle === 'Lambda' ? 'node' : 'browser',
        mainFields: ['module', 'main'],
        conditions: [...conditions],
        external: ['cloudflare:workers'],
        metafile: true,
        logLevel: 'error',
      })
      const read = readAtStart(metafile, entry)
      const total = sum(read.map(({ bytes }) => bytes))
      const names = new Set(read.flatMap(({ inputs }) => Object.keys(inputs)))
      const inputs = [...names]
        .map((name) => {
          const bytes = sum(read.map(({ inputs }) => inputs[name]?.bytesInOutput ?? 0))
          return { name, ms: bytes, share: bytes / total }
        })
        .toSorted((a, b) => b.ms - a.ms)
      return { bundle, inputs }
    }),
  )
}
