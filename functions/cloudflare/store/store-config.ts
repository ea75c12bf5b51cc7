// What the plan of the store has of a configuration. It names secrets and has none.

import type { ResolvedConfig, RevocableIssuer } from '../../../shared/edge.ts'

type ResolvedRevocation = NonNullable<ResolvedConfig['revocation']>

export interface StoreConfig {
  readonly issuers: readonly RevocableIssuer[]
  readonly revocation: Pick<ResolvedRevocation, 'maxEntries'> & {
    /** The binding of the store Worker to its own Durable Object. */
    readonly durableObject: string
    /** `null`: the admin endpoint answers 404. */
    readonly admin: Pick<NonNullable<ResolvedRevocation['admin']>, 'revoke' | 'list'> | null
  }
}
