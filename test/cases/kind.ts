// Whether a token is an access token. Every row is signed by the issuer's own key. RFC 8725 sections 3.11 and 3.12, RFC
// 9068 section 4. The rows on ID tokens are the reason why Lanekeeper exists.

import { AUDIENCE } from '../support/case-world.ts'
import type { Members } from '../support/test-issuer.ts'
import { allow, requestWith, refused, USER, type CaseRow } from './row.ts'
import type { FailureCode } from '../../shared/index.ts'

/** Removes the claims that make a claims set that of an access token. */
const NOT_ACCESS: Members = { client_id: undefined, jti: undefined, scope: undefined }

const kind = (id: string, code: FailureCode, header: Members, claims: Members): CaseRow => ({
  id: `kind/${id}`,
  request: requestWith({ header, claims }),
  expect: refused(code),
})

export const KIND_CASES: readonly CaseRow[] = [
  {
    id: 'kind/typ application/at+jwt',
    request: requestWith({ header: { typ: 'application/at+jwt' } }),
    expect: allow(USER),
  },
  { id: 'kind/typ AT+JWT', request: requestWith({ header: { typ: 'AT+JWT' } }), expect: allow(USER) },
  {
    id: 'kind/with auth_time, acr and amr',
    request: requestWith({ claims: { auth_time: 1, acr: '1', amr: ['pwd'] } }),
    expect: allow(USER),
  },
  ...['JWT', 'at+jwt ', 'jwt', undefined, null, 1, ''].map((typ): CaseRow => ({
    id: `kind/typ ${JSON.stringify(typ) ?? 'absent'}`,
    request: requestWith({ header: { typ } }),
    expect: refused('token_kind_unproven'),
  })),
  {
    id: 'kind/no client_id',
    request: requestWith({ claims: { client_id: undefined } }),
    expect: refused('token_kind_unproven'),
  },
  {
    id: 'kind/no jti',
    request: requestWith({ claims: { jti: undefined } }),
    expect: refused('token_kind_unproven'),
  },

  kind('ID token as issued', 'id_token', { typ: 'JWT' }, { ...NOT_ACCESS, aud: 'client-1', nonce: 'n' }),
  kind('ID token, typ and aud of an access token, nonce', 'id_token', {}, { ...NOT_ACCESS, nonce: 'n' }),
  kind('ID token, typ and aud of an access token, at_hash', 'id_token', {}, { ...NOT_ACCESS, at_hash: 'h' }),
  kind('ID token, typ and aud of an access token, c_hash', 'id_token', {}, { ...NOT_ACCESS, c_hash: 'h' }),
  kind('ID token, typ and aud of an access token, s_hash', 'id_token', {}, { ...NOT_ACCESS, s_hash: 'h' }),
  kind('ID token with every member of an access token', 'id_token', {}, { nonce: 'n' }),
  kind(
    'tokenName of an access token, and a nonce',
    'id_token',
    {},
    { tokenName: 'access_token', nonce: 'n' },
  ),
  kind('ID token with every member of an access token, at_hash', 'id_token', {}, { at_hash: 'h' }),
  kind(
    'ID token without any mark',
    'token_kind_unproven',
    {},
    { ...NOT_ACCESS, auth_time: 1, azp: 'client-1' },
  ),
  kind('ID token by claim token_use', 'id_token', {}, { token_use: 'id' }),
  kind('ID token by claim typ', 'id_token', {}, { typ: 'ID' }),
  kind('ID token by claim typ of a session', 'id_token', {}, { typ: 'Serialized-ID' }),
  kind('ID token by claim purpose', 'id_token', {}, { purpose: 'id' }),
  kind('ID token that issues itself', 'id_token', {}, { sub_jwk: { kty: 'EC' } }),
  ...(
    [
      ['typ', 'Bearer'],
      ['token_use', 'access'],
      ['tokenName', 'access_token'],
      ['purpose', 'access_token'],
      ['vcs', {}],
    ] as const
  ).map(([name, value]): CaseRow => ({
    id: `kind/claim ${name} of an access token`,
    request: requestWith({ claims: { [name]: value } }),
    expect: allow(USER),
  })),
  kind('ID token of CIBA', 'id_token', {}, { 'urn:openid:params:jwt:claim:auth_req_id': 'x' }),
  {
    id: 'kind/claim token_use is no text',
    request: requestWith({ claims: { token_use: { toString: 1 } } }),
    expect: allow(USER),
  },
  kind('refresh token by claim typ', 'refresh_token', {}, { typ: 'Refresh' }),
  kind('offline token by claim typ', 'refresh_token', {}, { typ: 'Offline' }),
  kind('refresh token by claim tokenName', 'refresh_token', {}, { tokenName: 'refresh_token' }),
  kind('ID token by claim tokenName', 'id_token', {}, { tokenName: 'id_token' }),
  kind('refresh token by claim token_use', 'refresh_token', {}, { token_use: 'refresh' }),
  kind('logout token by claim typ', 'logout_token', {}, { typ: 'Logout' }),
  kind('initial access token', 'registration_token', {}, { typ: 'InitialAccessToken' }),
  ...[
    'execute-actions',
    'reset-credentials',
    'verify-email',
    'update-email',
    'idp-verify-account-via-email',
    'ORGIVT',
  ].map((typ) => kind(`action token ${typ}`, 'action_token', {}, { typ })),
  kind('logout token by typ', 'logout_token', { typ: 'logout+jwt' }, {}),
  kind(
    'logout token by event',
    'logout_token',
    {},
    { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
  ),
  kind('security event by typ', 'security_event_token', { typ: 'secevent+jwt' }, {}),
  kind(
    'security event by claim',
    'security_event_token',
    {},
    { events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} } },
  ),
  kind('security event by time of event', 'security_event_token', {}, { toe: 1 }),
  kind('introspection response by typ', 'introspection_response', { typ: 'token-introspection+jwt' }, {}),
  kind(
    'introspection response by claim',
    'introspection_response',
    {},
    { token_introspection: { active: true } },
  ),
  kind('DPoP proof by typ', 'dpop_proof', { typ: 'dpop+jwt' }, {}),
  kind('DPoP proof by claim', 'dpop_proof', {}, { htm: 'GET', htu: AUDIENCE }),
  kind('DPoP proof by method', 'dpop_proof', {}, { htm: 'GET' }),
  kind('DPoP proof by hash of the access token', 'dpop_proof', {}, { ath: 'h' }),
  kind('client assertion by typ', 'client_assertion', { typ: 'client-authentication+jwt' }, {}),
  kind(
    'ID token of CIBA by refresh token hash',
    'id_token',
    {},
    { 'urn:openid:params:jwt:claim:rt_hash': 'x' },
  ),
  ...['oauth-id-jag+jwt', 'oauth-authz-req+jwt', 'wallet-unit-attestation+jwt', 'entity-statement+jwt'].map(
    (typ): CaseRow => ({
      id: `kind/typ ${typ}`,
      request: requestWith({ header: { typ } }),
      expect: refused('token_kind_unproven'),
    }),
  ),
  kind(
    'registration access token',
    'registration_token',
    { typ: 'JWT' },
    { typ: 'RegistrationAccessToken', client_id: undefined },
  ),
  {
    id: 'kind/client assertion as a client signs it',
    request: requestWith({
      header: { typ: 'JWT' },
      claims: {
        ...NOT_ACCESS,
        iss: 'client-1',
        sub: 'client-1',
        aud: 'https://login.example/token',
        jti: 'x',
      },
    }),
    expect: refused('issuer_unknown'),
  },
  {
    id: 'kind/DPoP proof as a client signs it',
    request: requestWith({
      header: { typ: 'dpop+jwt', jwk: { kty: 'EC' }, kid: undefined },
      claims: {
        ...NOT_ACCESS,
        iss: undefined,
        sub: undefined,
        aud: undefined,
        htm: 'GET',
        htu: AUDIENCE,
        jti: 'j',
      },
    }),
    expect: refused('header_member_refused'),
  },
  {
    id: 'kind/presentation as a holder signs it',
    request: requestWith({
      header: { typ: 'vp+jwt' },
      claims: { ...NOT_ACCESS, iss: 'did:example:holder', vp: {} },
    }),
    expect: refused('issuer_unknown'),
  },
  kind('credential by typ', 'verifiable_presentation', { typ: 'vc+jwt' }, {}),
  kind('SD-JWT credential by typ', 'verifiable_presentation', { typ: 'dc+sd-jwt' }, {}),
  kind('key binding by typ', 'verifiable_presentation', { typ: 'kb+jwt' }, {}),
  kind('presentation by typ', 'verifiable_presentation', { typ: 'vp+jwt' }, {}),
  kind('credential by typ, SD-JWT', 'verifiable_presentation', { typ: 'vc+sd-jwt' }, {}),
  kind('presentation by typ, SD-JWT', 'verifiable_presentation', { typ: 'vp+sd-jwt' }, {}),
  kind('presentation by claim', 'verifiable_presentation', {}, { vp: {} }),
  kind('credential by claim', 'verifiable_presentation', {}, { vc: {} }),
  kind('presentation by its credentials', 'verifiable_presentation', {}, { verifiableCredential: [] }),
  kind('credential by its subject', 'verifiable_presentation', {}, { credentialSubject: {} }),
  kind('SD-JWT credential by type', 'verifiable_presentation', {}, { vct: 'https://login.example/id' }),
  kind('SD-JWT by digests', 'verifiable_presentation', {}, { _sd: ['d'] }),
  kind('SD-JWT by hash algorithm', 'verifiable_presentation', {}, { _sd_alg: 'sha-256' }),
  kind('key binding by claim', 'verifiable_presentation', {}, { sd_hash: 'h' }),
  {
    id: 'kind/client assertion by iss = sub',
    request: async (world) => requestWith({ claims: { sub: world.main.issuer } })(world),
    expect: refused('client_assertion'),
  },
]
