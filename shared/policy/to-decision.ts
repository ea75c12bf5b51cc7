// From the outcome of the pipeline to the decision that an edge answers with.

import type { CoreConfig } from '../config/config.ts'
import type { Decision } from '../decision.ts'
import { letThrough, type isReportOnly } from './report-only.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { Outcome } from '../stages.ts'
import { toDeny } from '../failures/deny.ts'
import { isFailure, type Failure } from '../failures/failure.ts'

export const createToDecision =
  (
    config: CoreConfig,
    retryAfterSeconds: (failed: Failure, context: DecisionContext) => number,
    isRecordedOnly: typeof isReportOnly,
  ) =>
  (outcome: Outcome, context: DecisionContext): Decision => {
    const { route, resource } = context
    const reportOnly = isRecordedOnly(route, config)
    if (outcome !== null && isFailure(outcome)) {
      const deny = toDeny(outcome, route, resource, () => retryAfterSeconds(outcome, context))
      return reportOnly ? letThrough(deny) : deny
    }
    const allow = { allow: true, route: route!.name, grant: outcome } as const
    return outcome !== null && reportOnly ? { ...allow, reportOnly: true } : allow
  }
