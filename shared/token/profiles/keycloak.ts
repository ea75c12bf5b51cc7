// Keycloak. The claim `typ` tells its tokens apart; the header `typ` is the same on all of them unless the
// client is switched to RFC 9068.

import { claim, DAY_SECONDS, type ClientCredentialsCondition, type Profile } from './profile.ts'

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
export const keycloakClientCredentials = (
  client: string,
  ...names: readonly string[]
): readonly ClientCredentialsCondition[] => [
  // Notes of the session that only a service account's has; answers to introspection lack them.
  { evidence: claim('clientHost'), onlyWith: 'azp' },
  { evidence: claim('clientAddress'), onlyWith: 'azp' },
  { ...grant('cc'), text: 'the grant `cc`' },
  { ...grant('ac', 'ro', 'dg', 'ci', 'pc', 'ag'), text: 'a grant of a user', principal: 'user' },
  ...names.map((name): ClientCredentialsCondition => ({
    ...{ claim: name, matches: new RegExp(`^(?!${SERVICE_ACCOUNT})`, 'i') },
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
  clientCredentialsWhen: keycloakClientCredentials('azp', 'preferred_username'),
  // A lightweight token has neither the notes nor the name.
  otherwise: 'unknown',
  required: ['iss', 'exp', 'aud', 'sub', 'azp', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
}
