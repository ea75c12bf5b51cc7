// The issuers of the case world with introspection: one for each client authentication and each fault.

import type { IntrospectedIssuerConfig, IntrospectionConfig, LanekeeperConfig } from '../../shared/index.ts'
import { PROVIDER_FACTS, type Provider } from '../../shared/introspection/providers/facts.ts'
import { APP, BARE_CLIENT_ID, CLIENT_ID, type OpaqueIssuer } from './opaque-issuer.ts'

const PROVIDERS = Object.keys(PROVIDER_FACTS) as Provider[]

export const LISTED_CLIENT = 'client-1'

/** A provider that is down, and one that is slow, by the prefixes of their tokens. */
function unreachable(provider: Provider, url: string, closed: number): LanekeeperConfig['issuers'] {
  const check = {
    provider,
    clientId: APP,
    ...(provider === 'github' || provider === 'facebook' ? { secret: { env: 'OUR_SECRET' } } : {}),
  }
  const slow = { baseUrl: `${url}/${provider}`, timeoutSeconds: 0.2 }
  return {
    [`${provider}-down`]: {
      issuer: `${url}/${provider}-down`,
      prefix: `${provider}-down_`,
      check: { ...check, baseUrl: `http://127.0.0.1:${closed}` },
    },
    [`${provider}-slow`]: {
      issuer: `${url}/${provider}-slow`,
      prefix: `${provider}-slow_`,
      check: { ...check, ...slow },
    },
  }
}

/** `closed`: a port on which no server listens. */
export function opaqueIssuers(
  { url }: OpaqueIssuer,
  audience: string,
  closed: number,
): LanekeeperConfig['issuers'] {
  const secret = { env: 'OUR_SECRET' }
  const basic = (endpoint: string, more: Partial<IntrospectionConfig> = {}): IntrospectionConfig =>
    ({
      endpoint,
      authentication: 'client_secret_basic',
      clientId: CLIENT_ID,
      secret,
      ...more,
    }) as IntrospectionConfig
  const introspected = (
    name: string,
    prefix: string,
    introspection: IntrospectionConfig,
  ): IntrospectedIssuerConfig => ({
    issuer: `${url}/${name}`,
    audience,
    prefix,
    clockToleranceSeconds: 5,
    introspection,
  })
  return {
    intro: introspected('intro', 'in_', basic(`${url}/introspect/basic`, { timeoutSeconds: 5 })),
    // Rows that open the circuit breaker have issuers of their own, so that they do not influence the rows after them.
    refusing: introspected('refusing', 're_', basic(`${url}/introspect/basic`)),
    limiting: introspected('limiting', 'li_', basic(`${url}/introspect/basic`)),
    nosy: {
      ...introspected('nosy', 'ny_', basic(`${url}/introspect/basic`)),
      userinfo: { endpoint: `${url}/userinfo`, claim: 'email' },
    },
    services: introspected('services', 'se_', basic(`${url}/introspect/basic`, { withoutSub: 'client' })),
    cloak: {
      ...introspected('cloak', 'kc_', basic('')),
      profile: 'keycloak',
      keys: { jwks_uri: `${url}/jwks` },
      algorithms: ['ES256'],
      introspection: basic(`${url}/introspect/basic`, { jwt: 'introspect' }),
    },
    posted: introspected('posted', 'po_', {
      discovery: 'openid-configuration',
      authentication: 'client_secret_post',
      clientId: CLIENT_ID,
      secret,
    }),
    signed: {
      ...introspected('signed', 'si_', basic('')),
      profile: 'rfc9068',
      keys: { jwks_uri: `${url}/jwks` },
      algorithms: ['ES256'],
      introspection: {
        endpoint: `${url}/introspect/key`,
        authentication: 'private_key_jwt',
        clientId: CLIENT_ID,
        secret: { env: 'OUR_KEY' },
        response: 'jwt',
      },
    },
    carried: introspected('carried', 'be_', {
      endpoint: `${url}/introspect/bearer`,
      authentication: 'bearer',
      secret: { env: 'OUR_BEARER' },
      clients: [LISTED_CLIENT],
      requiredMembers: ['client_id'],
    }),
    'better-auth': introspected(
      'better-auth',
      'better-auth_',
      basic(`${url}/introspect/basic`, { clients: [LISTED_CLIENT] }),
    ),
    'better-auth-azp': {
      ...introspected(
        'better-auth-azp',
        'better-auth-azp_',
        basic(`${url}/introspect/basic`, {
          clients: [LISTED_CLIENT],
          requiredMembers: ['token_type', 'azp'],
        }),
      ),
      maxLifetimeSeconds: 2_678_400,
    },
    // Its access tokens live for ten days and have the client in `aud`.
    authlib: {
      ...introspected('authlib', 'authlib_', basic(`${url}/introspect/basic`)),
      audience: LISTED_CLIENT,
      maxLifetimeSeconds: 864_000,
    },
    canaille: {
      ...introspected('canaille', 'canaille_', basic(`${url}/introspect/basic`)),
      audience: LISTED_CLIENT,
      maxLifetimeSeconds: 864_000,
    },
    // Its answers state the kind of the token in a member of their own.
    kinded: introspected(
      'kinded',
      'ki_',
      basic(`${url}/introspect/basic`, { requiredMembers: ['token_type', 'tokenName'] }),
    ),
    introspected: introspected('introspected', 'as_', basic(`${url}/introspect/basic`)),
    user: {
      ...introspected('user', 'us_', basic(`${url}/introspect/basic`)),
      userinfo: { endpoint: `${url}/userinfo`, claim: 'email' },
    },
    stranger: introspected(
      'stranger',
      'st_',
      basic(`${url}/introspect/basic`, { secret: { env: 'OUR_WRONG_SECRET' } }),
    ),
    'stranger-posting': introspected('stranger-posting', 'sp_', {
      endpoint: `${url}/introspect/post`,
      authentication: 'client_secret_post',
      clientId: CLIENT_ID,
      secret: { env: 'OUR_WRONG_SECRET' },
    }),
    'stranger-signing': introspected('stranger-signing', 'sk_', {
      endpoint: `${url}/introspect/key`,
      authentication: 'private_key_jwt',
      clientId: CLIENT_ID,
      secret: { env: 'OUR_WRONG_KEY' },
    }),
    'stranger-bearing': introspected('stranger-bearing', 'sb_', {
      endpoint: `${url}/introspect/bearer`,
      authentication: 'bearer',
      secret: { env: 'OUR_WRONG_BEARER' },
    }),
    undecoding: introspected(
      'undecoding',
      'un_',
      basic(`${url}/introspect/undecoded`, {
        clientId: BARE_CLIENT_ID,
        secret: { env: 'OUR_BARE_SECRET' },
      }),
    ),
    'undecoding-escaped': introspected(
      'undecoding-escaped',
      'ue_',
      basic(`${url}/introspect/undecoded`, {
        clientId: BARE_CLIENT_ID,
        secret: { env: 'OUR_ESCAPED_SECRET' },
      }),
    ),
    down: introspected('down', 'do_', basic(`http://127.0.0.1:${closed}/introspect`)),
    nowhere: introspected('nowhere', 'no_', {
      discovery: 'oauth-authorization-server',
      authentication: 'client_secret_basic',
      clientId: CLIENT_ID,
      secret,
    }),
    slow: introspected('slow', 'sl_', basic(`${url}/introspect/basic`, { timeoutSeconds: 0.2 })),
    github: {
      prefix: ['gho_', 'ghu_'],
      check: { provider: 'github', clientId: APP, secret, baseUrl: `${url}/github` },
    },
    'hub-refusing': {
      issuer: `${url}/github-refusing`,
      prefix: 'ghr_',
      check: { provider: 'github', clientId: APP, secret, baseUrl: `${url}/github` },
    },
    'hub-limiting': {
      issuer: `${url}/github-limiting`,
      prefix: 'ghs_',
      check: { provider: 'github', clientId: APP, secret, baseUrl: `${url}/github` },
    },
    'fb-refusing': {
      issuer: `${url}/facebook-refusing`,
      prefix: 'EAB',
      check: { provider: 'facebook', clientId: APP, secret, baseUrl: `${url}/facebook` },
    },
    'fb-limiting': {
      issuer: `${url}/facebook-limiting`,
      prefix: 'EAC',
      check: { provider: 'facebook', clientId: APP, secret, baseUrl: `${url}/facebook` },
    },
    google: {
      prefix: 'ya29.',
      check: { provider: 'google', clientId: [APP, 'app-2'], baseUrl: `${url}/google` },
    },
    facebook: {
      prefix: 'EAA',
      check: { provider: 'facebook', clientId: APP, secret, baseUrl: `${url}/facebook` },
    },
    gitlab: { prefix: 'gl_', check: { provider: 'gitlab', clientId: APP, baseUrl: `${url}/gitlab` } },
    ...Object.assign({}, ...PROVIDERS.map((provider) => unreachable(provider, url, closed))),
  }
}
