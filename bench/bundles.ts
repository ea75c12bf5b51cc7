// What `npm run deploy:*` would upload, built into a directory of its own and weighed.

import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { ROOT } from '../functions/local/build.ts'
import { buildHandler } from './lambda/build.ts'

export interface Weighed {
  readonly text: string
  readonly bytes: number
  readonly gzip: number
}

export const weigh = (text: string): Weighed => ({
  text,
  bytes: Buffer.byteLength(text),
  gzip: gzipSync(text, { level: 9 }).length,
})

/** As wrangler would upload it. */
export async function buildWorker(directory: string): Promise<Weighed> {
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
  return weigh(await readFile(join(outdir, 'index.js'), 'utf8'))
}

export const minified = async (text: string): Promise<Weighed> =>
  weigh((await transform(text, { minify: true, format: 'esm', target: 'es2024' })).code)

const STATIC_IMPORT = /(?:from|import)\s*"\.\/((?:chunks\/)?[^"]+)"/g

export interface LambdaWeighed {
  /** What is read at the start: the entry, and the chunks that it imports at once. */
  readonly atStart: Weighed
  /** Everything else: read when a secret is first needed. */
  readonly later: Weighed
}

export async function buildLambda(directory: string): Promise<LambdaWeighed> {
  const entry = await buildHandler('deployed', '../../functions/aws/index.ts', directory)
  const outdir = join(entry, '..')
  const text = await readFile(entry, 'utf8')
  const eager = new Set([...text.matchAll(STATIC_IMPORT)].map(([, name]) => name!))
  const chunks = await readdir(join(outdir, 'chunks')).catch(() => [])
  const parts: Record<'atStart' | 'later', string[]> = { atStart: [text], later: [] }
  for (const chunk of chunks)
    parts[eager.has(`chunks/${chunk}`) ? 'atStart' : 'later'].push(
      await readFile(join(outdir, 'chunks', chunk), 'utf8'),
    )
  return { atStart: weigh(parts.atStart.join('\n')), later: weigh(parts.later.join('\n')) }
}
