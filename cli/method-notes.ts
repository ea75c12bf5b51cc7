// Warns of methods that are probably misspelled. Any token is a valid method (RFC 9110 section 9.1), so none is
// refused. A method that neither the registry nor known software has is reported with the nearest registered method.

import type { ResolvedRoute } from '../shared/index.ts'

/** https://www.iana.org/assignments/http-methods */
const REGISTERED = [
  'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'CONNECT', 'TRACE', 'ACL', 'BASELINE-CONTROL', 'BIND', 'CHECKIN',
  'CHECKOUT', 'COPY', 'LABEL', 'LINK', 'LOCK', 'MERGE', 'MKACTIVITY', 'MKCALENDAR', 'MKCOL', 'MKREDIRECTREF', 'MKWORKSPACE', 'MOVE',
  'ORDERPATCH', 'PRI', 'PROPFIND', 'PROPPATCH', 'REBIND', 'REPORT', 'SEARCH', 'UNBIND', 'UNCHECKOUT', 'UNLINK', 'UNLOCK', 'UPDATE',
  'UPDATEREDIRECTREF', 'VERSION-CONTROL',
] // prettier-ignore

/** Unregistered methods that clients of caches, UPnP and Icecast send. */
const IN_USE = ['PURGE', 'BAN', 'REFRESH', 'M-SEARCH', 'NOTIFY', 'SUBSCRIBE', 'UNSUBSCRIBE', 'SOURCE']

/** The number of letters that are missing, added, wrong or swapped with their neighbour. */
function distance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + change,
        isSwap ? rows[i - 2]![j - 2]! + 1 : Infinity,
      )
    }
    rows.push(row)
  }
  return rows[from.length]![to.length]!
}

/**
 * The nearest registered method, the first of the list if several are equally near. `null`: the method is registered or
 * in use.
 */
export function nearestTo(method: string): string | null {
  if (REGISTERED.includes(method) || IN_USE.includes(method)) return null
  return REGISTERED.map((each) => ({ each, edits: distance(method, each) })).reduce((best, next) =>
    next.edits < best.edits ? next : best,
  ).each
}

export const describeUnregistered = (method: string, nearest: string): string =>
  `${method} is no registered method, the nearest is ${nearest}`

/** One sentence for each rule and unregistered method, except those that `reportedLines` already mention. */
export const findUnregistered = (
  routes: readonly ResolvedRoute[],
  reportedLines: readonly string[] = [],
): readonly string[] =>
  routes.flatMap(({ methods, name }, index) =>
    methods.flatMap((method) => {
      const nearest = nearestTo(method)
      const note = nearest === null ? null : describeUnregistered(method, nearest)
      return note === null ||
        reportedLines.some((text) => text.includes(`rule ${name}: `) && text.includes(note))
        ? []
        : [`routes[${index}].methods (${name}): ${note}`]
    }),
  )
