// `revocation.logout`: the path of the receiver, and the clients whose logout tokens it takes.

import { expect, test } from 'vitest'
import { resolveConfig } from '../../../../shared/index.ts'
import { problemsOf, withMember, type Json } from '../../../support/config-problems.ts'

const GOOD_LOGOUT = { path: '/backchannel-logout', clients: { main: 'web' } }

const withLogout = (members: Json) =>
  withMember('revocation', { durableObject: 'REVOCATIONS', logout: { ...GOOD_LOGOUT, ...members } })

const PATH = 'path: must be a path without parameters'
const LIST = 'clients.main: must be a list of at least one non-empty string'

test.each<[refused: Json, taken: Json, problem: string]>([
  [{ path: 'logout' }, { path: '/logout' }, PATH],
  [{ path: 'https://api.example/logout' }, { path: '/logout' }, PATH],
  [{ path: '/{name}/logout' }, { path: '/name/logout' }, PATH],
  [{ path: '/logout/{rest+}' }, { path: '/logout/rest' }, PATH],
  [{ path: '/logout?client=web' }, { path: '/logout' }, PATH],
  [{ path: '/logout?' }, { path: '/logout' }, PATH],
  [{ path: '/logout#a' }, { path: '/logout' }, PATH],
  [{ path: '/a/../logout' }, { path: '/a/logout' }, PATH],
  [{ path: '//logout' }, { path: '/logout' }, PATH],
  [{ path: '/log%6Fut' }, { path: '/logout' }, PATH],
  [{ path: '' }, { path: '/' }, PATH],
  [{ path: 7 }, { path: '/7' }, PATH],
  [{ clients: {} }, {}, 'clients: must name the issuers whose logout tokens are accepted'],
  [{ clients: 'web' }, {}, 'clients: must be an object'],
  [{ clients: { other: 'web' } }, {}, 'clients.other: is no issuer; configured: main'],
  [{ clients: { main: 'web', other: 'web' } }, {}, 'clients.other: is no issuer; configured: main'],
  [{ clients: { main: [] } }, { clients: { main: ['web'] } }, LIST],
  [{ clients: { main: '' } }, { clients: { main: 'web' } }, LIST],
  [{ clients: { main: ['web', ''] } }, { clients: { main: ['web', 'app'] } }, LIST],
  [{ clients: { main: 7 } }, { clients: { main: '7' } }, LIST],
  [{ client: 'web' }, {}, 'client: is not a setting; known here: path, clients'],
])('%j is refused, %j is taken', (refused, taken, problem) => {
  expect(problemsOf(withLogout(refused))).toEqual([`revocation.logout.${problem}`])
  expect(problemsOf(withLogout(taken))).toEqual([])
})

test.each(['path', 'clients'] as const)('it cannot be without %s', (name) => {
  const { [name]: _, ...rest } = GOOD_LOGOUT
  const config = withMember('revocation', { durableObject: 'REVOCATIONS', logout: rest })
  expect(problemsOf(config)).toEqual([`revocation.logout.${name}: is missing`])
})

test('one client is the list of it', () => {
  const clientsOf = (main: unknown) =>
    resolveConfig(withLogout({ clients: { main } })).revocation!.logout!.clients
  expect(clientsOf('web')).toEqual(new Map([['main', new Set(['web'])]]))
  expect(clientsOf(['web', 'app'])).toEqual(new Map([['main', new Set(['web', 'app'])]]))
})
