// `routes[].revocation`: what a route demands of the check for revoked tokens.

import { optional, wordOf } from '../setting.ts'

/**
 * What a route demands of the check: `strong`: the store is asked for every request; `off`: revoked tokens are accepted
 * until they expire.
 */
export type RevocationDemand = 'strong' | 'off'

export const ROUTE_REVOCATION = optional(wordOf<RevocationDemand>(['strong', 'off']))
