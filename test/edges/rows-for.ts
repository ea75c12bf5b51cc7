// Which case rows go through which edge. Every row goes through the core, the servers in front of an origin and one
// shape of the Lambda's event. The other shapes get the rows whose outcome can differ there, and one row for each code:
// after the event has been read, all shapes share the same code.

import { CASE_ROWS } from '../cases/index.ts'
import { expectedCode, isProxy, PROXIES, type CaseRow, type EdgeName } from '../cases/row.ts'

const WHOLE: readonly EdgeName[] = ['core', ...PROXIES, 'rest REQUEST']

/**
 * Rows that depend on how an event carries the token, the method and the path, and on how an answer carries the
 * identity.
 */
const BY_SHAPE = /^(credential|form|route|scope|identity|condition|report-only|websocket)\//

/** A WebSocket API calls the authorizer for its handshake alone, and no other API has one; the core gets every row. */
const isFor = (edge: EdgeName, row: CaseRow): boolean =>
  (row.notOn?.[edge] ?? (isProxy(edge) ? row.notOn?.worker : undefined)) === undefined &&
  (edge === 'core' || (edge === 'websocket') === row.id.startsWith('websocket/'))

/** The first row of each code among those that the edge can express. */
export function firstOfEachCode(edge: EdgeName): CaseRow[] {
  const first = new Map<string, CaseRow>()
  for (const row of CASE_ROWS.filter((row) => isFor(edge, row)))
    if (!first.has(expectedCode(row.expect))) first.set(expectedCode(row.expect), row)
  return [...first.values()]
}

export function rowsFor(edge: EdgeName): CaseRow[] {
  const first = new Set(firstOfEachCode(edge))
  return CASE_ROWS.filter(
    (row) => isFor(edge, row) && (WHOLE.includes(edge) || BY_SHAPE.test(row.id) || first.has(row)),
  )
}
