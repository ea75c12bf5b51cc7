// The section `revocation` and the routes: a demand needs the section, and no rule has the path of the receiver.

import { expect, test } from 'vitest'
import { GOOD, problemsOf } from '../../../support/config-problems.ts'

const STORE = { durableObject: 'REVOCATIONS' }

test.each(['strong', 'off'] as const)('a route that demands %s needs the section', (revocation) => {
  const routes = [GOOD.routes[0]!, { ...GOOD.routes[0]!, path: '/payments', revocation }]
  expect(problemsOf({ ...GOOD, routes })).toEqual(['routes[1].revocation: needs the section revocation'])
  expect(problemsOf({ ...GOOD, routes, revocation: STORE })).toEqual([])
})

const problemAt = (path: string) =>
  `routes[0].path: covers ${path}, where the Worker takes logout tokens; leave the rule out or give it another path`

test.each([
  ['/hooks/logout', '/hooks/logout', '/hooks/logouts'],
  ['/hooks/logout', '/hooks/{name}', '/hooks/{name}/more'],
  ['/hooks/logout', '/hooks/{rest+}', '/hook/{rest+}'],
  ['/hooks/%C3%A9', '/hooks/%c3%a9', '/hooks/%c3%a8'],
  // A rule that begins with a parameter is not written for this path, and holds for its other paths.
  ['/hooks/logout', '/hooks/logout', '/{rest+}'],
  ['/hooks/logout', '/hooks/logout', '/{name}/logout'],
])('at the logout path %s the rule %s is refused, and %s is taken', (path, refused, taken) => {
  const withRule = (rule: string, isConfigured = true) => ({
    ...GOOD,
    routes: [{ ...GOOD.routes[0]!, path: rule }],
    revocation: { ...STORE, ...(isConfigured && { logout: { path, clients: { main: 'web' } } }) },
  })
  expect(problemsOf(withRule(refused))).toEqual([problemAt(path)])
  expect(problemsOf(withRule(taken))).toEqual([])
  expect(problemsOf(withRule(refused, false))).toEqual([])
})
