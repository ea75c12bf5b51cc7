// Okta's custom authorization servers. The tokens of the org authorization server (issuer without a path) are for
// Okta's own APIs, and only Okta can verify them. They are refused because of their `typ` and issuer.

import { claim, DAY_SECONDS, type Profile } from './profile.ts'

export const okta: Profile = {
  name: 'okta',
  typ: [''],
  evidence: [[{ in: 'claims', name: 'jti', prefix: 'AT.' }], [claim('cid')]],
  otherKinds: [{ kind: 'id_token', evidence: { in: 'claims', name: 'jti', prefix: 'ID.' } }],
  waived: [],
  scopes: {
    choices: [
      { claim: 'scp', shape: 'list' },
      { claim: 'groups', shape: 'list' },
    ],
    standard: { claim: 'scp', shape: 'list' },
  },
  audience: 'aud',
  genericAudiences: [],
  client: 'cid',
  user: 'uid',
  tokenId: 'jti',
  clientCredentialsWhen: [{ absent: ['uid'] }],
  required: ['iss', 'exp', 'aud', 'sub', 'cid', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
  issuerEnding: '/oauth2/{server}',
}
