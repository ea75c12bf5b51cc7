// Builds what `npm run deploy:*` would upload into a directory of its own, and measures its size.

import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { ROOT } from '../cli/build.ts'
import { readAtStart } from '../test/support/at-start.ts'
import { buildHandler } from './lambda/build.ts'

export interface BundleSize {
  readonly text: string
  readonly bytes: number
  readonly gzip: number
}

export const measureSize = (text: string): BundleSize => ({
  text,
  bytes: Buffer.byteLength(text),
  gzip: gzipSync(text, { level: 9 }).length,
})

/** Bytes as wrangler would upload them. */
export async function buildWorker(directory: string): Promise<BundleSize> {
  const outdir = join(directory, 'bundle-worker')
  await promisify(execFile)(
    process.execPath,
    [
      join(ROOT, 'node_modules/wrangler/bin/wrangler.js'),
      'deploy',
      '--dry-run',
      '--env',
      '',
      '--outdir',
      outdir,
    ],
    { cwd: ROOT, env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' } },
  )
  return measureSize(await readFile(join(outdir, 'index.js'), 'utf8'))
}

export const minified = async (text: string): Promise<BundleSize> =>
  measureSize((await transform(text, { minify: true, format: 'esm', target: 'es2024' })).code)

export interface LambdaWeighed {
  /** Bytes read at the start: the entry and the chunks that it imports statically. */
  readonly atStart: BundleSize
  /**
   * Bytes of all other chunks: loaded when a secret of AWS or the introspection of an opaque token first needs them.
   */
  readonly later: BundleSize
}

export async function buildLambda(directory: string): Promise<LambdaWeighed> {
  const entry = await buildHandler('deployed', '../../examples/orders/lambda/authorizer.ts', directory)
  const outdir = join(entry, '..')
  const atStart = await readAtStart(entry)
  const chunks = (await readdir(join(outdir, 'chunks'))).map((name) => join(outdir, 'chunks', name))
  const later = chunks.filter((path) => !atStart.has(path)).map((path) => readFile(path, 'utf8'))
  return {
    atStart: measureSize([...atStart.values()].join('\n')),
    later: measureSize((await Promise.all(later)).join('\n')),
  }
}
