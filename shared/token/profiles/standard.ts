// RFC 9068 as it is written, and the providers that follow it.

import { keycloakClientCredentials } from './keycloak.ts'
import { claim, DAY_SECONDS, type Profile } from './profile.ts'

export const rfc9068: Profile = {
  name: 'rfc9068',
  typ: ['at+jwt'],
  evidence: [[claim('client_id')], [claim('jti')]],
  otherKinds: [],
  waived: [],
  scopes: {
    // Servers that are made to follow RFC 9068 may keep the list of their own tokens (Spring Authorization Server).
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
    // Keycloak can be switched to `at+jwt`; the `sub` of its service accounts is no client_id.
    ...keycloakClientCredentials('client_id', 'username', 'preferred_username'),
  ],
  required: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
}
