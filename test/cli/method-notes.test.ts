// The notes of check:config about methods that are not registered.

import { expect, test } from 'vitest'
import { describeUnregistered, findUnregistered } from '../../cli/method-notes.ts'
import { resolveConfig } from '../../shared/index.ts'

const routesWith = (...methods: string[]) =>
  resolveConfig({
    issuers: {
      main: {
        issuer: 'https://login.example.com',
        audience: 'https://api.example.com',
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
      },
    },
    routes: [
      { path: '/health', methods: ['GET'], public: true },
      { path: '/orders', methods, scope: 'none' },
    ],
  }).routes

const notesOn = (...methods: string[]) => findUnregistered(routesWith(...methods))

test.each([
  ['GETT', 'GET'],
  ['GTE', 'GET'],
  ['HAED', 'HEAD'],
  ['OPTION', 'OPTIONS'],
  ['DELTE', 'DELETE'],
  ['PATHC', 'PATCH'],
  ['POTS', 'POST'],
  ['PUTT', 'PUT'],
])('%s is named with the nearest that is registered, %s', (method, nearest) => {
  expect(notesOn('GET', method)).toEqual([
    `routes[1].methods (GET,${method} /orders): ${method} is no registered method, the nearest is ${nearest}`,
  ])
})

test.each(['GET', 'HEAD', 'OPTIONS', 'PURGE', 'QUERY', 'PROPFIND', 'M-SEARCH', 'VERSION-CONTROL', 'BAN'])(
  '%s is not named',
  (method) => {
    expect(notesOn(method)).toEqual([])
  },
)

test('a method with a problem gets no note, except in another rule; other methods do', () => {
  const routes = routesWith('GETT', 'PUTT')
  const notes = (rule: string) =>
    findUnregistered(routes, [`problem: rule ${rule}: x; ${describeUnregistered('GETT', 'GET')}; add it`])
  expect(notes('GETT,PUTT /orders')).toEqual([expect.stringMatching(/: PUTT is no registered method/)])
  expect(notes('GETT /other')).toHaveLength(2)
})
