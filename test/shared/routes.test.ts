// The tables of docs/routes.md, run.

import { NO_CONDITIONS } from '../../shared/config/conditions.ts'
import { describe, expect, test } from 'vitest'
import { DEFAULTS, type ResolvedRoute } from '../../shared/config/config.ts'
import { createRouteTable } from '../../shared/routes/route-table.ts'
import { findTargetProblem, TARGET_RULES } from '../../shared/routes/target.ts'
import { readTable } from '../support/markdown.ts'

const PAGE = new URL('../../docs/routes.md', import.meta.url)

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
