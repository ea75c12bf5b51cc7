// Amazon Cognito user pools. Their access tokens name no audience unless the client asked for a resource, so
// the client itself has to be one that is listed.

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
    // Lets users change their own attributes at Cognito; every sign-in through its API gives it.
    ignored: ['aws.cognito.signin.user.admin'],
  },
  audience: 'clients',
  genericAudiences: [],
  client: 'client_id',
  user: 'sub',
  tokenId: 'jti',
  clientCredentialsWhen: [{ equal: ['sub', 'client_id'] }],
  required: ['iss', 'exp', 'sub', 'client_id', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
}
