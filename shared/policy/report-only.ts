// Report-only: for one route, or for all, refusals are recorded and not enforced, so that a team sees them before it
// enforces them. It replaces a refusal by an allow and changes nothing else. Such an allow has no grant, so the request
// carries no identity.

import type { CoreConfig, ResolvedRoute } from '../config/config.ts'
import type { Allow, Deny } from '../decision.ts'

/** Whether refusals of this request are recorded only. `route`: absent where no rule covers the request. */
export const isReportOnly = (route: ResolvedRoute | undefined, config: CoreConfig): boolean =>
  config.reportOnly || route?.reportOnly === true

/** The decision in place of a refusal that is not enforced. */
export const letThrough = (deny: Deny): Allow => ({
  allow: true,
  ...(deny.route === undefined ? {} : { route: deny.route }),
  grant: null,
  reportOnly: true,
  wouldDeny: deny,
})
