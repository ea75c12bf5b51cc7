// Okta's custom authorization servers, and Cognito without and with a resource.

import { addSlash, API, scopeString, without, type ProviderShape } from './shape.ts'

export const okta: ProviderShape = {
  id: 'okta',
  path: '/oauth2/default',
  grants: 'read offline_access',
  config: { profile: 'okta', audience: 'api://orders' },
  access: {
    header: {},
    claims: {
      ver: 1,
      jti: 'AT.x',
      aud: 'api://orders',
      cid: 'client-1',
      uid: 'user-1',
      scp: ['read', 'offline_access'],
      sub: 'ada@acme.example',
    },
  },
  clientsOwn: { sub: 'client-1', uid: undefined },
  idToken: {
    header: {},
    claims: {
      ver: 1,
      jti: 'ID.x',
      sub: 'user-1',
      aud: 'client-1',
      amr: ['pwd'],
      idp: 'i',
      nonce: 'n',
      at_hash: 'h',
    },
  },
  bareIdToken: 'id_token',
  withoutEvidence: {
    ...without('cid'),
    'no jti': { claims: { jti: undefined } },
    'another jti': { claims: { jti: 'x.AT.' } },
  },
  otherTypes: ['JWT', 'application/okta-internal-at+jwt', 'at+jwt'],
  scopes: (...words) => ({ scp: words }),
  otherShape: { scp: 'read' },
  elsewhere: [
    [{ scp: ['openid'], scope: 'read' }, 'insufficient_scope'],
    [{ scp: undefined, groups: ['read'] }, 'insufficient_scope'],
  ],
  otherAudience: { aud: 'api://default' },
  otherAudienceCode: 'audience_mismatch',
  misspelled: [addSlash, (issuer) => new URL(issuer).origin],
}

export const cognito: ProviderShape = {
  id: 'cognito',
  path: '/eu-west-1_AbCdEf123',
  grants: 'read openid',
  config: { profile: 'cognito', clients: ['client-1', 'client-2'] },
  access: {
    header: {},
    claims: {
      sub: 'user-1',
      client_id: 'client-1',
      token_use: 'access',
      scope: 'read openid',
      username: 'ada',
      jti: 'j',
      version: 2,
      'cognito:groups': ['readers'],
    },
  },
  clientsOwn: { sub: 'client-1', username: undefined },
  idToken: {
    header: {},
    claims: {
      sub: 'user-1',
      aud: 'client-1',
      token_use: 'id',
      'cognito:username': 'ada',
      at_hash: 'h',
      nonce: 'n',
      jti: 'i',
    },
  },
  bareIdToken: 'id_token',
  withoutEvidence: {
    ...without('token_use', 'client_id'),
    'another token_use': { claims: { token_use: 'Access' } },
  },
  otherTypes: ['JWT', 'at+jwt'],
  scopes: scopeString,
  otherShape: { scope: ['read'] },
  elsewhere: [[{ scope: 'openid', 'cognito:groups': ['read'] }, 'insufficient_scope']],
  otherAudience: { client_id: 'client-3' },
  otherAudienceCode: 'client_mismatch',
  misspelled: [addSlash, (issuer) => issuer.slice(0, -1)],
}

export const cognitoResource: ProviderShape = {
  ...cognito,
  id: 'cognito-resource',
  path: '/eu-west-1_Resource',
  config: { profile: 'cognito', audience: API, clients: ['client-1'] },
  access: { header: {}, claims: { ...cognito.access.claims, aud: API } },
  otherAudience: { aud: 'https://other.example' },
  otherAudienceCode: 'audience_mismatch',
}
