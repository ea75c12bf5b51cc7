// One shape per provider. Where a provider has a mark that decides, the ID token shows it.

import { adfs, entraB2c, entraV1, entraV2 } from './microsoft.ts'
import { custom } from './custom.ts'
import { pingam, pingfederate, pingone } from './ping.ts'
import { addSlash, API, dropSlash, inUpperCase, type ProviderShape } from './shape.ts'

const scopeString = (...words: string[]) => ({ scope: words.join(' ') })
const unmarked = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [`no ${name}`, { claims: { [name]: undefined } }]))

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

const auth0: ProviderShape = {
  id: 'auth0',
  path: '/auth0/',
  grants: 'openid read',
  config: { profile: 'auth0', audience: API },
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
  unmarked: unmarked('client_id', 'jti'),
  otherTypes: ['JWT', undefined],
  scopes: scopeString,
  otherShape: { scope: ['read'] },
  elsewhere: [
    [{ scope: undefined, permissions: ['read'] }, 'insufficient_scope'],
    [{ scope: 'openid', scp: 'read' }, 'insufficient_scope'],
  ],
  foreign: { aud: ['https://other.example', 'https://acme.auth0.example/userinfo'] },
  foreignCode: 'audience_mismatch',
  misspelled: [dropSlash, addSlash],
}

const auth0Legacy: ProviderShape = {
  ...auth0,
  id: 'auth0-legacy',
  path: '/auth0-legacy/',
  grants: 'read',
  config: { profile: 'auth0-legacy', audience: API, scopes: { claim: 'permissions', shape: 'list' } },
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
  unmarked: unmarked('azp', 'permissions'),
  otherTypes: ['at+jwt', undefined],
  scopes: (...words) => ({ permissions: words }),
  otherShape: { permissions: 'read' },
  elsewhere: [
    [{ scope: 'read', permissions: [] }, 'insufficient_scope'],
    [{ scope: 'read', permissions: undefined }, 'token_kind_unproven'],
  ],
}

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
  unmarked: {
    ...unmarked('cid'),
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
  foreign: { aud: 'api://default' },
  foreignCode: 'audience_mismatch',
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
  unmarked: {
    ...unmarked('token_use', 'client_id'),
    'another token_use': { claims: { token_use: 'Access' } },
  },
  otherTypes: ['JWT', 'at+jwt'],
  scopes: scopeString,
  otherShape: { scope: ['read'] },
  elsewhere: [[{ scope: 'openid', 'cognito:groups': ['read'] }, 'insufficient_scope']],
  foreign: { client_id: 'client-3' },
  foreignCode: 'client_not_allowed',
  misspelled: [addSlash, (issuer) => issuer.slice(0, -1)],
}

export const cognitoResource: ProviderShape = {
  ...cognito,
  id: 'cognito-resource',
  path: '/eu-west-1_Resource',
  config: { profile: 'cognito', audience: API, clients: ['client-1'] },
  access: { header: {}, claims: { ...cognito.access.claims, aud: API } },
  foreign: { aud: 'https://other.example' },
  foreignCode: 'audience_mismatch',
}

export const keycloak: ProviderShape = {
  id: 'keycloak',
  path: '/realms/acme',
  grants: 'openid read',
  config: { profile: 'keycloak', audience: 'orders' },
  access: {
    header: { typ: 'JWT' },
    claims: {
      jti: 'onrtro:x',
      aud: ['orders', 'account'],
      sub: 'user-1',
      typ: 'Bearer',
      azp: 'client-1',
      sid: 's',
      acr: '1',
      scope: 'openid read',
      realm_access: { roles: ['offline_access'] },
      preferred_username: 'ada',
    },
  },
  clientsOwn: {
    client_id: 'client-1',
    clientHost: '192.0.2.1',
    preferred_username: 'service-account-client-1',
  },
  idToken: {
    header: { typ: 'JWT' },
    claims: {
      jti: 'i',
      aud: 'client-1',
      sub: 'user-1',
      typ: 'ID',
      azp: 'client-1',
      nonce: 'n',
      at_hash: 'h',
      sid: 's',
      acr: '1',
    },
  },
  bareIdToken: 'id_token',
  unmarked: { ...unmarked('typ', 'azp'), 'typ Registration': { claims: { typ: 'RegistrationAccessToken' } } },
  otherTypes: [undefined, 'x+jwt'],
  scopes: scopeString,
  otherShape: { scope: ['read'] },
  elsewhere: [
    [{ scope: 'openid', realm_access: { roles: ['read'] } }, 'insufficient_scope'],
    [{ scope: 'openid', resource_access: { orders: { roles: ['read'] } } }, 'insufficient_scope'],
  ],
  foreign: { aud: 'account' },
  foreignCode: 'audience_mismatch',
  mayHaveNonce: true,
  misspelled: [addSlash, inUpperCase],
}

export const keycloakEmail: ProviderShape = {
  ...keycloak,
  id: 'keycloak-email',
  path: '/realms/email',
  config: { profile: 'keycloak', audience: 'orders', principal: { claim: 'email' } },
  access: {
    header: { typ: 'JWT' },
    claims: { ...keycloak.access.claims, sub: 'x', email: 'user-1', email_verified: true },
  },
}

const keycloakRoles: ProviderShape = {
  ...keycloak,
  id: 'keycloak-roles',
  path: '/auth/realms/roles',
  grants: 'read',
  config: {
    profile: 'keycloak',
    audience: 'orders',
    scopes: { claim: ['resource_access', 'orders', 'roles'], shape: 'list' },
  },
  access: {
    header: { typ: 'at+jwt' },
    claims: { ...keycloak.access.claims, resource_access: { orders: { roles: ['read'] } } },
  },
  otherTypes: [undefined, 'logout'],
  scopes: (...words) => ({ resource_access: { orders: { roles: words } } }),
  otherShape: { resource_access: { orders: { roles: 'read' } } },
  elsewhere: [
    [{ resource_access: { other: { roles: ['read'] } } }, 'insufficient_scope'],
    [{ resource_access: ['orders'], scope: 'read' }, 'insufficient_scope'],
  ],
}

export const PROVIDER_SHAPES: readonly ProviderShape[] = [
  auth0,
  auth0Legacy,
  okta,
  entraV2,
  entraV1,
  entraB2c,
  adfs,
  cognito,
  cognitoResource,
  keycloak,
  keycloakEmail,
  keycloakRoles,
  pingfederate,
  pingone,
  pingam,
  custom,
]
