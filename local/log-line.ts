// Recognises the log lines of the edges among all lines that a child prints.

import type { ReportEvent } from '../shared/index.ts'

/** The event of a log line, or `null` for any other line. */
export const readLogLine = (line: string): ReportEvent | null =>
  line.startsWith('{"door"') ? (JSON.parse(line) as ReportEvent) : null

/** A child's line for a person. `null`: a blank line, or part of the stack that Lambda prints for a thrown 401. */
export function toReadable(child: string, line: string): string | null {
  const event = readLogLine(line)
  if (event !== null) {
    const route = 'route' in event ? (event.route ?? '') : ''
    const detail = 'detail' in event ? (event.detail ?? {}) : {}
    const details = Object.entries(detail).map(([name, value]) => `${name}: ${value}`)
    const parts = [child.padEnd(11), event.outcome, event.code, route, ...details]
    return parts.filter((part) => part !== '').join('  ')
  }
  const isNoise =
    line.startsWith('Invoke Error Error: Unauthorized') || /^\s+at /.test(line) || line.trim() === ''
  return isNoise ? null : `${child}: ${line}`
}
