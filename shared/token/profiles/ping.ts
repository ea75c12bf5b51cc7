// Ping Identity: PingFederate, PingOne, and PingAM (ForgeRock Access Management); and what came of its older versions,
// the Open Identity Platform's OpenAM.

import { claim, DAY_SECONDS, type Profile } from './profile.ts'

const FEDERATE = 'PingFederate docs, JSON token management'
const ONE = 'PingOne Platform API, token claims'
const AM = 'PingAM docs, OAuth 2.0 guide, client-based tokens'
const OPENAM = 'OpenAM 16.0.5, client-based tokens'

const scopeString = { claim: 'scope', shape: 'string' } as const
const scopeList = { claim: 'scope', shape: 'list' } as const

export const pingfederate: Profile = {
  name: 'pingfederate',
  typ: ['at+jwt', 'jwt', ''],
  marks: [[{ in: 'header', name: 'pi.atm', source: FEDERATE }], [claim('client_id', FEDERATE)]],
  foreign: [],
  waived: [],
  scopes: { places: [scopeString, scopeList], standard: scopeString },
  audience: 'aud',
  idleAudiences: [],
  client: 'client_id',
  user: 'sub',
  tokenId: null,
  clientSigns: [
    { absent: ['sub'], source: FEDERATE },
    { equal: ['sub', 'client_id'], source: 'RFC 9068 section 5' },
  ],
  required: ['iss', 'exp', 'aud', 'client_id', 'iat'],
  maxLifetimeSeconds: DAY_SECONDS,
  source: FEDERATE,
}

/** Without `typ` until 2027-03-02, when it becomes `at+jwt` for everybody; `client_id` and `scope` decide. */
export const pingone: Profile = {
  ...pingfederate,
  name: 'pingone',
  typ: ['at+jwt', ''],
  marks: [[claim('client_id', ONE)], [claim('scope', ONE)]],
  scopes: { places: [scopeString], standard: scopeString },
  idleAudiences: ['https://api.pingone.com', 'https://api.pingone.eu'],
  clientSigns: [
    { absent: ['sub'], source: ONE },
    { equal: ['sub', 'client_id'], source: 'RFC 9068 section 5' },
  ],
  issuerEnding: '/as',
  source: ONE,
}

/** `aud` is the client in access and ID tokens alike, unless a script sets it: `tokenName` decides. */
export const pingam: Profile = {
  name: 'pingam',
  typ: ['jwt'],
  marks: [[claim('tokenName', AM, 'access_token')], [claim('client_id', AM)], [claim('grant_type', AM)]],
  foreign: [],
  waived: [{ mark: 'nonce', source: AM }],
  scopes: { places: [scopeList, scopeString], standard: scopeList },
  audience: 'aud',
  idleAudiences: [],
  client: 'client_id',
  user: 'sub',
  tokenId: 'jti',
  clientSigns: [{ mark: claim('grant_type', AM, 'client_credentials') }],
  required: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
  maxLifetimeSeconds: DAY_SECONDS,
  source: AM,
}

/**
 * ForgeRock AM 6 and OpenAM: no claim but `aud` names the client. `tokenName` says of every token what it is, so the
 * `nonce` of the code flow, which is in access tokens too, decides nothing.
 */
export const openam: Profile = {
  ...pingam,
  name: 'openam',
  marks: [[claim('tokenName', OPENAM, 'access_token')]],
  waived: [{ mark: 'nonce', source: OPENAM }],
  scopes: { places: [scopeString, scopeList], standard: scopeString },
  client: 'aud',
  clientSigns: [
    { mark: claim('grant_type', AM, 'client_credentials') },
    { mark: claim('grant_type', AM), tells: 'user' },
    { equal: ['sub', 'aud'], source: OPENAM },
  ],
  required: ['iss', 'exp', 'aud', 'sub', 'iat', 'jti'],
  source: OPENAM,
}
