// What check:config says of methods that nobody has registered.

import { expect, test } from 'vitest'
import { findUnregistered } from '../../functions/local/method-notes.ts'
import { resolveConfig } from '../../shared/index.ts'

const notesOn = (...methods: string[]) =>
  findUnregistered(
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
    }).routes,
  )

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
    `routes[1].methods (GET,${method} /orders): ${method} is no registered method; the nearest is ${nearest}`,
  ])
})

test.each(['GET', 'HEAD', 'OPTIONS', 'PURGE', 'QUERY', 'PROPFIND', 'M-SEARCH', 'VERSION-CONTROL', 'BAN'])(
  '%s is not named',
  (method) => {
    expect(notesOn(method)).toEqual([])
  },
)
