// Tokens that only their issuer can read: what the introspection request has, what the issuer answers, and which
// members of the answer count. RFC 7662 section 2.2, RFC 9701 section 5, OpenID Connect Core 1.0 section 5.3.

import type { FailureCode } from '../../shared/index.ts'
import type { IssuerAnswer } from '../support/opaque-issuer.ts'
import { AUDIENCE, OTHER_AUDIENCE, type CaseWorld } from '../support/case-world.ts'
import type { Members } from '../support/test-issuer.ts'
import { allow, deny, refused, USER, withToken, type CaseRow, type Expectation } from './row.ts'
import { changeAt, now, type Change } from './time.ts'

const answerOf = (world: CaseWorld, issuer: string, change: Change = {}): Members => ({
  active: true,
  token_type: 'Bearer',
  iss: `${world.opaque.url}/${issuer}`,
  sub: 'user-1',
  aud: AUDIENCE,
  client_id: 'client-1',
  scope: 'read',
  iat: now() - 5,
  exp: now() + 600,
  ...changeAt(now(), change),
})

/** GET /orders with an opaque token; its issuer answers as for a good token, except the given members. */
const introspected =
  (prefix: string, issuer: string, change: Change = {}, answer: IssuerAnswer = {}): CaseRow['request'] =>
  (world) =>
    withToken(world.opaque.issue(prefix, { json: answerOf(world, issuer, change), ...answer }))

const intro = (id: string, change: Change, expect: Expectation): CaseRow => ({
  id: `opaque/${id}`,
  request: introspected('in_', 'intro', change),
  expect,
})

const OF = { ...USER, issuer: 'intro' }
const unavailable = (code: FailureCode) => deny(code, 503, 500)

/** The issuer's answer is not an introspection response. */
const fault = (id: string, code: FailureCode, answer: IssuerAnswer, prefix = 'in_'): CaseRow => ({
  id: `opaque/answer ${id}`,
  request: introspected(prefix, 'intro', {}, answer),
  expect: unavailable(code),
})

const HTML = '<!doctype html><title>Sign in</title>'

const FAULTS: readonly CaseRow[] = [
  {
    id: 'opaque/before our credentials are refused',
    request: introspected('re_', 'refusing'),
    expect: allow({ ...OF, issuer: 'refusing' }),
  },
  fault(
    '401',
    'introspection_credentials_refused',
    { status: 401, json: { error: 'invalid_client' } },
    're_',
  ),
  {
    id: 'opaque/after our credentials were refused, no request is sent for a while',
    request: introspected('re_', 'refusing'),
    expect: unavailable('introspection_held'),
  },
  fault('401, about one token', 'introspection_credentials_refused', {
    status: 401,
    type: 'text/plain',
    body: 'Failed to authenticate user',
  }),
  {
    id: 'opaque/after 401 about one token, others are introspected',
    request: introspected('in_', 'intro'),
    expect: allow(OF),
  },
  fault('403', 'introspection_credentials_refused', { status: 403, json: {} }),
  fault('500', 'introspection_status', { status: 500, json: { active: true } }),
  {
    id: 'opaque/before fewer questions are wanted',
    request: introspected('li_', 'limiting'),
    expect: allow({ ...OF, issuer: 'limiting' }),
  },
  fault(
    '429',
    'introspection_rate_limited',
    { status: 429, json: {}, headers: { 'retry-after': '20' } },
    'li_',
  ),
  {
    id: 'opaque/after 429, no request is sent for a while',
    request: introspected('li_', 'limiting'),
    expect: unavailable('introspection_held'),
  },
  fault('422, about one token', 'introspection_status', { status: 422, json: {} }),
  fault('400, as for a JWT', 'introspection_unsupported', {
    status: 400,
    json: { error: 'unsupported_token_type' },
  }),
  fault('204', 'introspection_empty', { status: 204, body: '' }),
  fault('200 and nothing', 'introspection_empty', { body: '' }),
  fault('HTML', 'introspection_not_json', { type: 'text/html', body: HTML }),
  fault('HTML as JSON', 'introspection_malformed', { body: HTML }),
  fault('JSON as HTML', 'introspection_not_json', { type: 'text/html' }),
  fault('a JWT nobody asked for', 'introspection_not_json', {
    signed: {},
    type: 'application/token-introspection+jwt',
  }),
  fault('a redirect', 'introspection_redirect', { location: 'http://127.0.0.1:9/' }),
  fault('huge', 'introspection_too_large', { json: { active: true, filler: 'x'.repeat(70_000) } }),
  fault('cut short', 'introspection_malformed', { body: '{"active":true' }),
  fault('an array', 'introspection_malformed', { json: [{ active: true }] }),
  fault('null', 'introspection_malformed', { json: null }),
  fault('a member twice', 'introspection_malformed', { body: '{"active":true,"active":true}' }),
  fault('deep', 'introspection_malformed', {
    body: `{"active":true,"a":${'['.repeat(20)}${']'.repeat(20)}}`,
  }),
  ...['"true"', '1', 'null', '"yes"', '{}'].map((active) =>
    fault(`active ${active}`, 'introspection_malformed', { body: `{"active":${active}}` }),
  ),
  fault('without active', 'introspection_malformed', { json: { sub: 'user-1' } }),
  {
    id: 'opaque/the server is down',
    request: introspected('do_', 'down'),
    expect: unavailable('introspection_unreachable'),
  },
  {
    id: 'opaque/the server does not answer',
    request: introspected('sl_', 'slow', {}, { hangs: true }),
    expect: unavailable('introspection_timeout'),
  },
  {
    id: 'opaque/the slow server answers',
    request: introspected('sl_', 'slow'),
    expect: allow({ ...OF, issuer: 'slow' }),
  },
  {
    id: 'opaque/the metadata names no endpoint',
    request: introspected('no_', 'nowhere'),
    expect: unavailable('introspection_endpoint_unknown'),
  },
  ...(
    [
      ['client_secret_basic', 'st_', 'stranger'],
      ['client_secret_post', 'sp_', 'stranger-posting'],
      ['private_key_jwt', 'sk_', 'stranger-signing'],
      ['bearer', 'sb_', 'stranger-bearing'],
    ] as const
  ).map(([way, prefix, issuer]): CaseRow => ({
    id: `opaque/our credentials are wrong, ${way}`,
    request: introspected(prefix, issuer),
    expect: unavailable('introspection_credentials_refused'),
  })),
  {
    id: 'opaque/client_secret_basic, with one character that a form escapes, for a server that does not decode',
    request: introspected('ue_', 'undecoding-escaped'),
    expect: unavailable('introspection_credentials_refused'),
  },
]

const WAYS: readonly CaseRow[] = [
  { id: 'opaque/client_secret_basic', request: introspected('in_', 'intro'), expect: allow(OF) },
  {
    id: 'opaque/client_secret_basic, of characters that a form leaves as they are, for a server that does not decode',
    request: introspected('un_', 'undecoding'),
    expect: allow({ ...OF, issuer: 'undecoding' }),
  },
  {
    id: 'opaque/client_secret_post, endpoint discovered',
    request: introspected('po_', 'posted'),
    expect: allow({ ...OF, issuer: 'posted' }),
  },
  {
    id: 'opaque/private_key_jwt, signed answer',
    request: introspected('si_', 'signed', {}, { signed: {} }),
    expect: allow({ ...OF, issuer: 'signed' }),
  },
  {
    id: 'opaque/bearer, client listed, no aud',
    request: introspected('be_', 'carried', { aud: undefined, token_type: undefined }),
    expect: allow({ ...OF, issuer: 'carried' }),
  },
  {
    id: 'opaque/bearer, client listed, empty aud',
    request: introspected('be_', 'carried', { aud: [] }),
    expect: allow({ ...OF, issuer: 'carried' }),
  },
  {
    id: 'opaque/bearer, another client, no aud',
    request: introspected('be_', 'carried', { aud: undefined, client_id: 'client-2' }),
    expect: refused('client_mismatch'),
  },
  {
    id: 'opaque/bearer, client listed, another aud',
    request: introspected('be_', 'carried', { aud: OTHER_AUDIENCE }),
    expect: refused('audience_mismatch'),
  },
]

const signed = (id: string, answer: (world: CaseWorld) => IssuerAnswer, expect: Expectation): CaseRow => ({
  id: `opaque/signed answer ${id}`,
  request: (world) => introspected('si_', 'signed', {}, answer(world))(world),
  expect,
})

const UNVERIFIED = unavailable('introspection_unverified')

const SIGNED: readonly CaseRow[] = [
  signed('not signed', () => ({}), UNVERIFIED),
  signed('HTML', () => ({ type: 'text/html', body: HTML }), unavailable('introspection_not_json')),
  signed('by another key', (world) => ({ signed: { key: world.opaque.unpublishedKey } }), UNVERIFIED),
  signed('with an unknown kid', () => ({ signed: { header: { kid: 'x' } } }), UNVERIFIED),
  signed(
    'without kid, by the second of two keys',
    () => ({ signed: { header: { kid: undefined } } }),
    allow({ ...OF, issuer: 'signed' }),
  ),
  signed(
    'without kid, by the first of two keys',
    (world) => ({ signed: { header: { kid: undefined }, key: world.opaque.nextKey } }),
    allow({ ...OF, issuer: 'signed' }),
  ),
  signed(
    'without kid, by neither of two keys',
    (world) => ({ signed: { header: { kid: undefined }, key: world.opaque.unpublishedKey } }),
    UNVERIFIED,
  ),
  signed('with another alg', () => ({ signed: { header: { alg: 'RS256' } } }), UNVERIFIED),
  signed('with alg none', () => ({ signed: { header: { alg: 'none' } } }), UNVERIFIED),
  signed('typ at+jwt', () => ({ signed: { header: { typ: 'at+jwt' } } }), UNVERIFIED),
  signed('without typ', () => ({ signed: { header: { typ: undefined } } }), UNVERIFIED),
  signed('from another issuer', () => ({ signed: { claims: { iss: 'https://evil.example' } } }), UNVERIFIED),
  signed('for somebody else', () => ({ signed: { claims: { aud: 'client-1' } } }), UNVERIFIED),
  signed(
    'made a moment ago',
    () => ({ signed: { claims: { iat: now() - 50 } } }),
    allow({ ...OF, issuer: 'signed' }),
  ),
  signed('made too long ago', () => ({ signed: { claims: { iat: now() - 70 } } }), UNVERIFIED),
  signed('made in the future', () => ({ signed: { claims: { iat: now() + 60 } } }), UNVERIFIED),
  signed('without iat', () => ({ signed: { claims: { iat: undefined } } }), UNVERIFIED),
  signed('around nothing', () => ({ signed: { claims: { token_introspection: undefined } } }), UNVERIFIED),
  signed('around null', () => ({ signed: { claims: { token_introspection: null } } }), UNVERIFIED),
  signed(
    'around a list',
    (world) => ({ signed: { claims: { token_introspection: [answerOf(world, 'signed')] } } }),
    UNVERIFIED,
  ),
  signed(
    'active at the wrong place',
    () => ({ signed: { claims: { token_introspection: {}, active: true } } }),
    UNVERIFIED,
  ),
  signed('of an inactive token', () => ({ json: { active: false }, signed: {} }), refused('token_inactive')),
]

const MALFORMED = unavailable('introspection_malformed')
const SERVICE = { ...OF, issuer: 'services', subject: 'client-1', principal: 'client' }
const URN = 'urn:ietf:params:oauth:token-type:'

const MEMBERS: readonly CaseRow[] = [
  {
    id: 'opaque/inactive',
    request: introspected('in_', 'intro', { active: false }),
    expect: refused('token_inactive'),
  },
  {
    id: 'opaque/never issued',
    request: () => withToken('in_nobody-has-issued-this'),
    expect: refused('token_inactive'),
  },
  intro('a refresh token without token_type', { token_type: undefined }, refused('token_kind_unproven')),
  intro('a refresh token by token_type', { token_type: 'refresh_token' }, refused('refresh_token')),
  intro('a refresh token by token_use', { token_use: 'refresh_token' }, refused('refresh_token')),
  intro(
    'a refresh token as Hydra tells of it',
    { token_use: 'refresh_token', aud: [], sid: 's' },
    refused('refresh_token'),
  ),
  {
    id: 'opaque/an access token as Hydra tells of it',
    request: introspected('be_', 'carried', { token_use: 'access_token', aud: [], ext: {} }),
    expect: allow({ ...OF, issuer: 'carried' }),
  },
  intro(
    'an ID token as PingFederate tells of it',
    { token_type: undefined, client_id: 'client-1', auth_time: 1, acr: 'x', 'pi.sri': 's', jti: 'j' },
    refused('token_kind_unproven'),
  ),
  intro(
    'an ID token as PingFederate tells of it, for its client',
    { aud: 'client-1', auth_time: 1, acr: 'x', 'pi.sri': 's', jti: 'j' },
    refused('audience_mismatch'),
  ),
  intro('groups elsewhere', { _claim_names: { groups: 'src1' } }, deny('claim_distributed', 403, 403)),
  intro('another claim elsewhere', { _claim_names: { wids: 'src1' } }, allow(OF)),
  intro('a refresh token by typ', { typ: 'Refresh' }, refused('refresh_token')),
  intro('an ID token by nonce', { nonce: 'n' }, refused('id_token')),
  intro('an ID token by at_hash', { at_hash: 'h' }, refused('id_token')),
  intro('an ID token by typ', { typ: 'ID' }, refused('id_token')),
  intro('an ID token by token_use', { token_use: 'id_token' }, refused('id_token')),
  intro('a refresh token by typ rt+jwt', { typ: 'rt+jwt' }, refused('refresh_token')),
  intro('a refresh token by tokenType', { tokenType: 'refresh_token' }, refused('refresh_token')),
  intro('a refresh token by a URN', { token_use: `${URN}refresh_token` }, refused('refresh_token')),
  intro('an ID token by a URN', { token_type: `${URN}id_token` }, refused('id_token')),
  intro('a logout token by typ', { typ: 'Logout' }, refused('logout_token')),
  intro('a logout token by typ logout+jwt', { typ: 'application/logout+jwt' }, refused('logout_token')),
  intro('a SAML assertion by a URN', { token_use: `${URN}saml2` }, refused('token_kind_unproven')),
  intro('token_use in a list', { token_use: ['access_token'] }, refused('token_kind_unproven')),
  intro(
    'token_use of other kinds in a list',
    { token_use: ['refresh_token'] },
    refused('token_kind_unproven'),
  ),
  intro('token_use that nobody knows', { token_use: 'device' }, refused('token_kind_unproven')),
  intro('a token_use of nothing', { token_use: '' }, refused('token_kind_unproven')),
  intro('a tokenName that nobody knows', { tokenName: 'device_code' }, refused('token_kind_unproven')),
  intro('a token_kind that nobody knows', { token_kind: 'device_code' }, refused('token_kind_unproven')),
  intro('a tokenName of access tokens', { tokenName: 'access_token' }, allow(OF)),
  intro('another member with the word', { kind_of_token: 'device_code' }, allow(OF)),
  intro('typ JWT, which may be anything', { typ: 'JWT' }, refused('token_kind_unproven')),
  intro('typ Bearer', { typ: 'Bearer' }, allow(OF)),
  intro('typ at+jwt', { typ: 'at+jwt' }, allow(OF)),
  intro('tokenType Bearer', { tokenType: 'Bearer' }, allow(OF)),
  intro('an access token by a URN', { token_use: `${URN}access_token` }, allow(OF)),
  intro('an access token by token_use', { token_use: 'access_token' }, allow(OF)),
  intro('token_type bearer', { token_type: 'bearer' }, allow(OF)),
  intro('token_type N_A', { token_type: 'N_A' }, refused('token_kind_unproven')),
  intro('token_type in a list', { token_type: ['Bearer'] }, MALFORMED),
  intro('token_type DPoP without cnf', { token_type: 'DPoP' }, refused('sender_constraint_unproven')),
  intro('token_type DPoP', { token_type: 'DPoP', cnf: { jkt: 'x' } }, refused('sender_constraint_unproven')),
  intro('cnf', { cnf: { 'x5t#S256': 'x' } }, refused('sender_constraint_unproven')),
  intro('no aud', { aud: undefined }, refused('claim_missing')),
  intro('an empty aud', { aud: [] }, refused('audience_mismatch')),
  intro('aud null', { aud: null }, refused('claim_missing')),
  intro('another aud', { aud: OTHER_AUDIENCE }, refused('audience_mismatch')),
  intro('aud among others', { aud: [OTHER_AUDIENCE, AUDIENCE] }, allow(OF)),
  intro('aud malformed', { aud: [AUDIENCE, 1] }, MALFORMED),
  intro('another iss', { iss: 'https://evil.example' }, refused('issuer_unknown')),
  intro('no iss', { iss: undefined }, allow(OF)),
  intro('no client_id', { client_id: undefined }, refused('claim_missing')),
  intro('a client_id that is a number', { client_id: 7 }, MALFORMED),
  intro('no sub', { sub: undefined }, refused('claim_missing')),
  intro('sub null', { sub: null }, refused('claim_missing')),
  {
    id: 'opaque/no sub, where that is a client',
    request: introspected('se_', 'services', { sub: undefined }),
    expect: allow(SERVICE),
  },
  {
    id: 'opaque/no sub but a username, where no sub is a client',
    request: introspected('se_', 'services', { sub: undefined, username: 'ada' }),
    expect: refused('claim_missing'),
  },
  {
    id: 'opaque/a sub, where no sub is a client',
    request: introspected('se_', 'services'),
    expect: allow({ ...OF, issuer: 'services' }),
  },
  {
    id: 'opaque/null for what is not said',
    request: introspected('se_', 'services', {
      ...{ sub: null, username: null, nbf: null, cnf: null, nonce: null, jti: null, iss: null },
    }),
    expect: allow(SERVICE),
  },
  intro('token_type null', { token_type: null }, refused('token_kind_unproven')),
  intro('client_id null', { client_id: null }, refused('claim_missing')),
  intro('an empty sub', { sub: '' }, MALFORMED),
  intro('a sub that is a number', { sub: 1 }, MALFORMED),
  intro('a username that is a number', { sub: undefined, username: 1 }, MALFORMED),
  intro('exp past', (now) => ({ exp: now - 60 }), refused('token_expired')),
  intro('exp 0', { exp: 0 }, refused('token_expired')),
  intro('exp -1', { exp: -1 }, MALFORMED),
  intro('exp as a text', { exp: '1790000000' }, MALFORMED),
  intro('jti as a number', { jti: 7 }, MALFORMED),
  intro('nbf as a text', { nbf: '1790000000' }, MALFORMED),
  intro('iat as a date', { iat: '2026-11-21T00:00:00Z' }, MALFORMED),
  intro('iss in a list', { iss: ['https://evil.example'] }, MALFORMED),
  intro('no exp and no iat', { exp: undefined, iat: undefined }, allow(OF)),
  intro('a life of a day', (now) => ({ iat: now, exp: now + 86_400 }), allow(OF)),
  intro('a life of more than a day', (now) => ({ iat: now, exp: now + 86_401 }), refused('token_lifetime')),
  intro('a day until exp and no iat', (now) => ({ iat: undefined, exp: now + 86_400 }), allow(OF)),
  intro(
    'more than a day until exp and no iat',
    (now) => ({ iat: undefined, exp: now + 86_406 }),
    refused('token_lifetime'),
  ),
  intro('iat at exp', (now) => ({ iat: now + 3, exp: now + 3 }), refused('token_lifetime')),
  intro('nbf ahead', (now) => ({ nbf: now + 3_600 }), refused('token_not_yet_valid')),
  intro('iat ahead', (now) => ({ iat: now + 3_600 }), refused('token_issued_in_future')),
  intro('another scope', { scope: 'write' }, deny('insufficient_scope', 403, 403)),
  intro('no scope', { scope: undefined }, deny('insufficient_scope', 403, 403)),
  intro('scope in a list', { scope: ['read'] }, MALFORMED),
  intro('scope with two spaces', { scope: 'read  write' }, MALFORMED),
  intro('a member that is called code', { code: 'token_expired' }, allow(OF)),
  intro('a claim asked for', { org_id: 'acme' }, allow({ ...OF, tenant: 'acme' })),
  {
    id: 'opaque/a JWT with a claim that is called code',
    request: async (world) => withToken(await world.main.token({ claims: { code: 'token_expired' } })),
    expect: allow(USER),
  },
]

const jwtOf =
  (issuer: string, claims: Members = {}, header: Members = {}) =>
  async (world: CaseWorld) => {
    const token = await world.main.token({
      header,
      claims: { iss: `${world.opaque.url}/${issuer}`, ...claims },
    })
    world.opaque.setAnswer(token, { json: answerOf(world, issuer) })
    return withToken(token)
  }

/** A JWT of Keycloak, and the introspection answer about it. */
const keycloakJwt =
  (claims: Members, members: Members): CaseRow['request'] =>
  async (world) => {
    const own = { typ: 'Bearer', azp: 'client-1' }
    const request = await jwtOf('cloak', { ...own, ...claims })(world)
    const token = request.authorization[0]!.replace('Bearer ', '')
    world.opaque.setAnswer(token, { json: answerOf(world, 'cloak', { ...own, ...members }) })
    return request
  }

const CLOAKED = { ...OF, issuer: 'cloak' }
const CLOAKED_CLIENT = { ...CLOAKED, subject: 'client-1', principal: 'client' }
const CLOAKED_NOBODY = { ...CLOAKED, principal: 'unknown' }
const ACCOUNT = 'service-account-client-1'

/**
 * Whether a token of Keycloak is a user's or a client's: an introspection answer has neither `clientHost` nor
 * `clientAddress`.
 */
const principalRow = (id: string, members: Members, identity: Readonly<Record<string, string>>): CaseRow => ({
  id: `opaque/whose: ${id}`,
  request: keycloakJwt({}, members),
  expect: allow(identity),
})

/** The same for an issuer whose tokens are all introspected, and that the configuration does not call Keycloak. */
const introspectedPrincipalRow = (
  id: string,
  members: Members,
  identity: Readonly<Record<string, string>>,
): CaseRow => intro(`whose, by introspection: ${id}`, members, allow({ ...OF, ...identity }))

const CLIENT = { subject: 'client-1', principal: 'client' }
const CLOAK = { typ: 'Bearer', azp: 'client-1' }

const PRINCIPAL_ROWS: readonly CaseRow[] = [
  principalRow('a service account', { jti: 'trrtcc:x', username: ACCOUNT }, CLOAKED_CLIENT),
  principalRow('a service account, by the grant alone', { jti: 'trltcc:x' }, CLOAKED_CLIENT),
  principalRow('a service account, by the name alone', { username: ACCOUNT }, CLOAKED_CLIENT),
  principalRow('a user', { jti: 'onrtac:x', username: 'ada' }, CLOAKED),
  principalRow('a user, by the grant alone', { jti: 'onltac:x' }, CLOAKED),
  principalRow('a user, by the name alone', { username: 'ada' }, CLOAKED),
  principalRow(
    'a user with a name like that of a service account',
    { jti: 'onrtac:x', username: ACCOUNT },
    CLOAKED,
  ),
  principalRow('neither name nor grant', {}, CLOAKED_NOBODY),
  principalRow('neither name nor grant that tells', { jti: 'onrtrt:x' }, CLOAKED_NOBODY),
  principalRow('the name of another service account', { username: `${ACCOUNT}0` }, CLOAKED_NOBODY),
  introspectedPrincipalRow('a service account', { ...CLOAK, jti: 'trrtcc:x', username: ACCOUNT }, CLIENT),
  introspectedPrincipalRow('a service account, by the name alone', { ...CLOAK, username: ACCOUNT }, CLIENT),
  introspectedPrincipalRow('a service account, by the grant alone', { ...CLOAK, jti: 'trltcc:x' }, CLIENT),
  introspectedPrincipalRow(
    'a grant that does not tell',
    { ...CLOAK, jti: 'onltrt:x' },
    { principal: 'unknown' },
  ),
  introspectedPrincipalRow(
    'a grant that does not tell, and a name',
    { ...CLOAK, jti: 'onltrt:x', username: 'ada' },
    {},
  ),
  introspectedPrincipalRow(
    'a name like that of a service account at another server',
    { username: ACCOUNT },
    {},
  ),
]

/** Answers of a server that states the kind of the token in `tokenName`, which the configuration uses as evidence. */
const kindRow = (id: string, change: Members, expect: Expectation): CaseRow => ({
  id: `opaque/kind in tokenName: ${id}`,
  request: introspected('ki_', 'kinded', { tokenName: 'access_token', ...change }),
  expect,
})

const KIND_ROWS: readonly CaseRow[] = [
  kindRow('an access token', {}, allow({ ...OF, issuer: 'kinded' })),
  kindRow(
    'an access token with the nonce of the code flow',
    { nonce: 'n' },
    allow({ ...OF, issuer: 'kinded' }),
  ),
  kindRow('no kind, and a nonce', { nonce: 'n', tokenName: undefined }, refused('id_token')),
  kindRow('no kind', { tokenName: undefined }, refused('token_kind_unproven')),
  kindRow('an ID token with a nonce', { nonce: 'n', tokenName: 'id_token' }, refused('id_token')),
  kindRow('an ID token', { tokenName: 'id_token' }, refused('id_token')),
  kindRow('a refresh token', { tokenName: 'refresh_token' }, refused('refresh_token')),
  kindRow('a kind that nobody knows, and a nonce', { nonce: 'n', tokenName: 'jwt' }, refused('id_token')),
  kindRow('an access token with at_hash', { nonce: 'n', at_hash: 'h' }, refused('id_token')),
  kindRow('an access token, and an ID token by typ', { nonce: 'n', typ: 'ID' }, refused('id_token')),
  intro(
    'kind in tokenName, and a nonce, where nobody goes by that',
    { tokenName: 'access_token', nonce: 'n' },
    refused('id_token'),
  ),
]

const SELECTION: readonly CaseRow[] = [
  {
    id: 'opaque/a prefix of no issuer',
    request: (world) => withToken(world.opaque.issue('xx_', { json: answerOf(world, 'intro') })),
    expect: refused('token_opaque'),
  },
  {
    id: 'opaque/too large',
    request: introspected(`in_${'x'.repeat(4_200)}`, 'intro'),
    expect: refused('token_too_large'),
  },
  {
    id: 'opaque/a JWT of an issuer without keys is introspected',
    request: jwtOf('introspected'),
    expect: allow({ ...OF, issuer: 'introspected' }),
  },
  {
    id: 'opaque/a JWT of another issuer whose header begins with a space is sent nowhere',
    request: (world) => {
      const [, ...rest] = [
        '',
        btoa(JSON.stringify({ iss: 'https://evil.example' })).replaceAll('=', ''),
        'c2ln',
      ]
      const token = `${btoa(' {"alg":"RS256","typ":"at+jwt","kid":"k"} ')}.${rest.join('.')}`
      world.opaque.setAnswer(token, { json: answerOf(world, 'intro') })
      return { ...withToken(token), path: '/intro' }
    },
    expect: refused('issuer_unknown'),
  },
  {
    id: 'opaque/a JWT of Keycloak with the nonce that its access tokens once had',
    request: keycloakJwt({ nonce: 'n' }, { nonce: 'n', username: 'ada' }),
    expect: allow({ ...OF, issuer: 'cloak' }),
  },
  {
    id: 'opaque/a JWT of Keycloak with a nonce that nothing makes an access token of',
    request: keycloakJwt({ nonce: 'n' }, { nonce: 'n', azp: undefined }),
    expect: refused('id_token'),
  },
  {
    id: 'opaque/a JWT of Keycloak with at_hash',
    request: keycloakJwt({ nonce: 'n' }, { nonce: 'n', at_hash: 'h' }),
    expect: refused('id_token'),
  },
  {
    id: 'opaque/an ID token of Keycloak',
    request: keycloakJwt({ nonce: 'n' }, { nonce: 'n', typ: 'ID' }),
    expect: refused('id_token'),
  },
  {
    id: 'opaque/an ID token is not introspected',
    request: jwtOf('introspected', { at_hash: 'h' }),
    expect: refused('kind_unverified'),
  },
  {
    id: 'opaque/an ID token by its nonce, without a statement that it is an access token',
    request: jwtOf('introspected', { nonce: 'n' }),
    expect: refused('kind_unverified'),
  },
  {
    id: 'opaque/a JWT with a nonce that says itself that it is an access token',
    request: jwtOf('introspected', { nonce: 'n', tokenName: 'access_token' }),
    expect: allow({ ...OF, issuer: 'introspected' }),
  },
  {
    id: 'opaque/a JWT that names a provider with a check',
    request: jwtOf('github'),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'opaque/on a route of this issuer',
    request: (world) => ({
      ...withToken(world.opaque.issue('in_', { json: answerOf(world, 'intro') })),
      path: '/intro',
    }),
    expect: allow(OF),
  },
  {
    id: 'opaque/of another issuer, on a route of this one',
    request: (world) => ({
      ...withToken(world.opaque.issue('po_', { json: answerOf(world, 'posted') })),
      path: '/intro',
    }),
    expect: refused('issuer_not_allowed'),
  },
  {
    id: 'opaque/a JWT of another issuer, on a route of this one',
    request: async (world) => ({ ...withToken(await world.main.token()), path: '/intro' }),
    expect: refused('issuer_not_allowed'),
  },
  {
    id: 'opaque/a JWT that would be introspected, on a route of another issuer',
    request: async (world) => ({ ...(await jwtOf('introspected')(world)), path: '/intro' }),
    expect: refused('issuer_not_allowed'),
  },
]

const user = (id: string, members: Members, userinfo: IssuerAnswer, expect: Expectation): CaseRow => ({
  id: `userinfo/${id}`,
  request: introspected('us_', 'user', members, { userinfo }),
  expect,
})

const ADA = { ...OF, issuer: 'user', email: 'ada@acme.example' }
const TELLS = { json: { sub: 'user-1', email: 'ada@acme.example' } }
const UNTOLD = deny('identity_missing', 403, 403)

const USERINFO: readonly CaseRow[] = [
  user('tells the claim', {}, TELLS, allow(ADA)),
  user('is not asked where the facts have it', { email: 'ada@acme.example' }, { status: 500 }, allow(ADA)),
  user(
    'tells of somebody else',
    {},
    { json: { ...TELLS.json, sub: 'user-2' } },
    refused('userinfo_mismatch'),
  ),
  user('is not asked about a token without sub', { sub: undefined }, TELLS, UNTOLD),
  user(
    'tells the claim in a list',
    {},
    { json: { ...TELLS.json, email: ['ada@acme.example'] } },
    unavailable('userinfo_unavailable'),
  ),
  {
    id: 'userinfo/wants fewer questions',
    request: introspected('ny_', 'nosy', {}, { userinfo: { status: 429 } }),
    expect: unavailable('userinfo_unavailable'),
  },
  {
    id: 'userinfo/after 429, and not needed if the answer has the claim',
    request: introspected('ny_', 'nosy', { email: 'ada@acme.example' }),
    expect: allow({ ...ADA, issuer: 'nosy' }),
  },
  {
    id: 'userinfo/wanted fewer questions',
    request: introspected('ny_', 'nosy', {}, { userinfo: TELLS }),
    expect: unavailable('userinfo_unavailable'),
  },
  user('tells no sub', {}, { json: { email: 'ada@acme.example' } }, unavailable('userinfo_unavailable')),
  user('does not tell the claim', {}, { json: { sub: 'user-1' } }, UNTOLD),
  user('refuses the token', {}, { status: 401 }, UNTOLD),
  user('refuses the token for want of scope', {}, { status: 403 }, UNTOLD),
  user('answers 500', {}, { status: 500 }, unavailable('userinfo_unavailable')),
  user('answers HTML', {}, { type: 'text/html', body: HTML }, unavailable('userinfo_unavailable')),
  user(
    'answers a member twice',
    {},
    { body: '{"sub":"user-1","sub":"user-1","email":"x"}' },
    unavailable('userinfo_unavailable'),
  ),
  user(
    'answers with a redirect',
    {},
    { location: 'http://127.0.0.1:9/' },
    unavailable('userinfo_unavailable'),
  ),
  user(
    'adds no scope',
    { scope: 'write' },
    { json: { ...TELLS.json, scope: 'read' } },
    deny('insufficient_scope', 403, 403),
  ),
  user(
    'makes no token without aud good',
    { aud: undefined },
    { json: { ...TELLS.json, aud: AUDIENCE } },
    refused('claim_missing'),
  ),
]

export const OPAQUE_ROWS: readonly CaseRow[] = [
  ...WAYS,
  ...FAULTS,
  ...SIGNED,
  ...MEMBERS,
  ...KIND_ROWS,
  ...PRINCIPAL_ROWS,
  ...SELECTION,
  ...USERINFO,
]
