// The conditions of a route that has none.

import type { ResolvedConditions } from '../config/config.ts'

/** The `conditions` of a resolved route that demands scopes alone, for comparison. Nothing else is demanded. */
export const NO_CONDITIONS: ResolvedConditions = {
  clients: null,
  claims: new Map(),
  authorizationDetails: [],
  acr: [],
  maxAgeSeconds: null,
}
