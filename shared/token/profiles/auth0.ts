// Auth0 signs access tokens in one of two dialects, set for each API ("JSON Web Token Profile"). In the default dialect
// only `azp` and the claim with the scopes tell an access token from an ID token, so the configuration has to name that
// claim.

import { rfc9068 } from './standard.ts'
import { claim, type ClientCredentialsCondition, type Profile } from './profile.ts'

const CHOICES = [
  { claim: 'scope', shape: 'string' },
  { claim: 'permissions', shape: 'list' },
] as const

const clientCredentials = (client: string): readonly ClientCredentialsCondition[] => [
  { evidence: claim('gty', 'client-credentials') },
  { equal: ['sub', client] },
  { equal: ['sub', client], suffix: '@clients' },
]

export const auth0Rfc9068: Profile = {
  ...rfc9068,
  name: 'auth0-rfc9068',
  scopes: { choices: CHOICES, standard: CHOICES[0] },
  clientCredentialsWhen: clientCredentials('client_id'),
  issuerEnding: '/',
}

export const auth0TokenProfile: Profile = {
  ...rfc9068,
  name: 'auth0-token-profile',
  typ: ['jwt'],
  evidence: [[claim('azp')]],
  scopes: { choices: CHOICES, standard: null },
  client: 'azp',
  tokenId: null,
  clientCredentialsWhen: clientCredentials('azp'),
  required: ['iss', 'exp', 'aud', 'sub', 'azp', 'iat'],
  issuerEnding: '/',
}
