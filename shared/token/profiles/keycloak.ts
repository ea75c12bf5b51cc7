// Keycloak. The claim `typ` tells its tokens apart; the header `typ` is the same on all of them unless the
// client is switched to RFC 9068.

import { claim, DAY_SECONDS, type Profile } from './profile.ts'

const SOURCE = 'Keycloak server administration guide'

export const keycloak: Profile = {
  name: 'keycloak',
  typ: ['jwt', 'at+jwt'],
  marks: [[claim('typ', SOURCE, 'Bearer', 'DPoP')], [claim('azp', SOURCE)]],
  foreign: [],
  waived: [{ mark: 'nonce', source: 'Keycloak upgrading guide, 25.0.0: access tokens had it before' }],
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
  // Notes of the session that only a service account's has; a name may be anybody's.
  clientSigns: [{ mark: claim('clientHost', SOURCE) }, { mark: claim('clientAddress', SOURCE) }],
  required: ['iss', 'exp', 'aud', 'sub', 'azp', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
  source: SOURCE,
}
