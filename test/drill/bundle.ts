// Bundles an entry of the drill or the soak with the artefact that it runs.

import { build } from 'esbuild'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'

/** `artefact`: the file that an entry imports as `artefact-of-the-drill`. */
export const bundle = (entry: string, outfile: string, artefact?: string) =>
  build({
    entryPoints: [join(ROOT, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: outfile.endsWith('.mjs') ? 'node' : 'browser',
    external: ['cloudflare:workers'],
    // package.json says that no module has side effects, and the globals of an entry are nothing else.
    ignoreAnnotations: true,
    ...(artefact === undefined ? {} : { alias: { 'artefact-of-the-drill': artefact } }),
    logLevel: 'error',
  })
