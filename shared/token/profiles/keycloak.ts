// Keycloak. The claim `typ` tells its tokens apart; the header `typ` is the same on all of them unless the
// client is switched to RFC 9068.

import { claim, DAY_SECONDS, type ClientSign, type Profile } from './profile.ts'

const SERVICE_ACCOUNT = 'service-account-'

/** `jti` since 26.2: two letters each for the session, the form and the grant of the token, and a colon. */
const grant = (...letters: readonly string[]) => ({
  claim: 'jti',
  matches: new RegExp(`^(?:on|of|tr|nt|ft)(?:rt|lt)(?:${letters.join('|')}):`),
})

/** Keycloak's `jti`, whatever the grant. */
const KEYCLOAK_TOKEN_ID = { ...grant('[a-z]{2}'), text: 'another grant of Keycloak' }

/**
 * Whose a token of Keycloak is. A user may choose a name like that of a service account, so such a name tells only
 * where `jti` names no grant. Refresh and exchange have letters of their own, which do not tell whose the first token
 * was. `client`: the claim that names the client. `names`: the claims that name the user or the service account.
 */
export const keycloakSigns = (client: string, ...names: readonly string[]): readonly ClientSign[] => [
  // Notes of the session that only a service account's has; answers to introspection lack them.
  { mark: claim('clientHost'), besides: 'azp' },
  { mark: claim('clientAddress'), besides: 'azp' },
  { ...grant('cc'), text: 'the grant `cc`' },
  { ...grant('ac', 'ro', 'dg', 'ci', 'pc', 'ag'), text: 'a grant of a user', tells: 'user' },
  ...names.map((name): ClientSign => ({
    ...{ claim: name, matches: new RegExp(`^(?!${SERVICE_ACCOUNT})`, 'i') },
    ...{ text: 'another name', besides: 'azp', tells: 'user' },
  })),
  { ...KEYCLOAK_TOKEN_ID, tells: 'unknown' },
  ...names.map((name): ClientSign => ({
    ...{ equal: [name, client], prefix: SERVICE_ACCOUNT, besides: 'azp' },
  })),
]

export const keycloak: Profile = {
  name: 'keycloak',
  typ: ['jwt', 'at+jwt'],
  marks: [[claim('typ', 'Bearer', 'DPoP')], [claim('azp')]],
  foreign: [],
  waived: ['nonce'],
  scopes: {
    places: [
      { claim: 'scope', shape: 'string' },
      { claim: ['realm_access', 'roles'], shape: 'list' },
      { claim: ['resource_access', '*', 'roles'], shape: 'list' },
    ],
    standard: { claim: 'scope', shape: 'string' },
  },
  audience: 'aud',
  idleAudiences: ['account'],
  client: 'azp',
  user: 'sub',
  tokenId: 'jti',
  clientSigns: keycloakSigns('azp', 'preferred_username'),
  // A lightweight token has neither the notes nor the name.
  withoutSigns: 'unknown',
  required: ['iss', 'exp', 'aud', 'sub', 'azp', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
}
