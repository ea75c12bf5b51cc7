// Builds a handler with the flags of `npm run build:lambda`, so that the bundle that is measured is the one that would
// be deployed.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Stop } from '../../cli/stop.ts'
import { ROOT } from '../../cli/build.ts'

/** The esbuild flags of an npm script: every word that begins with two dashes, except the output path. */
export function flagsOf(script: string): string[] {
  const esbuild = script.slice(script.lastIndexOf('esbuild '))
  const flags = esbuild
    .split(/\s+/)
    .filter((word) => word.startsWith('--') && !/^--out(dir|base)=/.test(word))
  if (!flags.includes('--bundle') || !flags.includes('--minify'))
    throw new Stop(
      'build:lambda no longer bundles and minifies with esbuild; bench/lambda/build.ts must follow.',
      1,
    )
  return flags
}

/** Bundles `handler` of a module of this directory. Returns the file. */
export async function buildHandler(name: string, entry: string, directory: string): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const outdir = join(directory, 'lambda', name)
  await promisify(execFile)(
    join(ROOT, 'node_modules/.bin/esbuild'),
    [
      `handler=${join(import.meta.dirname, entry)}`,
      ...flagsOf(scripts['build:lambda'] ?? ''),
      `--outdir=${outdir}`,
    ],
    { cwd: ROOT },
  )
  return join(outdir, 'handler.mjs')
}
