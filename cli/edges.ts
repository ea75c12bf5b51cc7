// Which edges are deployed from here: each has its file.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface Edges {
  /** wrangler.toml is there. */
  readonly hasWorker: boolean
  /** serverless.yml is there. */
  readonly hasLambda: boolean
}

export const findEdges = (root: string): Edges => ({
  hasWorker: existsSync(join(root, 'wrangler.toml')),
  hasLambda: existsSync(join(root, 'serverless.yml')),
})
