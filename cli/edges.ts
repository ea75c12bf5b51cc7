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
