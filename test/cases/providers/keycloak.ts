// Keycloak: in its default configuration, with users named by their email, and with roles as scopes.

import { addSlash, inUpperCase, scopeString, without, type ProviderShape } from './shape.ts'

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
  withoutEvidence: { ...without('typ', 'azp'), 'typ of no kind': { claims: { typ: 'Ticket' } } },
  otherTypes: [undefined, 'x+jwt'],
  scopes: scopeString,
  otherShape: { scope: ['read'] },
  elsewhere: [
    [{ scope: 'openid', realm_access: { roles: ['read'] } }, 'insufficient_scope'],
    [{ scope: 'openid', resource_access: { orders: { roles: ['read'] } } }, 'insufficient_scope'],
  ],
  otherAudience: { aud: 'account' },
  otherAudienceCode: 'audience_mismatch',
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

export const keycloakRoles: ProviderShape = {
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
