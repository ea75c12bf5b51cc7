// Keycloak. The claim `typ` tells its tokens apart; the header `typ` is the same on all of them unless the
// client is switched to RFC 9068.

import { claim, DAY_SECONDS, type ClientCredentialsCondition, type Profile } from './profile.ts'

const SERVICE_ACCOUNT = 'service-account-'

/** `jti` since 26.2: two letters each for the session, the form and the grant of the token, and a colon. */
const grant = (...letters: readonly string[]) => ({
  claim: 'jti',
  matches: `^(?:on|of|tr|nt|ft)(?:rt|lt)(?:${letters.join('|')}):`,
})

/** A `jti` of Keycloak's form, with any grant. */
const KEYCLOAK_TOKEN_ID = { ...grant('[a-z]{2}'), text: 'another grant of Keycloak' }

/**
 * Whether a token of Keycloak is a client's own or a user's. A user may choose a name like that of a service account,
 * so such a name decides only where `jti` names no grant. Refresh and token exchange have letters of their own, which
 * do not say whether the first token was a user's. `client`: the claim that names the client. `names`: the claims that
 * name the user or the service account.
 */
export const keycloakClientCredentials = (
  client: string,
  ...names: readonly string[]
): readonly ClientCredentialsCondition[] => [
  // Session notes that Keycloak sets for service accounts only. Introspection responses lack them.
  { evidence: claim('clientHost'), onlyWith: 'azp' },
  { evidence: claim('clientAddress'), onlyWith: 'azp' },
  { ...grant('cc'), text: 'the grant `cc`' },
  { ...grant('ac', 'ro', 'dg', 'ci', 'pc', 'ag'), text: 'a grant of a user', principal: 'user' },
  ...names.map((name): ClientCredentialsCondition => ({
    ...{ claim: name, matches: `^(?!${SERVICE_ACCOUNT})`, ignoreCase: true },
    ...{ text: 'another name', onlyWith: 'azp', principal: 'user' },
  })),
  { ...KEYCLOAK_TOKEN_ID, principal: 'unknown' },
  ...names.map((name): ClientCredentialsCondition => ({
    ...{ equal: [name, client], prefix: SERVICE_ACCOUNT, onlyWith: 'azp' },
  })),
]

export const keycloak: Profile = {
  name: 'keycloak',
  typ: ['jwt', 'at+jwt'],
  evidence: [[claim('typ', 'Bearer', 'DPoP')], [claim('azp')]],
  otherKinds: [],
  waived: ['nonce'],
  scopes: {
    choices: [
      { claim: 'scope', shape: 'string' },
      { claim: ['realm_access', 'roles'], shape: 'list' },
      { claim: ['resource_access', '*', 'roles'], shape: 'list' },
    ],
    standard: { claim: 'scope', shape: 'string' },
  },
  audience: 'aud',
  genericAudiences: ['account'],
  client: 'azp',
  user: 'sub',
  tokenId: 'jti',
  session: 'sid',
  clientCredentialsWhen: keycloakClientCredentials('azp', 'preferred_username'),
  // A lightweight access token has neither the notes of the session nor `preferred_username`.
  otherwise: 'unknown',
  required: ['iss', 'exp', 'aud', 'sub', 'azp', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
}
