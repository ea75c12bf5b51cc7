// The core as a runtime for the rows of test/cases/verified-token-cache.ts.

import { assembleFromSteps } from '../../shared/authorizer.ts'
import { STEPS } from '../../shared/steps.ts'
import { webCrypto, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import type { DecisionReport } from '../../shared/platform/ports.ts'
import { demandAccepted } from './schema-agreement.ts'
import type { DrillRuntime } from './token-drill.ts'

export function createCoreDrill(config: LanekeeperConfig, steps: typeof STEPS = STEPS): DrillRuntime {
  let clock = 0
  let events: ReportEvent[] = []
  const create = () =>
    assembleFromSteps(
      config,
      { crypto: webCrypto, fetch, now: () => clock, report: (event) => void events.push(event) },
      {},
      steps,
    )
  let authorizer = create()
  demandAccepted(config)
  return {
    async beginAt(now) {
      clock = now
      authorizer = create()
    },
    setClock: async (now) => void (clock = now),
    async ask({ method, path, authorization }) {
      events = []
      await authorizer.authorize({ method, path, authorization, accessTokenInQuery: false })
      return events.find((event): event is DecisionReport => event.event === 'decision')!
    },
  }
}
