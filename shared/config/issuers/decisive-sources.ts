// The document that says that access tokens have a member of decisive-evidence.ts. For docs/providers.md; in no bundle.

/** By the name of the member. */
export const DECISIVE_SOURCES: Readonly<Record<string, string>> = {
  token_use: 'Amazon Cognito developer guide, Understanding the access token',
  typ: 'Keycloak server administration guide',
  tokenName: 'PingAM docs, OAuth 2.0 guide, client-based tokens',
  purpose: 'Curity Identity Server docs, JWT access tokens',
  client_id: 'RFC 9068 section 2.2',
  scope: 'RFC 9068 section 2.2.3',
  authorization_details: 'RFC 9396 section 9.1',
  permissions: 'Auth0 docs, Access Token Profiles',
  cid: 'Okta docs, OpenID Connect and OAuth 2.0 API, tokens and claims',
  azpacr: 'Microsoft identity platform, access token claims reference',
  appidacr: 'Microsoft identity platform, access token claims reference',
  grant_type: 'PingAM docs, OAuth 2.0 guide, client-based tokens',
  'pi.atm': 'PingFederate docs, JSON token management',
}
