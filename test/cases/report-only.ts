// A report-only route: a request that would be refused is logged and passes without an identity.

import { allow, requestFor, deny, reported, USER, type CaseRow, type Change } from './row.ts'

const trying = (change: Change = {}, query?: string) => requestFor('GET', '/trial', change, query)

export const REPORT_ONLY_ROWS: readonly CaseRow[] = [
  { id: 'report-only/access token', request: trying(), expect: allow(USER) },
  { id: 'report-only/ID token', request: trying({ claims: { nonce: 'n' } }), expect: reported('id_token') },
  { id: 'report-only/expired', request: trying({ claims: { exp: 1 } }), expect: reported('token_expired') },
  {
    id: 'report-only/scope lacking',
    request: trying({ claims: { scope: 'other', org_id: 'acme' } }),
    expect: reported('insufficient_scope'),
  },
  {
    id: 'report-only/key of another issuer',
    request: async (world) => trying({ key: world.attackerKey })(world),
    expect: reported('signature_invalid'),
  },
  {
    id: 'report-only/no token',
    request: () => ({ method: 'GET', path: '/trial', authorization: [] }),
    expect: reported('credential_missing'),
    notOn: { 'rest TOKEN': 'API Gateway answers for itself when the identity source is missing' },
  },
  {
    id: 'report-only/an identity of the client',
    request: () => ({
      method: 'GET',
      path: '/trial',
      authorization: ['Bearer nonsense'],
      fields: [['X-Lanekeeper-Subject', 'mallory']],
    }),
    expect: reported('token_opaque'),
    notOn: { 'rest TOKEN': 'a TOKEN event has one field only' },
  },
  {
    id: 'report-only/keys that cannot be had',
    request: async (world) => ({
      method: 'GET',
      path: '/trial',
      authorization: [
        `Bearer ${await world.redirecting.token({ header: { alg: 'ES256', kid: 'good' }, key: world.redirecting.keys[0]! })}`,
      ],
    }),
    expect: reported('keys_unavailable'),
  },
  {
    id: 'report-only/another method',
    request: requestFor('POST', '/trial'),
    expect: deny('method_unknown', 403, 403),
  },
  {
    id: 'report-only/another path',
    request: requestFor('GET', '/trial/1', { claims: { scope: 'other' } }),
    expect: deny('route_unknown', 403, 403),
  },
]
