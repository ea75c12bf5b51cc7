// The profile for RFC 9068 and every provider that follows it.

import { keycloakClientCredentials } from './keycloak.ts'
import { claim, DAY_SECONDS, type Profile } from './profile.ts'

export const rfc9068: Profile = {
  name: 'rfc9068',
  typ: ['at+jwt'],
  evidence: [[claim('client_id')], [claim('jti')]],
  otherKinds: [],
  waived: [],
  scopes: {
    // A server that was customised to follow RFC 9068 may still write a list (Spring Authorization Server).
    choices: [
      { claim: 'scope', shape: 'string' },
      { claim: 'scope', shape: 'list' },
    ],
    standard: { claim: 'scope', shape: 'string' },
  },
  audience: 'aud',
  genericAudiences: [],
  client: 'client_id',
  user: 'sub',
  tokenId: 'jti',
  clientCredentialsWhen: [
    { equal: ['sub', 'client_id'] },
    // Keycloak can be switched to `at+jwt`. The `sub` of its service accounts is not their `client_id`.
    ...keycloakClientCredentials('client_id', 'username', 'preferred_username'),
  ],
  required: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
}
