// The scopes that a route demands, and what the caller and the log learn about a refusal. RFC 6749 section 3.3, RFC
// 6750 section 3.1.

import { signCompact } from '../support/test-issuer.ts'
import { allow, requestFor, requestWith, deny, refused, USER, withToken, type CaseRow } from './row.ts'

const LACKING = deny('insufficient_scope', 403, 403)

const lacking = (scope: unknown): CaseRow => ({
  id: `scope/${JSON.stringify(scope) ?? 'absent'}`,
  request: requestWith({ claims: { scope } }),
  expect: LACKING,
})

const malformed = (scope: unknown): CaseRow => ({
  id: `scope/${JSON.stringify(scope)}`,
  request: requestWith({ claims: { scope } }),
  expect: refused('claim_malformed'),
})

export const SCOPE_ROWS: readonly CaseRow[] = [
  {
    id: 'scope/all of two',
    request: requestFor('POST', '/orders', { claims: { scope: 'write read' } }),
    expect: allow({ ...USER, scope: 'write read' }),
  },
  {
    id: 'scope/one of two',
    request: requestFor('POST', '/orders', { claims: { scope: 'write' } }),
    expect: LACKING,
  },
  {
    id: 'scope/any of two',
    request: requestFor('GET', '/orders/1', { claims: { scope: 'admin' } }),
    expect: allow({ ...USER, scope: 'admin' }),
  },
  {
    id: 'scope/none of two',
    request: requestFor('GET', '/orders/1', { claims: { scope: 'write' } }),
    expect: LACKING,
  },
  {
    id: 'scope/none demanded',
    request: requestFor('GET', '/profile', { claims: { scope: undefined } }),
    expect: allow({ ...USER, scope: '' }),
  },
  {
    id: 'scope/none demanded, no token',
    request: () => ({ method: 'GET', path: '/profile', authorization: ['Bearer x'] }),
    expect: refused('token_opaque'),
  },
  ...[
    '',
    'read:all',
    'unread',
    'notread',
    'Read',
    'reading',
    'read,admin',
    'read%20write',
    'rea',
    undefined,
  ].map(lacking),
  ...[
    'read,write\t',
    'read\twrite',
    'read\u00a0write',
    ' read',
    'read ',
    'read  write',
    ['read'],
    1,
    null,
    { read: true },
    'read "x"',
  ].map(malformed),
  {
    id: 'scope/a permission that the route does not ask for',
    request: requestWith({ claims: { permissions: ['write'] } }),
    expect: allow(USER),
  },
  {
    id: 'scope/in scp',
    request: requestWith({ claims: { scope: undefined, scp: ['read'] } }),
    expect: LACKING,
  },
  {
    id: 'scope/in permissions',
    request: requestWith({ claims: { scope: undefined, permissions: ['read'] } }),
    expect: LACKING,
  },

  {
    id: 'scope/none demanded, and an empty one granted',
    request: requestFor('GET', '/profile', { claims: { scope: '' } }),
    expect: allow({ ...USER, scope: '' }),
  },
  {
    id: 'identity/a number as it was signed',
    request: requestWith({ claims: { org_id: 9_007_199_254_740_991 } }),
    expect: allow({ ...USER, tenant: '9007199254740991' }),
  },
  {
    id: 'identity/a number that JSON.parse would round',
    request: async (world) => {
      const { header, claims } = world.main.members({ claims: { org_id: 0 } })
      const text = JSON.stringify(claims).replace('"org_id":0', '"org_id":9007199254740993')
      return withToken(await signCompact(world.main.keys[0]!, header, text))
    },
    expect: deny('identity_inexpressible', 403, 403),
  },
  {
    id: 'identity/a list with an empty text in it',
    request: requestWith({ claims: { groups: ['a', ''] } }),
    expect: deny('identity_inexpressible', 403, 403),
  },
  {
    id: 'identity/a subject too long to pass on',
    request: requestWith({ claims: { sub: 'é'.repeat(400) } }),
    expect: deny('identity_inexpressible', 403, 403),
  },
  {
    id: 'identity/client credentials',
    request: requestWith({ claims: { sub: 'client-1' } }),
    expect: allow({ ...USER, subject: 'client-1', principal: 'client' }),
  },
  {
    id: 'identity/names that may change are not who it is',
    request: requestWith({
      claims: { email: 'victim@example.com', upn: 'victim@example.com', preferred_username: 'victim' },
    }),
    expect: allow(USER),
  },
  {
    id: 'identity/a subject of twenty kilobytes',
    request: requestWith({ claims: { sub: 'x'.repeat(20_000) } }),
    expect: refused('token_too_large'),
  },
  {
    id: 'identity/claims asked for',
    request: requestWith({ claims: { org_id: 'acme', groups: ['a', 'b c'] } }),
    expect: allow({ ...USER, tenant: 'acme', groups: 'a b%20c' }),
  },
  {
    id: 'identity/hostile subject',
    request: requestWith({ claims: { sub: 'a\r\nx-lanekeeper-scope: admin%é\u0000' } }),
    expect: allow({ ...USER, subject: 'a%0D%0Ax-lanekeeper-scope:%20admin%25%C3%A9%00' }),
  },
  {
    id: 'identity/a claim too long to pass on',
    request: requestWith({ claims: { org_id: 'x'.repeat(2_100) } }),
    expect: deny('identity_inexpressible', 403, 403),
  },
  {
    id: 'identity/a claim of a type that no header carries',
    request: requestWith({ claims: { org_id: { id: 1 } } }),
    expect: deny('identity_inexpressible', 403, 403),
  },
]
