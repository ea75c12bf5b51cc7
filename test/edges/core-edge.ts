// The core itself, in Node, with the real fetch against the real key server.

import { assembleFromSteps } from '../../shared/authorizer.ts'
import { STEPS } from '../../shared/steps.ts'
import {
  toIdentity,
  toRefusal,
  webCrypto,
  type Authorizer,
  type LanekeeperConfig,
  type Ports,
  type ReportEvent,
} from '../../shared/index.ts'
import type { CoreConfig } from '../../shared/config/config.ts'
import { originOf } from '../../functions/fetch/request.ts'
import { demandAccepted } from '../support/schema-agreement.ts'
import { elapse } from '../support/time.ts'
import { codeOf, comparable, detailOf, type Edge, type Variables } from './edge.ts'

/** The core with an authorizer that a test creates from these ports. */
export function coreEdgeOf(create: (ports: Ports) => Authorizer<CoreConfig>, env: Variables): Edge {
  const authorizer = create({
    crypto: webCrypto,
    fetch,
    now: () => Date.now() + ahead,
    report: (event) => void events.push(event),
    secrets: async (ref) => (ref.env === undefined ? undefined : env[ref.env]),
  })
  let events: ReportEvent[] = []
  let ahead = 0
  return {
    name: 'core',
    async send({ method, path, query, authorization, host, spelledAgain }) {
      events = []
      const accessTokenInQuery = new URLSearchParams(query).has('access_token')
      const decision = await authorizer.authorize({
        method,
        path,
        ...(host === undefined ? {} : { origin: originOf(`https://${host}/`) }),
        ...(spelledAgain === undefined ? {} : { otherSpellings: [spelledAgain] }),
        authorization,
        accessTokenInQuery,
      })
      const code = codeOf(events)
      const detail = detailOf(events)
      if (!decision.allow)
        return {
          allow: false,
          code,
          detail,
          wire: { status: toRefusal(decision, 'api').status },
          identity: null,
        }
      return {
        allow: true,
        code,
        detail,
        wire: {},
        identity: decision.grant === null ? null : comparable(toIdentity(decision.grant)),
      }
    },
    advance: async (ms) => void (ahead += ms),
    elapse: async (ms) => elapse(ms),
    close: async () => {},
  }
}

/** `steps` lets a test replace a step. */
export async function openCoreEdge(
  config: LanekeeperConfig,
  env: Variables = {},
  steps: typeof STEPS = STEPS,
): Promise<Edge> {
  demandAccepted(config)
  return coreEdgeOf((ports) => assembleFromSteps(config, ports, { env }, steps), env)
}
