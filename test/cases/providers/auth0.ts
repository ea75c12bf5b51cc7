// Auth0 with both of its access token dialects.

import { addSlash, API, dropSlash, scopeString, without, type ProviderShape } from './shape.ts'

const auth0IdToken = {
  header: { typ: 'JWT' },
  claims: {
    sub: 'user-1',
    aud: 'client-1',
    sid: 's',
    nonce: 'n',
    name: 'Ada',
    email: 'ada@acme.example',
    email_verified: true,
  },
}

export const auth0Rfc9068: ProviderShape = {
  id: 'auth0-rfc9068',
  path: '/auth0/',
  grants: 'openid read',
  config: { profile: 'auth0-rfc9068', audience: API },
  access: {
    header: { typ: 'at+jwt' },
    claims: {
      sub: 'user-1',
      aud: [API, 'https://acme.auth0.example/userinfo'],
      client_id: 'client-1',
      jti: 'j',
      scope: 'openid read',
    },
  },
  clientsOwn: { sub: 'client-1@clients', aud: API },
  idToken: auth0IdToken,
  bareIdToken: 'token_kind_unproven',
  withoutEvidence: without('client_id', 'jti'),
  otherTypes: ['JWT', undefined],
  scopes: scopeString,
  otherShape: { scope: ['read'] },
  elsewhere: [
    [{ scope: undefined, permissions: ['read'] }, 'insufficient_scope'],
    [{ scope: 'openid', scp: 'read' }, 'insufficient_scope'],
  ],
  otherAudience: { aud: ['https://other.example', 'https://acme.auth0.example/userinfo'] },
  otherAudienceCode: 'audience_mismatch',
  misspelled: [dropSlash, addSlash],
}

export const auth0TokenProfile: ProviderShape = {
  ...auth0Rfc9068,
  id: 'auth0-token-profile',
  path: '/auth0-token-profile/',
  grants: 'read',
  config: { profile: 'auth0-token-profile', audience: API, scopes: { claim: 'permissions', shape: 'list' } },
  access: {
    header: { typ: 'JWT' },
    claims: {
      sub: 'user-1',
      aud: [API, 'https://acme.auth0.example/userinfo'],
      azp: 'client-1',
      scope: 'openid',
      permissions: ['read'],
    },
  },
  clientsOwn: { sub: 'client-1@clients', gty: 'client-credentials' },
  withoutEvidence: without('azp', 'permissions'),
  otherTypes: ['at+jwt', undefined],
  scopes: (...words) => ({ permissions: words }),
  otherShape: { permissions: 'read' },
  elsewhere: [
    [{ scope: 'read', permissions: [] }, 'insufficient_scope'],
    [{ scope: 'read', permissions: undefined }, 'token_kind_unproven'],
  ],
}
