// Entra ID v2 and v1, Azure AD B2C and AD FS.

import type { Members } from '../../support/test-issuer.ts'
import { addSlash, API, dropSlash, without, type ProviderShape } from './shape.ts'

export const TENANT = '11111111-2222-3333-4444-555555555555'
const OTHER_TENANT = '99999999-2222-3333-4444-555555555555'

/** Members in place of a claim, which say where it is. Entra ID does this with `groups` if a user has more than 200. */
export const elsewhere = (name: string): Members => ({
  _claim_names: { [name]: 'src1' },
  _claim_sources: {
    src1: { endpoint: `https://graph.windows.net/${TENANT}/users/user-1/getMemberObjects` },
  },
})

const scp = (...words: string[]) => ({ scp: words.join(' ') })
const ofOtherTenant = (issuer: string) => issuer.replace(TENANT, OTHER_TENANT)

export const entraV2: ProviderShape = {
  id: 'entra-v2',
  path: `/${TENANT}/v2.0`,
  grants: 'read',
  config: { profile: 'entra-v2', audience: '6731de76-14a6-49ae-97bc-6eba6914391e' },
  access: {
    header: { typ: 'JWT' },
    claims: {
      aud: '6731de76-14a6-49ae-97bc-6eba6914391e',
      azp: 'client-1',
      azpacr: '0',
      oid: 'user-1',
      sub: 'pairwise',
      scp: 'read',
      tid: TENANT,
      uti: 'u',
      ver: '2.0',
      name: 'Ada',
      preferred_username: 'ada@acme.example',
    },
  },
  clientsOwn: { scp: undefined, roles: ['read'], idtyp: 'app', oid: 'principal-1', sub: 'principal-1' },
  idToken: {
    header: { typ: 'JWT' },
    claims: {
      aud: 'client-1',
      oid: 'user-1',
      sub: 'pairwise',
      tid: TENANT,
      nonce: 'n',
      uti: 'u',
      ver: '2.0',
      name: 'Ada',
    },
  },
  bareIdToken: 'token_kind_unproven',
  withoutEvidence: { ...without('azp', 'ver', 'scp'), 'ver of v1': { claims: { ver: '1.0' } } },
  otherTypes: ['at+jwt', undefined],
  scopes: scp,
  otherShape: { scp: ['read'] },
  elsewhere: [
    [{ scp: 'openid', roles: ['read'] }, 'insufficient_scope'],
    [{ scp: 'openid', scope: 'read' }, 'insufficient_scope'],
    [{ scp: undefined, scope: 'read' }, 'token_kind_unproven'],
  ],
  otherAudience: { aud: '00000003-0000-0000-c000-000000000000' },
  otherAudienceCode: 'audience_mismatch',
  misspelled: [addSlash, ofOtherTenant, (issuer) => issuer.replace('/v2.0', '/')],
}

export const entraV1: ProviderShape = {
  ...entraV2,
  id: 'entra-v1',
  path: `/sts/${TENANT}/`,
  // The issuer is not the public cloud's sts.windows.net, so the configuration has to state the issuer of its keys
  // (tenants.ts has the others).
  config: {
    profile: 'entra-v1',
    audience: 'api://orders',
    keyIssuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
  },
  access: {
    header: { typ: 'JWT', x5t: 'x' },
    claims: {
      aud: 'api://orders',
      appid: 'client-1',
      appidacr: '0',
      oid: 'user-1',
      sub: 'pairwise',
      scp: 'read',
      tid: TENANT,
      ver: '1.0',
      upn: 'ada@acme.example',
    },
  },
  idToken: {
    header: { typ: 'JWT', x5t: 'x' },
    claims: { aud: 'client-1', oid: 'user-1', sub: 'pairwise', tid: TENANT, nonce: 'n', ver: '1.0' },
  },
  withoutEvidence: { ...without('appid', 'ver', 'scp'), 'ver of v2': { claims: { ver: '2.0' } } },
  otherAudience: { aud: 'https://graph.microsoft.com' },
  misspelled: [dropSlash, ofOtherTenant],
}

export const entraB2c: ProviderShape = {
  ...entraV2,
  id: 'entra-b2c',
  path: `/b2c/${TENANT}/v2.0/`,
  config: { profile: 'entra-b2c', audience: 'api-1' },
  access: {
    header: { typ: 'JWT' },
    claims: {
      aud: 'api-1',
      azp: 'client-1',
      sub: 'user-1',
      scp: 'read',
      tfp: 'B2C_1_signin',
      ver: '1.0',
      nonce: 'defaultNonce',
    },
  },
  clientsOwn: null,
  idToken: {
    header: { typ: 'JWT' },
    claims: { aud: 'client-1', sub: 'user-1', tfp: 'B2C_1_signin', ver: '1.0', nonce: 'n', at_hash: 'h' },
  },
  withoutEvidence: without('azp', 'scp'),
  elsewhere: [
    [{ scp: 'openid', roles: ['read'] }, 'insufficient_scope'],
    [{ scp: undefined, scope: 'read' }, 'token_kind_unproven'],
  ],
  otherAudience: { aud: 'client-1' },
  mayHaveNonce: true,
  misspelled: [dropSlash],
}

export const adfs: ProviderShape = {
  id: 'adfs',
  path: '/adfs/services/trust',
  grants: 'openid read',
  idTokenPath: '/adfs',
  config: { profile: 'adfs', audience: API },
  access: {
    header: { typ: 'JWT', x5t: 'x' },
    claims: {
      aud: API,
      appid: 'client-1',
      apptype: 'Confidential',
      upn: 'user-1',
      scp: 'openid read',
      ver: '1.0',
      auth_time: '2026-09-24T07:30:55.566Z',
    },
  },
  clientsOwn: null,
  idToken: {
    header: { typ: 'JWT', x5t: 'x' },
    claims: {
      aud: 'client-1',
      sub: 's',
      upn: 'user-1',
      unique_name: 'ACME\\ada',
      appid: 'client-1',
      apptype: 'Confidential',
      scp: 'openid',
      ver: '1.0',
      nonce: 'n',
    },
  },
  bareIdToken: 'id_token',
  withoutEvidence: without('appid', 'apptype'),
  otherTypes: ['at+jwt', undefined],
  scopes: scp,
  otherShape: { scp: { read: true } },
  elsewhere: [
    [{ scp: 'openid', roles: ['read'] }, 'insufficient_scope'],
    [{ scp: 'openid', scope: 'read' }, 'insufficient_scope'],
  ],
  otherAudience: { aud: 'urn:another' },
  otherAudienceCode: 'audience_mismatch',
  misspelled: [addSlash],
}

/** Roles as scopes: one role is a string, several are a list. */
export const adfsRoles: ProviderShape = {
  ...adfs,
  id: 'adfs-roles',
  path: '/roles/adfs/services/trust',
  idTokenPath: '/roles/adfs',
  config: { profile: 'adfs', audience: API, scopes: { claim: 'roles', shape: 'list' } },
  grants: 'openid read',
  access: { ...adfs.access, claims: { ...adfs.access.claims, scp: 'profile', roles: ['openid', 'read'] } },
  scopes: (...words) => ({ roles: words.length === 1 ? words[0] : words }),
  otherShape: { roles: 'openid read' },
  elsewhere: [[{ roles: undefined, scp: 'read' }, 'insufficient_scope']],
}
