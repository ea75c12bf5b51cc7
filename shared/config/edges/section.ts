// The slot for a section of the configuration that one edge reads and the core does not. A section is a file in this
// folder, and a line in each list of index.ts and meanings.ts.

import type { AddProblem } from '../checks.ts'
import type { ResolvedIdentity } from '../identity.ts'
import type { ResolvedPublicUrls } from '../public-urls.ts'
import type { ResolvedRoute } from '../routes.ts'
import type { SecretEnvironment } from '../secrets.ts'

/** The part of `ConfigEnvironment` that an edge says about itself. */
export interface EdgeEnvironment extends SecretEnvironment {
  /** Whether the edge sends requests to the origin. It then needs `origin`, its binding and key. Default false. */
  readonly needsOrigin?: boolean
  /**
   * Whether the edge removes a header field of this name (in lower case) unless it is in `origin.keepHeaders`. Default:
   * not known, so every name may be kept.
   */
  readonly isRemoved?: (name: string) => boolean
  /** Whether the edge is the store Worker. It then needs the credentials of `revocation.admin`. Default false. */
  readonly isStore?: boolean
  /** Name of the authorizer function, from `LANEKEEPER_AUTHORIZER`. Absent or empty: the settings of `aws` itself. */
  readonly authorizer?: string | undefined
}

/** The settings that a section is checked against. */
export interface CheckedSettings {
  readonly routes: readonly ResolvedRoute[]
  readonly identity: ResolvedIdentity
  readonly publicUrls: ResolvedPublicUrls
  readonly reportOnly: boolean
  readonly origin: { readonly keepHeaders: ReadonlySet<string> } | null
  readonly cors: { readonly headers: readonly string[] } | null
}

export interface Section<Resolved> {
  check(value: unknown, environment: EdgeEnvironment, addProblem: AddProblem): Resolved
  /** Adds a problem for each setting that contradicts one of another section. */
  checkTogether?(
    resolved: Resolved,
    config: CheckedSettings,
    environment: EdgeEnvironment,
    addProblem: AddProblem,
  ): void
}
