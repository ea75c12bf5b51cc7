// Methods and paths of every kind, with a good token: allowed is only a path that has one reading, under a rule
// that a slow matcher finds too, with the scope that rule demands.

import fc from 'fast-check'
import { demand } from '../fixture.ts'
import { changeText, textChanges, type TextChange } from '../mutate.ts'
import { property } from '../property.ts'

const PIECES = [
  '/', '//', '.', '..', '/.', '/..', '/../', '/./', ';', ';v=1', '..;', '\\', '%2f', '%2F', '%5c', '%2e', '%2e%2e', '%25', '%252e',
  '%00', '%0a', '%0d%0a', '%20', ' ', '\t', '\n', '\u0000', '#', '?', '*', '%2a', '%', '%z', '%c0%ae', '%ff', '%c3%a9', 'é', '\u2025',
  'health', 'orders', 'special', 'files', 'admin', 'ORDERS', '@', '%40', ':', '{id}', '~', '%7e', '.json', 'a', "'", '"', '<', '|', '^', '`',
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

interface Rule {
  readonly method: string
  readonly path: RegExp
  readonly anyOf: readonly string[]
}

/** The routes of the fixture, written again as patterns over decoded segments; the most specific first. */
const RULES: readonly Rule[] = [
  { method: 'GET', path: /^\/orders\/special$/, anyOf: ['special'] },
  { method: 'GET', path: /^\/health$/, anyOf: [] },
  { method: 'GET', path: /^\/orders$/, anyOf: ['read'] },
  { method: 'POST', path: /^\/orders$/, anyOf: ['write'] },
  { method: 'GET', path: /^\/orders\/[^/]+$/, anyOf: ['read'] },
  { method: 'GET', path: /^\/files\/.+$/, anyOf: ['read', 'admin'] },
]

/** Whether every server reads the path alike: not changed by a URL parser, nor by decoding it first. */
function hasOneReading(path: string): boolean {
  if (!/^\/[\x21-\x7e]*$/.test(path) || /[\\;*#?"<>^`{|}]/.test(path)) return false
  const url = new URL(`https://edge.example${path}`)
  if (url.pathname !== path || url.search !== '' || url.hash !== '') return false
  try {
    const plain = decodeURIComponent(path)
    if (/[\u0000-\u001f\u007f\\;*#?]/.test(plain)) return false
    const parts = plain.split('/')
    return (
      parts.length === path.split('/').length &&
      !parts.slice(1).some((part) => ['', '.', '..'].includes(part))
    )
  } catch {
    return false
  }
}

/** An HTTP API may show what was escaped in the request as it is; no request line holds such characters. */
const asShownDecoded = (path: string): string =>
  path.isWellFormed() ? path.replace(/[^\x21-\x7e]+/gu, encodeURIComponent) : path

const ruleFor = (method: string, path: string): Rule | undefined =>
  RULES.filter((rule) => rule.path.test(decodeURIComponent(path)))
    .filter((rule, index, all) => index === 0 || rule.path.source === all[0]!.path.source)
    .find((rule) => rule.method === (method === 'HEAD' ? 'GET' : method))

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
    for (const { door, allow } of seen) {
      if (!allow) continue
      const carried = door === 'http_2' ? asShownDecoded(path) : path
      demand(hasOneReading(carried), `${door} allows a path that can be read in two ways`)
      const rule = ruleFor(method, carried)
      demand(rule !== undefined, `${door} allows a path and method that no rule covers`)
      const { anyOf } = rule!
      demand(
        anyOf.length === 0 || anyOf.some((name) => granted.includes(name)),
        `${door} allows without the scope`,
      )
    }
    return seen.some(({ allow }) => allow) ? 'allow' : 'deny'
  },
})
