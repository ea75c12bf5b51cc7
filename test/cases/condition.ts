// What a route demands beside scopes: clients, claims, authorization details (RFC 9396), and how and when the user
// signed in (RFC 9470). Values compare exactly, and a missing claim meets no condition.

import { AUDIENCE, DEEP_RESOURCE, RESOURCE } from '../support/case-world.ts'
import { allow, requestFor, deny, refused, USER, type CaseRow, type Expectation } from './row.ts'
import { now } from './time.ts'

type Claims = Readonly<Record<string, unknown>>

const row = (id: string, request: CaseRow['request'], expect: Expectation): CaseRow => ({
  id: `condition/${id}`,
  request,
  expect,
})

const at = (path: string, aud: unknown, expect: Expectation) =>
  row(`resource ${path} for ${JSON.stringify(aud)}`, requestFor('GET', path, { claims: { aud } }), expect)
const ELSEWHERE = refused('audience_mismatch')

const partner = (client_id: unknown, id: string, expect: Expectation) =>
  row(`client ${id}`, requestFor('GET', '/partners', { claims: { client_id } }), expect)
const NOT_ALLOWED = deny('client_not_allowed', 403, 403)

const acme = (id: string, claims: Claims, expect: Expectation) =>
  row(
    `claims ${id}`,
    requestFor('GET', '/acme', { claims: { org_id: 'acme', plan: 'gold', ...claims } }),
    expect,
  )
const UNMET = deny('claim_condition_unmet', 403, 403)
const ACME = allow({ ...USER, tenant: 'acme' })
/** Every claim that `identity.claims` of the case world names. */
const ALL_CLAIMS = { groups: ['a'], email: 'a@b.example' }

const payment = (id: string, authorization_details: unknown, expect: Expectation) =>
  row(
    `authorization_details ${id}`,
    requestFor('POST', '/payments', { claims: { authorization_details } }),
    expect,
  )
const LACKING = deny('authorization_details_lacking', 403, 403)

const transfer = (id: string, claims: () => Claims, expect: Expectation) =>
  row(
    `sign-in ${id}`,
    async (world) =>
      requestFor('POST', '/transfers', { claims: { acr: 'mfa', auth_time: now() - 10, ...claims() } })(world),
    expect,
  )
const AGAIN = refused('insufficient_user_authentication')

/** Members that say that claims are distributed, and where they are. OpenID Connect Core 1.0 section 5.6.2. */
const elsewhere = (...names: string[]): Claims => ({
  _claim_names: Object.fromEntries(names.map((name) => [name, 'src1'])),
  _claim_sources: { src1: { endpoint: 'https://claims.test.example/about/user-1', access_token: 'x' } },
})
const DISTRIBUTED = deny('claim_distributed', 403, 403)
const orders = (id: string, claims: Claims, expect: Expectation) =>
  row(id, requestFor('GET', '/orders', { claims }), expect)

export const CONDITION_ROWS: readonly CaseRow[] = [
  at('/resource', RESOURCE, allow(USER)),
  at('/resource', [AUDIENCE, RESOURCE], allow(USER)),
  at('/resource', AUDIENCE, ELSEWHERE),
  at('/resource', DEEP_RESOURCE, ELSEWHERE),
  at('/resource', [AUDIENCE, `${RESOURCE}/`], ELSEWHERE),
  at('/resource/a', RESOURCE, allow(USER)),
  at('/resource/a', [AUDIENCE, DEEP_RESOURCE], ELSEWHERE),
  // One rule covers several resources: the path selects the resource.
  at('/resource/deep/x', DEEP_RESOURCE, allow(USER)),
  at('/resource/deep/x', RESOURCE, ELSEWHERE),
  at('/resource/deep', DEEP_RESOURCE, allow(USER)),
  at('/resource/deep', [AUDIENCE, RESOURCE], ELSEWHERE),
  at('/resource/deeper', RESOURCE, allow(USER)),
  at('/resource/deeper', DEEP_RESOURCE, ELSEWHERE),
  at('/resource/shared', RESOURCE, allow(USER)),
  at('/resource/shared', AUDIENCE, ELSEWHERE),
  at('/elsewhere/shared', AUDIENCE, allow(USER)),
  at('/Resource/shared', AUDIENCE, allow(USER)),
  at('/resource/deep/open', DEEP_RESOURCE, allow(USER)),
  at('/resource/deep/open', RESOURCE, ELSEWHERE),
  at('/resources', AUDIENCE, allow(USER)),
  at('/orders', RESOURCE, allow(USER)),
  partner('partner-1', 'on the list', allow({ ...USER, client_id: 'partner-1' })),
  partner('partner-2', 'on the list, second', allow({ ...USER, client_id: 'partner-2' })),
  partner('partner-3', 'not on the list', NOT_ALLOWED),
  partner('Partner-1', 'in another case', NOT_ALLOWED),
  partner('partner-1 ', 'with a space', NOT_ALLOWED),
  partner('partner', 'that is a prefix', NOT_ALLOWED),

  acme('as demanded', {}, ACME),
  acme('another of the values', { plan: 7 }, ACME),
  acme('another of the values, a boolean', { plan: true }, ACME),
  acme('equals not met', { org_id: 'evil' }, UNMET),
  acme('equals in another case', { org_id: 'Acme' }, UNMET),
  acme('equals, and a list with the value', { org_id: ['acme'] }, UNMET),
  acme('equals absent', { org_id: undefined }, UNMET),
  acme('equals null', { org_id: null }, UNMET),
  acme('oneOf not met', { plan: 'silver' }, UNMET),
  acme('oneOf, and the number as text', { plan: '7' }, UNMET),
  acme('oneOf, and the boolean as text', { plan: 'true' }, UNMET),
  acme('oneOf, and a number for the boolean', { plan: 1 }, UNMET),
  acme('oneOf absent', { plan: undefined }, UNMET),

  acme('oneOf elsewhere', { plan: undefined, ...elsewhere('plan') }, DISTRIBUTED),
  acme('oneOf null, and elsewhere', { plan: null, ...elsewhere('plan') }, DISTRIBUTED),
  acme('oneOf not met, and elsewhere', { plan: 'silver', ...elsewhere('plan') }, UNMET),
  acme('oneOf met, and elsewhere', elsewhere('plan'), ACME),
  acme('oneOf absent, another elsewhere', { plan: undefined, ...elsewhere('plans') }, UNMET),
  acme('oneOf absent, names of nothing', { plan: undefined, _claim_names: {} }, UNMET),
  acme('oneOf absent, names inherited', { plan: undefined, ...elsewhere('constructor') }, UNMET),
  acme(
    'oneOf absent, names in a text',
    { ...ALL_CLAIMS, plan: undefined, _claim_names: '{"plan":"src1"}' },
    refused('claim_malformed'),
  ),
  acme(
    'as demanded, names in a text',
    { ...ALL_CLAIMS, _claim_names: '{"plan":"src1"}' },
    allow({ ...USER, tenant: 'acme', groups: 'a', email: 'a@b.example' }),
  ),
  orders('a claim elsewhere that nobody names', elsewhere('plan', 'wids', 'acr'), allow(USER)),
  orders('a claim elsewhere that the identity names', elsewhere('email'), DISTRIBUTED),
  orders(
    'a claim that the identity names, and elsewhere',
    { email: 'a@b.example', ...elsewhere('email') },
    allow({ ...USER, email: 'a@b.example' }),
  ),
  orders('groups elsewhere', elsewhere('groups'), DISTRIBUTED),
  orders('groups elsewhere, in short', { hasgroups: true }, DISTRIBUTED),
  orders(
    'groups in a token within the token',
    {
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { JWT: 'eyJhbGciOiJub25lIn0.eyJncm91cHMiOlsiYSJdfQ.' } },
    },
    DISTRIBUTED,
  ),
  orders('groups not elsewhere', { hasgroups: false }, allow(USER)),
  orders(
    'groups, and elsewhere in short',
    { groups: ['a'], hasgroups: true },
    allow({ ...USER, groups: 'a' }),
  ),
  orders('scopes elsewhere', { scope: undefined, ...elsewhere('scope') }, DISTRIBUTED),
  orders('scopes absent', { scope: undefined }, deny('insufficient_scope', 403, 403)),
  orders(
    'other scopes, and elsewhere',
    { scope: 'write', ...elsewhere('scope') },
    deny('insufficient_scope', 403, 403),
  ),
  row(
    'scopes elsewhere where none are demanded',
    requestFor('GET', '/profile', { claims: { scope: undefined, ...elsewhere('scope') } }),
    allow({ ...USER, scope: '' }),
  ),

  payment('of both types', [{ type: 'account' }, { type: 'payment', amount: 1 }], allow(USER)),
  payment('of one type', [{ type: 'payment' }], LACKING),
  payment('of another type', [{ type: 'payment' }, { type: 'accounts' }], LACKING),
  payment('absent', undefined, LACKING),
  payment('empty', [], LACKING),
  payment('that are no list', { type: 'payment' }, refused('claim_malformed')),
  payment(
    'with one that has no type',
    [{ type: 'payment' }, { type: 'account' }, {}],
    refused('claim_malformed'),
  ),
  payment('with a type in a list', [{ type: ['payment'] }, { type: 'account' }], refused('claim_malformed')),
  payment('that are texts', ['payment', 'account'], refused('claim_malformed')),

  row(
    'authorization_details elsewhere',
    requestFor('POST', '/payments', { claims: elsewhere('authorization_details') }),
    DISTRIBUTED,
  ),
  transfer('acr elsewhere', () => ({ acr: undefined, ...elsewhere('acr') }), DISTRIBUTED),
  transfer('time elsewhere', () => ({ auth_time: undefined, ...elsewhere('auth_time') }), DISTRIBUTED),
  transfer('strong and recent', () => ({}), allow(USER)),
  transfer('strong in another way', () => ({ acr: 'hwk' }), allow(USER)),
  transfer('weak', () => ({ acr: 'pwd' }), AGAIN),
  transfer('acr in another case', () => ({ acr: 'MFA' }), AGAIN),
  transfer('acr in a list', () => ({ acr: ['mfa'] }), AGAIN),
  transfer('acr absent', () => ({ acr: undefined }), AGAIN),
  transfer('too long ago', () => ({ auth_time: now() - 320 }), AGAIN),
  transfer('long ago, but in time', () => ({ auth_time: now() - 290 }), allow(USER)),
  transfer('in the future', () => ({ auth_time: now() + 60 }), AGAIN),
  transfer('at a time that is a text', () => ({ auth_time: String(now() - 10) }), AGAIN),
  transfer('at no known time', () => ({ auth_time: undefined }), AGAIN),
]
