// The tables of docs/routes.md, as tests.

import { NO_CONDITIONS } from '../../../shared/policy/no-conditions.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULTS, type ResolvedRoute } from '../../../shared/config/config.ts'
import { failure, type Failure } from '../../../shared/failures/failure.ts'
import { createNearest } from '../../../shared/routes/nearest.ts'
import { createRouteTable } from '../../../shared/routes/route-table.ts'
import { findTargetProblem, TARGET_RULES } from '../../../shared/routes/target.ts'
import { readTable } from '../../support/markdown.ts'

const PAGE = new URL('../../../docs/routes.md', import.meta.url)

const rules = readTable(PAGE, 'rule').map(({ rule = '' }): ResolvedRoute => {
  const [methods = '', path = ''] = rule.split(' ')
  return {
    path,
    methods: methods.split(','),
    name: rule,
    demand: null,
    issuer: null,
    conditions: NO_CONDITIONS,
    resources: [],
    sharedCaches: false,
    reportOnly: false,
  }
})

describe('which rule wins', () => {
  const table = createRouteTable(rules, DEFAULTS.limits.maxPathBytes)

  test.each(readTable(PAGE, 'request', 'rule', 'because'))('$request -> $rule', ({ request = '', rule }) => {
    const [method = '', path = ''] = request.split(' ')
    const found = table.match(method, path)
    expect('code' in found ? found.code : found.name).toBe(rule)
  })

  test('the order in which rules are listed does not matter', () => {
    const reversed = createRouteTable(rules.toReversed(), DEFAULTS.limits.maxPathBytes)
    for (const { request = '' } of readTable(PAGE, 'request', 'rule', 'because')) {
      const [method = '', path = ''] = request.split(' ')
      expect(reversed.match(method, path)).toEqual(table.match(method, path))
    }
  })
})

describe('the log about a near miss', () => {
  const limit = DEFAULTS.limits.maxPathBytes
  const table = createRouteTable(rules, limit)
  const explain = createNearest(rules, limit)

  function detailOf(method: string, path: string): Failure['detail'] {
    const refused = table.match(method, path)
    if (!('code' in refused)) throw new Error(`${method} ${path} is covered by ${refused.name}`)
    const explained = explain(refused, method, path)
    expect(explained.code).toBe(refused.code)
    return explained.detail
  }

  test.each(readTable(PAGE, 'request', 'nearest', 'problem'))(
    '$request -> $nearest, $problem',
    ({ request = '', nearest, problem }) => {
      const [method = '', path = ''] = request.split(' ')
      const said = { ...(nearest && { nearest }), ...(problem && { problem }) }
      expect(detailOf(method, path) ?? {}).toEqual(said)
    },
  )

  test('every word is explained, and is one of those that are', () => {
    const explained = readTable(PAGE, 'problem', 'how the request differs from the rule')
    const words = new Set(explained.map(({ problem }) => problem))
    const said = readTable(PAGE, 'request', 'nearest', 'problem').flatMap(({ problem }) => problem || [])
    const own = said.filter((word) => !TARGET_RULES.some(({ problem }) => problem === word))
    expect([...new Set(own)].filter((word) => word !== 'rules_differ').toSorted()).toEqual(
      [...words].filter((word) => word !== 'any other').toSorted(),
    )
  })

  test('no other refusal has this detail', () => {
    const other = failure('host_unknown', { problem: 'malformed' })
    expect(explain(other, 'GET', '/orders/')).toBe(other)
    expect(explain(failure('target_too_long'), 'GET', '/orders/')).toEqual({ code: 'target_too_long' })
  })

  test('the detail has nothing of the request', () => {
    const names = new Set(rules.map(({ name }) => name))
    const words = new Set([
      ...TARGET_RULES.map(({ problem }): string => problem),
      ...readTable(PAGE, 'problem', 'how the request differs from the rule').map(
        ({ problem = '' }) => problem,
      ),
      'rules_differ',
    ])
    const part = fc.oneof(
      fc.constantFrom(
        'orders',
        'Orders',
        'special',
        'items',
        'files',
        '@me',
        '%40me',
        '..',
        '',
        '%2F',
        'a;b',
        '\\',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 8 }),
      fc.string({ maxLength: 8 }),
    )
    const seen = { near: 0, far: 0 }
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'get', 'DELETE'),
        fc.array(part, { maxLength: 6 }),
        (method, parts) => {
          const path = `/${parts.join('/')}`
          const refused = table.match(method, path)
          if (!('code' in refused)) return
          const { nearest, problem, ...more } = explain(refused, method, path).detail ?? {}
          expect(more).toEqual({})
          if (nearest !== undefined) expect(names).toContain(nearest)
          if (problem !== undefined) expect(words).toContain(problem)
          seen[nearest === undefined ? 'far' : 'near']++
        },
      ),
      { numRuns: 3_000, seed: 20261130 },
    )
    expect(Math.min(seen.near, seen.far)).toBeGreaterThan(100)
  })

  test('a path is looked up a fixed number of times, however long it is and however many rules there are', () => {
    let lookups = 0
    const counted = {
      ...rules[0]!,
      methods: new Proxy(['GET'], { get: (at, name) => (lookups++, Reflect.get(at, name)) }),
    }
    const many = Array.from({ length: 2_000 }, (_, index) => ({ ...counted, path: `/r${index}/{id}` }))
    const explainMany = createNearest(many, limit)
    const ask = (path: string) => {
      lookups = 0
      explainMany(failure('route_unknown'), 'GET', path)
      return lookups
    }
    ask('/')
    expect(ask(`/r7${'/x'.repeat(1_000)}`)).toBe(0)
    expect(ask('/r7/x/')).toBeLessThan(20)
  })
})

describe('paths that no rule is applied to', () => {
  const rows = readTable(PAGE, 'path', 'verdict', 'because')

  test.each(rows)('$path -> $verdict', ({ path = '', verdict }) => {
    expect(findTargetProblem(path, DEFAULTS.limits.maxPathBytes) ?? 'ok').toBe(verdict)
  })

  test('every kind of problem has a row, but for raw control characters', () => {
    const shown = new Set(rows.map((row) => row['verdict']))
    expect(TARGET_RULES.map((rule) => rule.problem).filter((problem) => !shown.has(problem))).toEqual([
      'control_character',
    ])
  })

  test.each(['\0', '\n', '\r', '\t', '\x1f', '\x7f'])(
    'the raw control character %j is refused',
    (character) => {
      expect(findTargetProblem(`/orders/${character}`, 100)).toBe('control_character')
    },
  )

  test('the limit is a limit', () => {
    expect(findTargetProblem(`/${'x'.repeat(99)}`, 100)).toBeNull()
    expect(findTargetProblem(`/${'x'.repeat(100)}`, 100)).toBe('too_long')
  })
})
