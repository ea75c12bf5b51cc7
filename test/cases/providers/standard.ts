// Access tokens as RFC 9068 has them, and the ID token of OpenID Connect Core 1.0 section 2 beside them.

import { addSlash, API, dropSlash, inUpperCase, scopeString, without, type ProviderShape } from './shape.ts'

export const rfc9068: ProviderShape = {
  id: 'rfc9068',
  path: '/standard',
  grants: 'openid read',
  config: { profile: 'rfc9068', audience: API },
  access: {
    header: { typ: 'at+jwt' },
    claims: {
      sub: 'user-1',
      aud: API,
      client_id: 'client-1',
      jti: 'j',
      scope: 'openid read',
      auth_time: 1,
      acr: '1',
    },
  },
  clientsOwn: { sub: 'client-1', auth_time: undefined, acr: undefined },
  idToken: {
    header: { typ: 'JWT' },
    claims: {
      sub: 'user-1',
      aud: 'client-1',
      azp: 'client-1',
      nonce: 'n',
      at_hash: 'h',
      c_hash: 'c',
      s_hash: 's',
      auth_time: 1,
      acr: '1',
      amr: ['pwd'],
    },
  },
  bareIdToken: 'token_kind_unproven',
  withoutEvidence: without('client_id', 'jti'),
  otherTypes: ['JWT', undefined, 'x+jwt', 'at+jwt '],
  scopes: scopeString,
  otherShape: { scope: ['read'] },
  elsewhere: [
    [{ scope: undefined, scp: 'read' }, 'insufficient_scope'],
    [{ scope: undefined, scp: ['read'], roles: ['read'], permissions: ['read'] }, 'insufficient_scope'],
  ],
  otherAudience: { aud: ['https://other.example', `${API}/`] },
  otherAudienceCode: 'audience_mismatch',
  misspelled: [addSlash, (issuer) => dropSlash(issuer), inUpperCase],
}

/**
 * Spring Authorization Server, customised to follow RFC 9068 in `typ`, `client_id` and `aud`, but not in its scopes.
 */
export const spring: ProviderShape = {
  ...rfc9068,
  id: 'spring',
  path: '/spring',
  config: { profile: 'rfc9068', audience: API, scopes: { claim: 'scope', shape: 'list' } },
  access: { ...rfc9068.access, claims: { ...rfc9068.access.claims, scope: ['openid', 'read'] } },
  idToken: {
    header: {},
    claims: { sub: 'user-1', aud: 'client-1', azp: 'client-1', auth_time: 1, jti: 'i', sid: 's', nonce: 'n' },
  },
  scopes: (...words) => ({ scope: words }),
  otherShape: { scope: 'read' },
  elsewhere: [[{ scope: undefined, scp: ['read'] }, 'insufficient_scope']],
}
