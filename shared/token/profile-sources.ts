// The documents that the profiles are taken from. docs/providers.md shows `profile` and `waived`. No bundle contains
// this file. The rules that hold for every profile have their sources in kind-sources.ts.

import type { PROFILES } from './profiles.ts'

export interface ProfileSources {
  /** The source of the profile as a whole. */
  readonly profile: string
  /** The source of its waived evidence, where it is another document. */
  readonly waived?: string
  /** Other documents, from which single claims and conditions of the profile are taken. */
  readonly besides?: readonly string[]
}

export const PROFILE_SOURCES: Readonly<Record<keyof typeof PROFILES, ProfileSources>> = {
  rfc9068: {
    profile: 'RFC 9068 sections 2.1, 2.2 and 4',
    besides: [
      'RFC 9068 section 2.2',
      'RFC 9068 section 5',
      'Keycloak server administration guide',
      'Keycloak 26.2, AccessTokenContext',
    ],
  },
  'auth0-token-profile': {
    profile: 'Auth0 docs, Access Token Profiles (Auth0 profile)',
    besides: ['RFC 9068 section 5'],
  },
  'auth0-rfc9068': {
    profile: 'Auth0 docs, Access Token Profiles (RFC 9068 profile)',
    besides: ['RFC 9068 section 2.2', 'RFC 9068 section 5'],
  },
  okta: { profile: 'Okta docs, OpenID Connect and OAuth 2.0 API, tokens and claims' },
  'entra-v2': { profile: 'Microsoft identity platform, access token claims reference' },
  'entra-v1': { profile: 'Microsoft identity platform, access token claims reference' },
  'entra-b2c': {
    profile: 'Azure AD B2C, overview of tokens',
    besides: ['Microsoft identity platform, access token claims reference'],
  },
  adfs: { profile: 'AD FS OpenID Connect/OAuth concepts' },
  cognito: { profile: 'Amazon Cognito developer guide, Understanding the access token' },
  keycloak: {
    profile: 'Keycloak server administration guide',
    waived: 'Keycloak upgrading guide, 25.0.0: access tokens had it before',
    besides: ['Keycloak 26.2, AccessTokenContext'],
  },
  pingfederate: { profile: 'PingFederate docs, JSON token management', besides: ['RFC 9068 section 5'] },
  pingone: { profile: 'PingOne Platform API, token claims', besides: ['RFC 9068 section 5'] },
  pingam: { profile: 'PingAM docs, OAuth 2.0 guide, client-based tokens' },
  openam: {
    profile: 'OpenAM 16.0.5, client-based tokens',
    besides: ['PingAM docs, OAuth 2.0 guide, client-based tokens'],
  },
}
