// Auth0 signs in two dialects, chosen for each API ("JSON Web Token Profile"). In its own one, which an API has unless
// somebody chooses, nothing but `azp` and the claim with the scopes tells an access token from an ID token, so that claim
// has to be picked.

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
