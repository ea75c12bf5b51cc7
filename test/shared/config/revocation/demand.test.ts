// `routes[].revocation`: its words, and the routes that cannot have it.

import { expect, test } from 'vitest'
import { resolveConfig } from '../../../../shared/index.ts'
import { GOOD, problemsOf, type Json } from '../../../support/config-problems.ts'

const ROUTE = GOOD.routes[0]! as unknown as Json
const withRoute = (route: Json) => ({
  ...GOOD,
  revocation: { durableObject: 'REVOCATIONS' },
  routes: [route],
})

test.each<[refused: Json, taken: Json, problem: string]>([
  [{ ...ROUTE, revocation: 'weak' }, { ...ROUTE, revocation: 'strong' }, 'is not known; one of: strong, off'],
  [{ ...ROUTE, revocation: 'Off' }, { ...ROUTE, revocation: 'off' }, 'is not known; one of: strong, off'],
  [{ ...ROUTE, revocation: true }, { ...ROUTE, revocation: 'strong' }, 'is not known; one of: strong, off'],
  [{ ...ROUTE, revocation: null }, ROUTE, 'is not known; one of: strong, off'],
  [
    { path: '/health', methods: ['GET'], public: true, revocation: 'strong' },
    { path: '/health', methods: ['GET'], public: true },
    'cannot stand on a public route',
  ],
  [
    { path: '/health', methods: ['GET'], public: true, revocation: 'off' },
    { path: '/health', methods: ['GET'], scope: 'none', revocation: 'off' },
    'cannot stand on a public route',
  ],
])('%j is refused, %j is taken', (refused, taken, problem) => {
  expect(problemsOf(withRoute(refused))).toEqual([`routes[0].revocation: ${problem}`])
  expect(problemsOf(withRoute(taken))).toEqual([])
})

test('a route that does not say it has no demand', () => {
  const demandOf = (route: Json) => resolveConfig(withRoute(route) as never).routes[0]!.revocation
  expect(demandOf(ROUTE)).toBeUndefined()
  expect(demandOf({ ...ROUTE, revocation: 'strong' })).toBe('strong')
})
