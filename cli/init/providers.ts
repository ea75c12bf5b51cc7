// The providers that init knows: what their access tokens look like, and what a configuration has to say about them.
// docs/providers.md has the reasons.

import { NO_PROFILE, PROFILES } from '../../shared/compiler.ts'
import type { KeyedIssuerConfig } from '../../shared/index.ts'

export interface Provider {
  /** The name of its entry in `issuers`. */
  readonly issuerName: string
  readonly profile: keyof typeof PROFILES
  readonly scopes?: NonNullable<KeyedIssuerConfig['scopes']>
  /** A comment behind `profile` or `scopes`: what to change where the provider is set up in another way. */
  readonly note: string
  /** An issuer in its form, for the question. */
  readonly exampleIssuer: string
  /** What its `aud` has, for the question and the comment. */
  readonly audience: string
  /** A scope in the style of its documentation. */
  readonly scope: string
}

const API = 'the identifier of your API'

const rfc9068: Provider = {
  issuerName: 'main',
  profile: 'rfc9068',
  note: 'what its access tokens look like; another provider: docs/providers.md',
  exampleIssuer: 'https://login.example.com',
  audience: API,
  scope: 'orders:read',
}

const auth0: Provider = {
  issuerName: 'auth0',
  profile: 'auth0-token-profile',
  scopes: { claim: 'scope', shape: 'string' },
  note: "or { claim: 'permissions', shape: 'list' }, with RBAC and permissions in the token",
  exampleIssuer: 'https://acme.eu.auth0.com/',
  audience: `${API} ("Identifier" in its settings)`,
  scope: 'read:orders',
}

const entra: Provider = {
  issuerName: 'entra',
  profile: 'entra-v2',
  note: "v2 tokens: requestedAccessTokenVersion 2 in the manifest of the API; else 'entra-v1'",
  exampleIssuer: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
  audience: 'the application (client) ID of your API',
  scope: 'Orders.Read',
}

const ping: Provider = {
  ...rfc9068,
  issuerName: 'ping',
  profile: 'pingfederate',
  note: 'of PingFederate; PingOne, PingAM and OpenAM have profiles of their own',
  exampleIssuer: 'https://sso.example.com',
}

const PROVIDERS_BY_NAME = {
  rfc9068,
  auth0,
  'auth0-rfc9068': {
    ...auth0,
    profile: 'auth0-rfc9068',
    scopes: undefined,
    note: '"JSON Web Token Profile: RFC 9068" in the settings of the API',
  },
  okta: {
    ...rfc9068,
    issuerName: 'okta',
    profile: 'okta',
    note: 'tokens of a custom authorization server',
    exampleIssuer: 'https://acme.okta.com/oauth2/default',
    audience: '"Audience" in the settings of the authorization server',
  },
  entra,
  'entra-v1': {
    ...entra,
    profile: 'entra-v1',
    note: "v1 tokens; with requestedAccessTokenVersion 2 in the manifest of the API: 'entra-v2'",
    exampleIssuer: 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/',
    audience: 'the application ID URI of your API',
  },
  'entra-b2c': {
    ...entra,
    profile: 'entra-b2c',
    note: 'Azure AD B2C',
    exampleIssuer: 'https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/v2.0/',
  },
  adfs: {
    ...rfc9068,
    issuerName: 'adfs',
    profile: 'adfs',
    note: 'AD FS: the issuer of its access tokens is not that of its metadata',
    exampleIssuer: 'https://sts.example.com/adfs',
    audience: 'the identifier of your Web API',
  },
  cognito: {
    ...rfc9068,
    issuerName: 'cognito',
    profile: 'cognito',
    note: 'its access tokens name no API in `aud`, so clients are listed; with resource binding: audience',
    exampleIssuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123',
    audience: 'the identifier of your API, with resource binding',
    scope: 'orders/read',
  },
  keycloak: {
    ...rfc9068,
    issuerName: 'keycloak',
    profile: 'keycloak',
    note: 'roles instead of scopes: docs/providers.md',
    exampleIssuer: 'https://id.example.com/realms/acme',
    audience: `${API}, which an audience mapper adds`,
  },
  pingfederate: ping,
  pingone: {
    ...ping,
    profile: 'pingone',
    note: 'of PingOne',
    exampleIssuer: 'https://auth.pingone.eu/11111111-2222-3333-4444-555555555555/as',
  },
  pingam: {
    ...ping,
    profile: 'pingam',
    note: 'of PingAM, whose `aud` names the client: every client that may call',
    exampleIssuer: 'https://am.example.com/am/oauth2/alpha',
    audience: 'the client_id of each client that may call',
  },
  openam: {
    ...ping,
    profile: 'openam',
    issuerName: 'openam',
    note: 'of OpenAM or ForgeRock AM 6, whose `aud` names the client: every client that may call',
    exampleIssuer: 'https://login.example.com/openam/oauth2',
    audience: 'the client_id of each client that may call',
  },
} as const satisfies Record<string, Omit<Provider, 'scopes'> & { scopes?: Provider['scopes'] | undefined }>

/** Other names, among them those of profiles. */
const ALIASES: Readonly<Record<string, keyof typeof PROVIDERS_BY_NAME>> = {
  other: 'rfc9068',
  'auth0-token-profile': 'auth0',
  'entra-v2': 'entra',
}

export const PROVIDERS: readonly string[] = Object.keys(PROVIDERS_BY_NAME)

/** The provider, or why there is none of this name. */
export function findProvider(given: string): Provider | string {
  const name = Object.hasOwn(ALIASES, given) ? ALIASES[given]! : given
  if (Object.hasOwn(PROVIDERS_BY_NAME, name)) {
    const { scopes, ...provider } = PROVIDERS_BY_NAME[name as 'auth0']
    return scopes === undefined ? provider : { ...provider, scopes }
  }
  const reason = Object.hasOwn(NO_PROFILE, given) ? NO_PROFILE[given] : undefined
  return reason === undefined
    ? `is one of ${PROVIDERS.join(', ')}; any other provider that follows RFC 9068: rfc9068`
    : `${given}: ${reason}; init writes no configuration for it (docs/opaque-tokens.md)`
}

/** Whether a configuration may list clients in place of an audience. */
export const takesClients = ({ profile }: Provider): boolean => PROFILES[profile].audience === 'clients'
