// Which case rows go through which door. Every row goes through the core, the servers in front of an origin and one shape of the Lambda's event.
// The other shapes get the rows that can come out otherwise there, and one row for each code: what follows the reading of
// an event is the same code for all of them.

import { CASE_ROWS } from '../cases/index.ts'
import { codeExpected, isProxy, PROXIES, type CaseRow, type DoorName } from '../cases/row.ts'

const WHOLE: readonly DoorName[] = ['core', ...PROXIES, 'rest REQUEST']

/** What depends on how an event carries the token, the method and the path, and on how an answer carries the identity. */
const BY_SHAPE = /^(credential|form|route|scope|identity|condition|report-only|websocket)\//

/** A WebSocket API asks about its handshake alone, and no other API does; the core answers everything. */
const isFor = (door: DoorName, row: CaseRow): boolean =>
  (row.notOn?.[door] ?? (isProxy(door) ? row.notOn?.worker : undefined)) === undefined &&
  (door === 'core' || (door === 'websocket') === row.id.startsWith('websocket/'))

/** The first row of each code among those that the door can carry. */
export function firstOfEachCode(door: DoorName): CaseRow[] {
  const first = new Map<string, CaseRow>()
  for (const row of CASE_ROWS.filter((row) => isFor(door, row)))
    if (!first.has(codeExpected(row.expect))) first.set(codeExpected(row.expect), row)
  return [...first.values()]
}

export function rowsFor(door: DoorName): CaseRow[] {
  const first = new Set(firstOfEachCode(door))
  return CASE_ROWS.filter(
    (row) => isFor(door, row) && (WHOLE.includes(door) || BY_SHAPE.test(row.id) || first.has(row)),
  )
}
