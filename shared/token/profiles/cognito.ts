// Amazon Cognito user pools. Their access tokens have no `aud` unless the client requested a resource, so the
// configuration may list the accepted clients instead of an audience.

import { claim, DAY_SECONDS, type Profile } from './profile.ts'

export const cognito: Profile = {
  name: 'cognito',
  typ: [''],
  evidence: [[claim('token_use', 'access')], [claim('client_id')]],
  otherKinds: [],
  waived: [],
  scopes: {
    choices: [
      { claim: 'scope', shape: 'string' },
      { claim: 'cognito:groups', shape: 'list' },
    ],
    standard: { claim: 'scope', shape: 'string' },
    // Every sign-in through Cognito's API grants this scope, which lets users change their own attributes there.
    ignored: ['aws.cognito.signin.user.admin'],
  },
  audience: 'clients',
  genericAudiences: [],
  client: 'client_id',
  user: 'sub',
  tokenId: 'jti',
  session: 'origin_jti',
  clientCredentialsWhen: [{ equal: ['sub', 'client_id'] }],
  required: ['iss', 'exp', 'sub', 'client_id', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
}
