// Reports one event for each decision. The event has the token's fingerprint and no text of the token.

import type { CoreConfig } from '../config/config.ts'
import type { AuthorizationRequest, Decision } from '../decision.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import { toReport } from './decision-event.ts'
import { createFingerprint, type CreateLoadedKey } from './fingerprint.ts'

export interface Audit {
  /** Starts to load the key of the fingerprints where that is needed. Returns at once. */
  prepare(request: AuthorizationRequest, waitUntil: WaitUntil | undefined): void
  record(decision: Decision, context: DecisionContext): void
}

export function createAudit(
  config: CoreConfig,
  ports: Ports,
  fingerprintKey: CreateLoadedKey | undefined,
): Audit {
  const fingerprint = createFingerprint(config.log.fingerprintKey, ports, fingerprintKey)

  /** The fingerprint of the token: kept with a cached token, otherwise computed when the event's `token` is read. */
  function fingerprintOf({ token, cached }: DecisionContext) {
    if (token === undefined) return undefined
    const key = fingerprint.key()
    if (key === undefined) return undefined
    if (cached === undefined) return () => fingerprint.nameOf(token)
    if (cached.name?.key !== key) cached.name = { key, text: fingerprint.nameOf(token)! }
    return cached.name.text
  }

  return {
    prepare({ authorization }, waitUntil) {
      if (authorization.length > 0) fingerprint.prepare(waitUntil)
    },
    record(decision, context) {
      const { request, issuer, client, cached, deadline } = context
      const { fetches, ms } = deadline.read()
      const token = fingerprintOf(context)
      const facts = { issuer: issuer?.name, client, token, remembered: cached !== undefined, fetches, ms }
      ports.report(toReport(decision, request, facts))
    },
  }
}
