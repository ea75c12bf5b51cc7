// `revocation.admin`: the URL of the store Worker and its two credentials, which no file holds and which differ.

import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../../../shared/index.ts'
import { problemsOf, withMember, type Json } from '../../../support/config-problems.ts'

const [REVOKE, LIST] = [{ env: 'REVOKE' }, { env: 'LIST' }]

const withAdmin = (members: Json) =>
  withMember('revocation', {
    durableObject: 'REVOCATIONS',
    admin: { revoke: REVOKE, list: LIST, ...members },
  })

const ORIGIN = 'url: must be an origin, as in https://store.example.com'
const HTTPS = 'url: must be https, or http on loopback'
const PAIR = 'must be one secret, or two during a rotation'
const REFERENCE =
  'must say where the secret is, never what it is: { env }, { secretsStore } or { secretsManager }'
const SAME = 'list: must not be the credential of revoke'

test.each<[refused: Json, taken: Json, problem: string]>([
  [{ url: 'http://store.example' }, { url: 'https://store.example' }, HTTPS],
  [{ url: 'http://127.0.0.2:8787' }, { url: 'http://127.0.0.1:8787' }, HTTPS],
  [{ url: 'http://localhost.example' }, { url: 'http://localhost' }, HTTPS],
  [{ url: 'http://[::2]:8787' }, { url: 'http://[::1]:8787' }, HTTPS],
  [{ url: 'https://store.example/revoke' }, { url: 'https://store.example' }, ORIGIN],
  [{ url: 'https://store.example/' }, { url: 'https://store.example' }, ORIGIN],
  [{ url: 'https://store.example?a' }, { url: 'https://store.example' }, ORIGIN],
  [{ url: 'https://user@store.example' }, { url: 'https://store.example' }, ORIGIN],
  [{ url: 'store.example' }, { url: 'https://store.example' }, ORIGIN],
  [{ url: '' }, {}, ORIGIN],
  [{ revoke: [] }, { revoke: [REVOKE] }, `revoke: ${PAIR}`],
  [{ revoke: [REVOKE, { env: 'B' }, { env: 'C' }] }, { revoke: [REVOKE, { env: 'B' }] }, `revoke: ${PAIR}`],
  [{ list: [] }, { list: [LIST] }, `list: ${PAIR}`],
  [{ list: [LIST, { env: 'B' }, { env: 'C' }] }, { list: [LIST, { env: 'B' }] }, `list: ${PAIR}`],
  [{ list: REVOKE }, { list: LIST }, SAME],
  [{ list: [REVOKE] }, { list: [LIST] }, SAME],
  [{ list: [LIST, REVOKE] }, { list: [LIST, { env: 'B' }] }, SAME],
  [{ revoke: [{ env: 'B' }, LIST] }, { revoke: [{ env: 'B' }, REVOKE] }, SAME],
  [{ revoke: 'a-credential-written-out' }, { revoke: REVOKE }, `revoke: ${REFERENCE}`],
  [
    { revoke: [REVOKE, 'a-credential-written-out'] },
    { revoke: [REVOKE, { env: 'B' }] },
    `revoke[1]: ${REFERENCE}`,
  ],
  [{ list: 'a-credential-written-out' }, { list: LIST }, `list: ${REFERENCE}`],
  [
    { revoke: { env: 'A', secretsStore: 'A' } },
    { revoke: { secretsStore: 'A' } },
    'revoke: must have exactly one of env, secretsStore, secretsManager',
  ],
  [{ path: '/revoke' }, {}, 'path: is not a setting; known here: url, revoke, list'],
])('%j is refused, %j is taken', (refused, taken, problem) => {
  expect(problemsOf(withAdmin(refused))).toEqual([`revocation.admin.${problem}`])
  expect(problemsOf(withAdmin(taken))).toEqual([])
})

test.each(['revoke', 'list'])('it cannot be without the credential %s', (name) => {
  const { [name]: _, ...rest } = { revoke: REVOKE, list: LIST } as Json
  expect(problemsOf(withMember('revocation', { durableObject: 'REVOCATIONS', admin: rest }))).toEqual([
    `revocation.admin.${name}: is missing; say where it is: { env }, { secretsStore } or { secretsManager }`,
  ])
})

test('one secret is the list of it, and no URL is null', () => {
  expect(resolveConfig(withAdmin({ list: [LIST, { env: 'B' }] })).revocation!.admin).toEqual({
    url: null,
    revoke: [REVOKE],
    list: [LIST, { env: 'B' }],
  })
})

describe('the values of the credentials', () => {
  const bound = { REVOCATIONS: {} }
  const values = { REVOKE: 'r'.repeat(32), LIST: 'l'.repeat(32) }

  test('are there in the store Worker', () => {
    expect(problemsOf(withAdmin({}), { isStore: true, env: bound })).toEqual([
      'revocation.admin.revoke.env: needs the environment variable REVOKE, which is not set',
      'revocation.admin.list.env: needs the environment variable LIST, which is not set',
    ])
    expect(problemsOf(withAdmin({}), { isStore: true, env: { ...bound, ...values } })).toEqual([])
  })

  test('have 32 characters', () => {
    const env = { ...bound, ...values, LIST: 'l'.repeat(31) }
    expect(problemsOf(withAdmin({}), { isStore: true, env })).toEqual([
      'revocation.admin.list.env: names LIST, which is malformed',
    ])
  })

  test('are not looked for by another edge, which reads other kinds of secrets', () => {
    expect(problemsOf(withAdmin({}), { env: {} })).toEqual([])
    expect(problemsOf(withAdmin({ revoke: { secretsStore: 'A' } }), { secretKinds: ['env'] })).toEqual([])
  })
})
