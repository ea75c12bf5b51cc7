// The ID tokens of every provider with and without a profile, member by member as the provider documents them. Unlike
// the shapes beside this file they have every member: a described profile may take a claim without meaning here as
// evidence. They have no nonce and no hashes, which decide by themselves (kind.ts).

import type { TokenShape } from './shape.ts'

const TIMES = { iat: 1_790_000_000, exp: 1_790_003_600 }
const TENANT = '11111111-2222-3333-4444-555555555555'
const signed = (header: TokenShape['header'], claims: TokenShape['claims']): TokenShape => ({
  header: { alg: 'RS256', kid: 'k', ...header },
  claims: { ...TIMES, sub: 'user-1', aud: 'client-1', ...claims },
})
const typed = (claims: TokenShape['claims']) => signed({ typ: 'JWT' }, claims)

const profile = { name: 'Ada', nickname: 'ada', picture: 'https://a.example/p', updated_at: '2026-09-20' }
const email = { email: 'ada@acme.example', email_verified: true }
const entra = {
  nbf: 1_790_000_000,
  name: 'Ada',
  oid: 'o',
  tid: TENANT,
  uti: 'u',
  rh: '0.A',
  aio: 'a',
  puid: 'p',
}

export const ID_TOKENS: Readonly<Record<string, TokenShape>> = {
  'auth0-token-profile': typed({
    iss: 'https://acme.eu.auth0.com/',
    sid: 's',
    ...profile,
    ...email,
    org_id: 'o',
  }),
  okta: signed(
    {},
    { iss: 'https://acme.okta.com/oauth2/x', ver: 1, jti: 'ID.x', amr: ['pwd'], idp: 'i', auth_time: 1 },
  ),
  'entra-v2': typed({
    iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    ...entra,
    preferred_username: 'ada@acme.example',
    roles: ['reader'],
    groups: ['g'],
    login_hint: 'l',
    ver: '2.0',
  }),
  'entra-v1': signed(
    { typ: 'JWT', x5t: 'x' },
    {
      iss: `https://sts.windows.net/${TENANT}/`,
      ...entra,
      amr: ['pwd'],
      unique_name: 'ada',
      upn: 'ada',
      ver: '1.0',
    },
  ),
  'entra-b2c': typed({
    iss: 'https://acme.b2clogin.com/x/v2.0/',
    ver: '1.0',
    tfp: 'B2C_1_in',
    acr: 'B2C_1_in',
    idp: 'i',
  }),
  adfs: signed(
    { typ: 'JWT', x5t: 'x' },
    {
      iss: 'https://sts.acme.example/adfs',
      nbf: 1_790_000_000,
      auth_time: 1_790_000_000,
      upn: 'ada@acme.example',
      unique_name: 'ACME\\ada',
      sid: 'S-1-5-21-1',
      apptype: 'Confidential',
      appid: 'client-1',
      authmethod: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      ver: '1.0',
      scp: 'openid',
    },
  ),
  cognito: signed(
    {},
    {
      iss: 'https://cognito-idp.eu-west-1.amazonaws.com/p',
      token_use: 'id',
      'cognito:groups': ['readers'],
      'cognito:username': 'ada',
      origin_jti: 'o',
      event_id: 'e',
      auth_time: 1_790_000_000,
      jti: 'i',
      ...email,
    },
  ),
  keycloak: typed({
    iss: 'https://id.acme.example/realms/acme',
    auth_time: 1_790_000_000,
    jti: 'i',
    typ: 'ID',
    azp: 'client-1',
    sid: 's',
    session_state: 's',
    acr: '1',
    preferred_username: 'ada',
    ...email,
  }),
  pingfederate: signed({}, { iss: 'https://sso.acme.example', jti: 'i', 'pi.sri': 's', acr: '0', sid: 's' }),
  pingone: signed(
    {},
    {
      iss: 'https://auth.pingone.eu/env-1/as',
      acr: 'p',
      amr: ['pwd'],
      auth_time: 1,
      sid: 's',
      env: 'e',
      org: 'o',
    },
  ),
  pingam: typed({
    iss: 'https://am.acme.example:443/am/oauth2/alpha',
    auditTrackingId: 'a',
    tokenName: 'id_token',
    sid: 's',
    acr: '0',
    'org.forgerock.openidconnect.ops': 'g',
    azp: 'client-1',
    auth_time: 1_790_000_000,
    realm: '/alpha',
    tokenType: 'JWTToken',
    subname: 'user-1',
  }),
  openam: typed({
    iss: 'https://login.example.com/openam/oauth2',
    auditTrackingId: 'a',
    tokenName: 'id_token',
    'org.forgerock.openidconnect.ops': 'o',
    'auth:time': 1_790_000_000,
    azp: 'client-1',
    realm: '/',
    tokenType: 'JWTToken',
  }),
  google: typed({
    iss: 'https://accounts.google.com',
    azp: 'client-1',
    hd: 'acme.example',
    ...profile,
    ...email,
  }),
  gitlab: typed({
    iss: 'https://gitlab.com',
    auth_time: 1,
    sub_legacy: 'x',
    groups_direct: ['acme'],
    ...profile,
    ...email,
  }),
  'gitlab job': typed({
    iss: 'https://gitlab.com',
    jti: 'j',
    nbf: 1_790_000_000,
    project_path: 'acme/orders',
    ref: 'main',
    ref_protected: 'true',
    user_login: 'ada',
    pipeline_source: 'push',
  }),
  facebook: typed({ iss: 'https://www.facebook.com', jti: 'j', name: 'Ada', ...email }),
}
