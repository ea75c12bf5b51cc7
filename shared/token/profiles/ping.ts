// Ping Identity: PingFederate, PingOne and PingAM (ForgeRock Access Management); and OpenAM of the Open Identity
// Platform, which continues older versions of PingAM.

import { claim, DAY_SECONDS, type Profile } from './profile.ts'

const scopeString = { claim: 'scope', shape: 'string' } as const
const scopeList = { claim: 'scope', shape: 'list' } as const

export const pingfederate: Profile = {
  name: 'pingfederate',
  typ: ['at+jwt', 'jwt', ''],
  evidence: [[{ in: 'header', name: 'pi.atm' }], [claim('client_id')]],
  otherKinds: [],
  waived: [],
  scopes: { choices: [scopeString, scopeList], standard: scopeString },
  audience: 'aud',
  genericAudiences: [],
  client: 'client_id',
  user: 'sub',
  tokenId: null,
  session: 'pi.sri',
  clientCredentialsWhen: [{ absent: ['sub'] }, { equal: ['sub', 'client_id'] }],
  required: ['iss', 'exp', 'aud', 'client_id', 'iat'],
  maxLifetimeSeconds: DAY_SECONDS,
}

/**
 * `typ` is absent until 2027-03-02, when PingOne sets `at+jwt` for everybody, so `client_id` and `scope` are required.
 */
export const pingone: Profile = {
  ...pingfederate,
  name: 'pingone',
  typ: ['at+jwt', ''],
  evidence: [[claim('client_id')], [claim('scope')]],
  scopes: { choices: [scopeString], standard: scopeString },
  genericAudiences: ['https://api.pingone.com', 'https://api.pingone.eu'],
  clientCredentialsWhen: [{ absent: ['sub'] }, { equal: ['sub', 'client_id'] }],
  issuerEnding: '/as',
}

/** `aud` is the client in access tokens as in ID tokens, unless a script sets it, so `tokenName` tells them apart. */
export const pingam: Profile = {
  name: 'pingam',
  typ: ['jwt'],
  evidence: [[claim('tokenName', 'access_token')], [claim('client_id')], [claim('grant_type')]],
  otherKinds: [],
  waived: ['nonce'],
  scopes: { choices: [scopeList, scopeString], standard: scopeList },
  audience: 'aud',
  genericAudiences: [],
  client: 'client_id',
  user: 'sub',
  tokenId: 'jti',
  clientCredentialsWhen: [{ evidence: claim('grant_type', 'client_credentials') }],
  required: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
}

/**
 * ForgeRock AM 6 and OpenAM: only `aud` names the client. `tokenName` names the kind of every token, so `nonce`, which
 * the code flow writes into access tokens, too, is waived.
 */
export const openam: Profile = {
  ...pingam,
  name: 'openam',
  evidence: [[claim('tokenName', 'access_token')]],
  waived: ['nonce'],
  scopes: { choices: [scopeString, scopeList], standard: scopeString },
  client: 'aud',
  clientCredentialsWhen: [
    { evidence: claim('grant_type', 'client_credentials') },
    { evidence: claim('grant_type'), principal: 'user' },
    { equal: ['sub', 'aud'] },
  ],
  required: ['iss', 'exp', 'aud', 'sub', 'iat', 'jti'],
}
