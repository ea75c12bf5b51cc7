// The slot for a section of the configuration that one edge reads and the core does not: a file in this folder, and a line
// in each list of index.ts and meanings.ts.

import type { AddProblem } from '../checks.ts'
import type { ResolvedIdentity } from '../identity.ts'
import type { ResolvedPublicUrls } from '../public-urls.ts'
import type { ResolvedRoute } from '../routes.ts'
import type { SecretEnvironment } from '../secrets.ts'

/** What an edge tells the sections about itself. */
export interface EdgeEnvironment extends SecretEnvironment {
  /** Whether requests are sent on from here: then the origin has to be known, and its binding and key to be in `env`. */
  readonly needsOrigin?: boolean
  /** Whether the edge removes a header field of this name, in lower case, unless it is kept. Default: it is not known. */
  readonly isRemoved?: (name: string) => boolean
  /** Name of the authorizer function, from `LANEKEEPER_AUTHORIZER`. Absent or empty: the settings of `aws` itself. */
  readonly authorizer?: string | undefined
}

/** What a section is compared with. */
export interface CoreConfig {
  readonly routes: readonly ResolvedRoute[]
  readonly identity: ResolvedIdentity
  readonly publicUrls: ResolvedPublicUrls
  readonly reportOnly: boolean
}

export interface Section<Resolved> {
  check(value: unknown, environment: EdgeEnvironment, addProblem: AddProblem): Resolved
  /** What does not go together with other settings. */
  checkTogether?(
    resolved: Resolved,
    config: CoreConfig,
    environment: EdgeEnvironment,
    addProblem: AddProblem,
  ): void
}
