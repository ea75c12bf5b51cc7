// Report-only: a route, or everything, decided and recorded but not enforced, so that a team sees what would be
// refused before it is. Changes what happens to a refusal and nothing else: what was not verified stays unknown,
// so a request that is let through this way carries no identity.

import type { ResolvedConfig, ResolvedRoute } from '../config/config.ts'
import type { Allow, Deny } from '../decision.ts'

/** Whether refusals of this request are recorded only. `route`: absent where no rule covers the request. */
export const isReportOnly = (route: ResolvedRoute | undefined, config: ResolvedConfig): boolean =>
  config.reportOnly || route?.reportOnly === true

/** The decision in place of a refusal that is not enforced. */
export const letThrough = (deny: Deny): Allow => ({
  allow: true,
  ...(deny.route === undefined ? {} : { route: deny.route }),
  grant: null,
  reportOnly: true,
  wouldDeny: deny,
})
