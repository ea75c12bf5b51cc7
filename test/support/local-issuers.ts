// An issuer of each profile as a user would configure it, with keys of the provider: for what local tokens look like.

import type { IssuerConfig } from '../../shared/index.ts'

const AUDIENCE = 'https://api.example.com'
const TENANT = '11111111-0000-4000-8000-000000000000'

const keyed = (issuer: string, more: object): IssuerConfig =>
  ({ issuer, audience: AUDIENCE, keys: { discovery: 'openid-configuration' }, ...more }) as IssuerConfig

const AUTH0_SCOPES = { scopes: { claim: 'scope', shape: 'string' } }

/** By the name of the profile. */
export const PROFILE_ISSUERS: Readonly<Record<string, IssuerConfig>> = {
  rfc9068: keyed('https://login.example.com', { profile: 'rfc9068' }),
  'auth0-token-profile': keyed('https://example.eu.auth0.com/', {
    profile: 'auth0-token-profile',
    ...AUTH0_SCOPES,
  }),
  'auth0-rfc9068': keyed('https://example.eu.auth0.com/', { profile: 'auth0-rfc9068' }),
  okta: keyed('https://example.okta.com/oauth2/default', { profile: 'okta' }),
  'entra-v2': keyed(`https://login.microsoftonline.com/${TENANT}/v2.0`, { profile: 'entra-v2' }),
  'entra-v1': keyed(`https://sts.windows.net/${TENANT}/`, { profile: 'entra-v1' }),
  'entra-b2c': keyed(`https://example.b2clogin.com/${TENANT}/v2.0/`, { profile: 'entra-b2c' }),
  adfs: keyed('http://adfs.example.com/adfs/services/trust', {
    profile: 'adfs',
    keys: {
      discovery: 'openid-configuration',
      url: 'https://adfs.example.com/adfs/.well-known/openid-configuration',
      metadataIssuer: 'https://adfs.example.com/adfs',
    },
  }),
  cognito: {
    issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_example',
    profile: 'cognito',
    clients: ['client-1'],
    keys: { discovery: 'openid-configuration' },
  },
  keycloak: keyed('https://id.example.com/realms/orders', { profile: 'keycloak' }),
  pingfederate: keyed('https://sso.example.com', { profile: 'pingfederate' }),
  pingone: keyed('https://auth.pingone.eu/example/as', { profile: 'pingone' }),
  pingam: keyed('https://am.example.com/am/oauth2', { profile: 'pingam' }),
  openam: keyed('https://am.example.com/openam/oauth2', { profile: 'openam' }),
}

/** Two tenants of Entra behind one key set. */
export const TENANTED: IssuerConfig = keyed('https://login.microsoftonline.com/{tenantid}/v2.0', {
  profile: 'entra-v2',
  tenants: [TENANT, '22222222-0000-4000-8000-000000000000'],
  keys: {
    discovery: 'openid-configuration',
    url: 'https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration',
  },
})
