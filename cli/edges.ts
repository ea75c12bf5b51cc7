// The edges of this project: each one has its file.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface Edges {
  /** Whether wrangler.toml exists. */
  readonly hasWorker: boolean
  /** Whether serverless.yml exists. */
  readonly hasLambda: boolean
}

export const findEdges = (root: string): Edges => ({
  hasWorker: existsSync(join(root, 'wrangler.toml')),
  hasLambda: existsSync(join(root, 'serverless.yml')),
})

/** The edges of a project where nobody names one: those that have their file; with neither file, both. */
export function defaultEdges(root: string): readonly ('cloudflare' | 'aws')[] {
  const { hasWorker, hasLambda } = findEdges(root)
  if (!hasWorker && !hasLambda) return ['cloudflare', 'aws']
  return [...(hasWorker ? (['cloudflare'] as const) : []), ...(hasLambda ? (['aws'] as const) : [])]
}
