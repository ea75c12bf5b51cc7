// The issuers of the case world whose tokens have to be asked about: one for each way of asking and of going wrong.

import type { IntrospectedIssuerConfig, IntrospectionConfig, LanekeeperConfig } from '../../shared/index.ts'
import { APP, CLIENT_ID, type OpaqueIssuer } from './opaque-issuer.ts'

export const LISTED_CLIENT = 'client-1'

/** `closed`: a port on which nobody listens. */
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
    intro: introspected('intro', 'in_', basic(`${url}/introspect/basic`)),
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
      marks: ['client_id'],
    }),
    asked: introspected('asked', 'as_', basic(`${url}/introspect/basic`)),
    user: {
      ...introspected('user', 'us_', basic(`${url}/introspect/basic`)),
      userinfo: { endpoint: `${url}/userinfo`, claim: 'email' },
    },
    stranger: introspected(
      'stranger',
      'st_',
      basic(`${url}/introspect/basic`, { secret: { env: 'OUR_WRONG_SECRET' } }),
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
    google: {
      prefix: 'ya29.',
      check: { provider: 'google', clientId: [APP, 'app-2'], baseUrl: `${url}/google` },
    },
    facebook: {
      prefix: 'EAA',
      check: { provider: 'facebook', clientId: APP, secret, baseUrl: `${url}/facebook` },
    },
    gitlab: { prefix: 'gl_', check: { provider: 'gitlab', clientId: APP, baseUrl: `${url}/gitlab` } },
  }
}
