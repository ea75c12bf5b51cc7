// Methods and paths of every kind, with a good token: a request is allowed only if its path has one reading, under a
// rule that a slow matcher also finds, with the scope that the rule demands.

import fc from 'fast-check'
import { demand } from '../fixture.ts'
import { changeText, textChanges, type TextChange } from '../mutate.ts'
import { property } from '../property.ts'
import { isPermitted } from '../reading.ts'

const PIECES = [
  '/', '//', '.', '..', '/.', '/..', '/../', '/./', ';', ';v=1', '..;', '\\', '%2f', '%2F', '%5c', '%2e', '%2e%2e', '%25', '%252e',
  '%00', '%0a', '%0d%0a', '%20', ' ', '\t', '\n', '\u0000', '#', '?', '*', '%2a', '%', '%z', '%c0%ae', '%ff', '%c3%a9', 'é', '\u2025',
  'health', 'orders', 'special', 'files', 'admin', 'ORDERS', '@', '%40', ':', '{id}', '~', '%7e', '.json', 'a', "'", '"', '<', '|', '^', '`', '[1]', '%5B', '{', '}', '%25',
] // prettier-ignore

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'get',
  'QUERY',
  '',
  ' GET',
  'GET,POST',
]
const PATHS = [
  '/health',
  '/orders',
  '/orders/1',
  '/orders/special',
  '/files/a',
  '/files/a/b/c',
  '/',
  '',
  '/admin',
]

/**
 * An HTTP API may show an escape decoded; its reader escapes the character again. Characters that a path may hold
 * unescaped (RFC 3986) stay.
 */
const asShownDecoded = (path: string): string =>
  path.isWellFormed()
    ? path.replace(/%[0-9a-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?#\\]/giu, (text) =>
        text.length === 3 ? text : encodeURIComponent(text),
      )
    : path

interface Input {
  readonly method: string
  readonly base: string
  readonly changes: readonly TextChange[]
  readonly scope: number
  readonly query: string | null
}

export const requestTarget = property<Input>({
  name: 'request target',
  about: 'methods, paths and queries with a good token',
  input: fc.record({
    method: fc.oneof(
      { weight: 3, arbitrary: fc.constant('GET') },
      { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
    ),
    base: fc.constantFrom(...PATHS),
    changes: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 4, arbitrary: textChanges(PIECES, 4) },
    ),
    scope: fc.nat(1),
    query: fc.option(fc.constantFrom('a=1', 'path=/health', 'access_token=x', '%', 'a=#', 'a=%0a'), {
      freq: 4,
    }),
  }),
  mustSee: ['deny', 'allow'],
  async check({ method, base, changes, scope, query }, fixture) {
    const path = changeText(base, changes)
    const granted = scope === 0 ? ['read'] : ['read', 'write']
    const authorization = [`Bearer ${fixture.tokens[scope]}`]
    const seen = await fixture.send({ method, path, authorization, ...(query === null ? {} : { query }) })
    for (const { edge, allow } of seen) {
      if (!allow) continue
      const carried = edge === 'http_2' ? asShownDecoded(path) : path
      demand(isPermitted(method, carried, granted), `${edge} allows what no rule allows`)
    }
    return seen.some(({ allow }) => allow) ? 'allow' : 'deny'
  },
})
