// What a bundle is made of: bytes by source, as esbuild counts them. The profile of a bundle.

import { build } from 'esbuild'
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
        splitting: true,
        format: 'esm',
        platform: bundle === 'Lambda' ? 'node' : 'browser',
        mainFields: ['module', 'main'],
        conditions: [...conditions],
        external: ['cloudflare:workers'],
        metafile: true,
        logLevel: 'error',
      })
      const main = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === entry)!
      const inputs = Object.entries(main.inputs)
        .map(([name, { bytesInOutput }]) => ({
          name,
          ms: bytesInOutput,
          share: bytesInOutput / main.bytes,
        }))
        .toSorted((a, b) => b.ms - a.ms)
      return { bundle, inputs }
    }),
  )
}
