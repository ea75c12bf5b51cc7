// Microsoft Entra ID (v1 and v2 tokens, as the manifest of the API says), Azure AD B2C, and AD FS.
// Entra signs for every tenant with the same keys: `iss`, `tid` and the key's own `issuer` have to agree.

import { claim, DAY_SECONDS, type Profile } from './profile.ts'

/** The audiences of Microsoft Graph. Tokens for Graph do not verify as they are sent. */
const GRAPH = ['00000003-0000-0000-c000-000000000000', 'https://graph.microsoft.com']

export const entraV2: Profile = {
  name: 'entra-v2',
  typ: ['jwt'],
  evidence: [[claim('azp')], [claim('scp'), claim('roles')], [claim('ver', '2.0')]],
  otherKinds: [],
  waived: [],
  scopes: {
    choices: [
      { claim: 'scp', shape: 'string' },
      { claim: 'roles', shape: 'list' },
    ],
    standard: { claim: 'scp', shape: 'string' },
    ofClients: { claim: 'roles', shape: 'list' },
  },
  audience: 'aud',
  genericAudiences: GRAPH,
  client: 'azp',
  user: 'oid',
  tokenId: 'uti',
  session: 'sid',
  clientCredentialsWhen: [{ evidence: claim('idtyp', 'app') }, { absent: ['scp', 'idtyp'] }],
  required: ['iss', 'exp', 'aud', 'tid', 'azp', 'iat'],
  maxLifetimeSeconds: 100_800, // 28 hours: the longest that continuous access evaluation allows
  issuerEnding: '/{tenantid}/v2.0',
  tenant: 'tid',
}

export const entraV1: Profile = {
  ...entraV2,
  name: 'entra-v1',
  evidence: [[claim('appid')], [claim('scp'), claim('roles')], [claim('ver', '1.0')]],
  client: 'appid',
  required: ['iss', 'exp', 'aud', 'tid', 'appid', 'iat'],
  issuerEnding: '/{tenantid}/',
  // The keys of v1's key set have no `issuer`; those of v2's have the issuer of v2 tokens. Each set has the keys of
  // both.
  keyIssuers: { 'https://sts.windows.net/': 'https://login.microsoftonline.com/{tenantid}/v2.0' },
}

export const entraB2c: Profile = {
  name: 'entra-b2c',
  typ: ['jwt'],
  evidence: [[claim('azp')], [claim('scp')]],
  otherKinds: [],
  waived: ['nonce'],
  scopes: {
    choices: [{ claim: 'scp', shape: 'string' }],
    standard: { claim: 'scp', shape: 'string' },
  },
  audience: 'aud',
  genericAudiences: GRAPH,
  client: 'azp',
  user: 'sub',
  tokenId: null,
  clientCredentialsWhen: [{ evidence: claim('idtyp', 'app') }],
  required: ['iss', 'exp', 'aud', 'sub', 'azp', 'iat'],
  maxLifetimeSeconds: DAY_SECONDS,
  issuerEnding: '/v2.0/',
}
export const adfs: Profile = {
  name: 'adfs',
  typ: ['jwt'],
  evidence: [[claim('appid')], [claim('apptype')]],
  otherKinds: [],
  waived: [],
  scopes: {
    choices: [
      { claim: 'scp', shape: 'string', oneOrList: true },
      { claim: 'roles', shape: 'list', oneOrList: true },
    ],
    standard: { claim: 'scp', shape: 'string', oneOrList: true },
  },
  audience: 'aud',
  genericAudiences: [],
  client: 'appid',
  user: 'upn',
  tokenId: null,
  clientCredentialsWhen: [{ absent: ['scp', 'upn'] }],
  required: ['iss', 'exp', 'aud', 'appid', 'iat'],
  maxLifetimeSeconds: DAY_SECONDS,
  issuerEnding: '/adfs/services/trust',
  idTokensHaveMetadataIssuer: true,
  metadataIssuerEnding: '/adfs',
}
