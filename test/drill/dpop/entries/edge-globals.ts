// The globals of an edge Worker in the drill: an origin that answers without a network, and a log that keeps the
// decision about each request until it is taken.

import type { DecisionReport } from '../../../../shared/platform/ports.ts'
import { isLogLine, readLogLine } from '../../../support/artefact/log-line.ts'

const { fetch } = globalThis
const decisions = new Map<string, DecisionReport>()

/** The decision about a request, once. */
export function takeDecision(requestId: string): DecisionReport | undefined {
  const decision = decisions.get(requestId)
  decisions.delete(requestId)
  return decision
}

globalThis.fetch = async (input, init) =>
  typeof input === 'string' ? fetch(input, init) : new Response('from the origin')
console.log = (line: string) => {
  const event = isLogLine(line) ? readLogLine(line) : null
  if (event?.event === 'decision' && event.requestId !== undefined) decisions.set(event.requestId, event)
}
