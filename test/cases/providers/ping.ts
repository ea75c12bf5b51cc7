// PingFederate, PingOne, PingAM, and OpenAM with ForgeRock AM 6.

import { addSlash, API, without, type ProviderShape } from './shape.ts'

const idToken = {
  header: {},
  claims: { sub: 'user-1', aud: 'client-1', jti: 'i', nonce: 'n', at_hash: 'h', acr: '0', sid: 's' },
}

export const pingfederate: ProviderShape = {
  id: 'pingfederate',
  path: '/pingfederate',
  grants: 'read',
  config: { profile: 'pingfederate', audience: API },
  access: {
    header: { 'pi.atm': '8dzf', typ: 'at+jwt' },
    claims: { sub: 'user-1', aud: API, client_id: 'client-1', scope: 'read' },
  },
  clientsOwn: { sub: undefined },
  idToken,
  bareIdToken: 'token_kind_unproven',
  withoutEvidence: { 'no pi.atm': { header: { 'pi.atm': undefined } }, ...without('client_id') },
  otherTypes: ['x+jwt', 7],
  scopes: (...words) => ({ scope: words.join(' ') }),
  otherShape: { scope: ['read'] },
  elsewhere: [[{ scope: undefined, scp: 'read' }, 'insufficient_scope']],
  otherAudience: { aud: 'https://other.example' },
  otherAudienceCode: 'audience_mismatch',
  misspelled: [addSlash],
}

export const pingone: ProviderShape = {
  ...pingfederate,
  id: 'pingone',
  path: '/env-1/as',
  config: { profile: 'pingone', audience: API },
  access: {
    header: {},
    claims: { sub: 'user-1', aud: [API], client_id: 'client-1', scope: 'read', sid: 's' },
  },
  withoutEvidence: without('client_id', 'scope'),
  otherTypes: ['JWT', 'x+jwt'],
  elsewhere: [
    [{ scope: 'openid', scp: 'read' }, 'insufficient_scope'],
    [{ scope: undefined, scp: 'read' }, 'token_kind_unproven'],
  ],
  otherAudience: { aud: ['https://api.pingone.eu'] },
}

export const pingam: ProviderShape = {
  ...pingfederate,
  id: 'pingam',
  path: '/am/oauth2/alpha',
  grants: 'openid read',
  config: { profile: 'pingam', audience: 'client-1' },
  access: {
    header: { typ: 'JWT' },
    claims: {
      sub: 'user-1',
      aud: 'client-1',
      client_id: 'client-1',
      tokenName: 'access_token',
      token_type: 'Bearer',
      grant_type: 'authorization_code',
      scope: ['openid', 'read'],
      jti: 'j',
      realm: '/alpha',
      cts: 'OAUTH2_STATELESS_GRANT',
    },
  },
  clientsOwn: { grant_type: 'client_credentials', sub: '(age!client-1)' },
  idToken: {
    header: { typ: 'JWT' },
    claims: {
      sub: 'user-1',
      aud: 'client-1',
      azp: 'client-1',
      tokenName: 'id_token',
      tokenType: 'JWTToken',
      at_hash: 'h',
      c_hash: 'c',
      s_hash: 's',
      realm: '/alpha',
      nonce: 'n',
    },
  },
  bareIdToken: 'id_token',
  mayHaveNonce: true,
  withoutEvidence: {
    ...without('tokenName', 'client_id', 'grant_type'),
    'another tokenName': { claims: { tokenName: 'jwt' } },
  },
  otherTypes: ['at+jwt', undefined],
  scopes: (...words) => ({ scope: words }),
  otherShape: { scope: 'read' },
  elsewhere: [[{ scope: ['openid'], scp: ['read'] }, 'insufficient_scope']],
  otherAudience: { aud: 'client-2' },
}

export const openam: ProviderShape = {
  ...pingam,
  id: 'openam',
  path: '/openam/oauth2',
  grants: 'read openid',
  config: { profile: 'openam', audience: 'client-1' },
  access: {
    header: { typ: 'JWT', zip: 'NONE' },
    claims: {
      sub: 'user-1',
      auditTrackingId: 'a',
      aud: 'client-1',
      tokenName: 'access_token',
      typ: 'Bearer',
      token_type: 'Bearer',
      authGrantId: 'g',
      realm_access: {},
      scope: 'read openid',
      auth_time: 1_790_000_000,
      realm: '/',
      expires_in: 3_600_000,
      jti: 'j',
    },
  },
  clientsOwn: { sub: 'client-1' },
  withoutEvidence: {
    ...without('tokenName'),
    'another tokenName': { claims: { tokenName: 'jwt' } },
  },
  scopes: (...words) => ({ scope: words.join(' ') }),
  otherShape: { scope: ['read'] },
  elsewhere: [[{ scope: 'openid', scp: 'read' }, 'insufficient_scope']],
}

/** ForgeRock AM 6: the scopes are a list, and the grant type is a claim. */
export const forgerock: ProviderShape = {
  ...openam,
  id: 'forgerock',
  path: '/am6/oauth2',
  grants: 'openid read',
  config: { profile: 'openam', audience: 'client-1', scopes: { claim: 'scope', shape: 'list' } },
  access: {
    header: { typ: 'JWT', zip: 'NONE' },
    claims: { ...pingam.access.claims, client_id: undefined },
  },
  clientsOwn: { grant_type: 'client_credentials', sub: 'a' },
  scopes: pingam.scopes,
  otherShape: pingam.otherShape,
  elsewhere: pingam.elsewhere,
}
