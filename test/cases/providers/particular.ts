// Rows that one provider alone needs: Cognito's missing audience, an email as identity, a user named like a client.

import { allow, deny, refused, withToken, type CaseRow, type Expectation } from '../row.ts'
import type { Members } from '../../support/test-issuer.ts'
import { adfs, adfsRoles, entraV1, entraV2, elsewhere } from './microsoft.ts'
import type { ProviderShape, TokenShape } from './shape.ts'
import { TENANTS_AUDIENCE } from '../../support/provider-issuers.ts'
import { keycloak, keycloakEmail } from './keycloak.ts'
import { cognito, cognitoResource, okta } from './okta-cognito.ts'
import { forgerock, openam } from './ping.ts'
import { rfc9068 } from './standard.ts'

const changed = (id: string, shape: ProviderShape, claims: Members, expect: Expectation): CaseRow => ({
  id: `provider/${shape.id} ${id}`,
  request: async (world) => withToken(await world.providers.sign(shape, shape.access, { claims })),
  expect,
})

const identity = (shape: ProviderShape, more: Members) =>
  allow({
    subject: 'user-1',
    principal: 'user',
    client_id: 'client-1',
    scope: shape.grants,
    issuer: shape.id,
    ...more,
  } as Record<string, string>)

/** AD FS with its key set alone, without metadata: only the spelling shows that an `iss` is that of its ID tokens. */
const withoutMetadata = (id: string, token: TokenShape, iss: string, expect: Expectation): CaseRow => ({
  id: `provider/adfs without metadata, ${id}`,
  async request(world) {
    const claims = { iss, aud: TENANTS_AUDIENCE, nonce: undefined }
    return withToken(await world.providers.sign(adfs, token, { claims }))
  },
  expect,
})

/** Keycloak 26: the claims that its lightweight tokens lack. */
const LIGHT = {
  jti: 'trltcc:x',
  sid: undefined,
  acr: undefined,
  realm_access: undefined,
  preferred_username: undefined,
}
/** The token of a service account whose client is switched to RFC 9068, without `clientHost` and `clientAddress`. */
const STANDARD = {
  jti: 'trrtcc:x',
  azp: 'client-1',
  typ: 'Bearer',
  preferred_username: 'service-account-client-1',
}

const OF_CLIENT = { subject: 'client-1', principal: 'client' }
const OF_NOBODY_KNOWN = { principal: 'unknown' }

/** Whether a token is a user's or a client's, by the claims that Keycloak writes into it. */
const keycloakRow = (id: string, claims: Members, more: Members, shape = keycloak): CaseRow =>
  changed(`whose: ${id}`, shape, claims, identity(shape, more))

const KEYCLOAK_ROWS: readonly CaseRow[] = [
  keycloakRow('a lightweight token of a service account', LIGHT, OF_CLIENT),
  keycloakRow('a lightweight token of a user', { ...LIGHT, jti: 'onltac:x' }, {}),
  keycloakRow('a lightweight token by a refresh token', { ...LIGHT, jti: 'onltrt:x' }, OF_NOBODY_KNOWN),
  keycloakRow('a lightweight token by exchange', { ...LIGHT, jti: 'trltte:x' }, OF_NOBODY_KNOWN),
  keycloakRow('a lightweight token of an extension', { ...LIGHT, jti: 'trltzz:x' }, OF_NOBODY_KNOWN),
  keycloakRow('a lightweight token of a session of no form', { ...LIGHT, jti: 'zzltcc:x' }, OF_NOBODY_KNOWN),
  keycloakRow('a lightweight token of before 26.2', { ...LIGHT, jti: 'b2c6' }, OF_NOBODY_KNOWN),
  ...['ac', 'ro', 'dg', 'ci', 'pc', 'ag'].map((grant) =>
    keycloakRow(`grant ${grant}`, { ...LIGHT, jti: `onrt${grant}:x` }, {}),
  ),
  keycloakRow('refreshed, with a name', { jti: 'onrtrt:x' }, {}),
  keycloakRow(
    'refreshed, with the name of the service account',
    { jti: 'onrtrt:x', preferred_username: 'service-account-client-1' },
    OF_NOBODY_KNOWN,
  ),
  keycloakRow(
    'before 26.2, with the name of the service account',
    { jti: 'b2c6', preferred_username: 'service-account-client-1' },
    OF_CLIENT,
  ),
  keycloakRow(
    'before 26.2, with the name of the service account of a client in upper case',
    { jti: 'b2c6', azp: 'Client-1', preferred_username: 'service-account-client-1' },
    { subject: 'Client-1', principal: 'client', client_id: 'Client-1' },
  ),
  keycloakRow(
    'refreshed, with the name of another service account',
    { jti: 'onrtrt:x', preferred_username: 'Service-account-client-2' },
    OF_NOBODY_KNOWN,
  ),
  keycloakRow('at+jwt of a service account', STANDARD, OF_CLIENT, rfc9068),
  keycloakRow('at+jwt of a user', { ...STANDARD, jti: 'onrtac:x' }, {}, rfc9068),
  keycloakRow('at+jwt before 26.2', { ...STANDARD, jti: 'b2c6' }, OF_CLIENT, rfc9068),
  keycloakRow(
    'at+jwt before 26.2, without a name',
    { ...STANDARD, jti: 'b2c6', preferred_username: undefined, clientHost: '192.0.2.1' },
    OF_CLIENT,
    rfc9068,
  ),
  keycloakRow(
    'at+jwt by exchange, without a name',
    { ...STANDARD, jti: 'trrtte:x', preferred_username: undefined },
    OF_NOBODY_KNOWN,
    rfc9068,
  ),
  keycloakRow(
    'a name like that of a service account at another server',
    { preferred_username: 'service-account-client-1' },
    {},
    rfc9068,
  ),
]

const atJwt = (id: string, shape: ProviderShape, claims: Members, expect: Expectation): CaseRow => ({
  id: `provider/${shape.id} ${id}`,
  request: async (world) =>
    withToken(await world.providers.sign(shape, keycloak.access, { header: { typ: 'at+jwt' }, claims })),
  expect,
})

/** A client of Keycloak that is switched to RFC 9068: its users' tokens have `azp` and no `client_id`. */
const SWITCHED_ROWS: readonly CaseRow[] = [
  atJwt('at+jwt of a user', keycloak, {}, identity(keycloak, {})),
  atJwt("at+jwt of a user's ID token", keycloak, { typ: 'ID' }, refused('id_token')),
  atJwt('at+jwt of a user of Keycloak', rfc9068, {}, refused('token_kind_unproven')),
  atJwt(
    'at+jwt of a user of Keycloak, and client_id',
    rfc9068,
    { aud: rfc9068.access.claims['aud'], client_id: 'client-1', jti: 'onrtac:x' },
    identity(rfc9068, { scope: String(keycloak.access.claims['scope']) }),
  ),
]

export const PARTICULAR_ROWS: readonly CaseRow[] = [
  withoutMetadata(
    'access token',
    adfs.access,
    'http://sts.test.example/adfs/services/trust',
    identity(adfs, { issuer: 'adfs-keys' }),
  ),
  withoutMetadata('ID token', adfs.idToken, 'https://sts.test.example/adfs', refused('id_token')),
  withoutMetadata(
    'an access token from the issuer of ID tokens',
    adfs.access,
    'https://sts.test.example/adfs',
    refused('id_token'),
  ),
  withoutMetadata(
    'another spelling',
    adfs.access,
    'https://sts.test.example/adfs/',
    refused('issuer_unknown'),
  ),
  changed(
    'for a resource that is not configured',
    cognito,
    { aud: 'https://x.example' },
    refused('audience_mismatch'),
  ),
  changed('aud is the client, as in an ID token', cognito, { aud: 'client-1' }, refused('audience_mismatch')),
  changed(
    'the second client',
    cognito,
    { client_id: 'client-2' },
    identity(cognito, { client_id: 'client-2' }),
  ),
  changed(
    'for us, through a client that is not listed',
    cognitoResource,
    { client_id: 'client-2' },
    refused('client_mismatch'),
  ),
  changed('for nobody', cognitoResource, { aud: undefined }, refused('claim_missing')),
  changed(
    'scope of Cognito itself goes no further',
    cognito,
    { scope: 'aws.cognito.signin.user.admin read' },
    identity(cognito, { scope: 'read' }),
  ),
  ...[false, undefined, 'true', 1].map((verified) =>
    changed(
      `email_verified ${JSON.stringify(verified) ?? 'absent'}`,
      keycloakEmail,
      { email_verified: verified },
      deny('email_unverified', 403, 403),
    ),
  ),
  changed('without an email', keycloakEmail, { email: undefined }, refused('claim_missing')),
  changed('email in a list', keycloakEmail, { email: ['user-1'] }, refused('claim_malformed')),
  changed(
    'a user without scp is no client, and has none of its roles as scopes',
    entraV2,
    { scp: undefined, roles: ['read'], idtyp: 'user' },
    deny('insufficient_scope', 403, 403),
  ),
  changed(
    'a user without scp is no client, and has none of its roles as scopes',
    adfs,
    { scp: undefined, roles: ['read'] },
    deny('insufficient_scope', 403, 403),
  ),
  changed(
    'a user who is named like a client',
    entraV2,
    { oid: 'client-1', azp: 'client-2' },
    identity(entraV2, { subject: 'client-1', client_id: 'client-2' }),
  ),
  changed(
    'a user whose login is the name of the client',
    okta,
    { sub: 'client-1' },
    identity(okta, { subject: 'user-1' }),
  ),
  changed(
    'a user whose name looks like that of a service account',
    keycloak,
    { preferred_username: 'service-account-client-1', client_id: 'client-1' },
    identity(keycloak, { subject: 'user-1' }),
  ),
  ...KEYCLOAK_ROWS,
  ...SWITCHED_ROWS,
  changed('several values of scp', adfs, { scp: ['openid', 'read'] }, identity(adfs, {})),
  changed(
    'several values of scp, one with a space',
    adfs,
    { scp: ['openid read'] },
    refused('claim_malformed'),
  ),
  changed(
    'several roles, one of which is a number',
    adfsRoles,
    { roles: ['read', 1] },
    refused('claim_malformed'),
  ),
  changed('one role that is empty', adfsRoles, { roles: '' }, refused('claim_malformed')),
  changed(
    'one role as a string',
    entraV2,
    { ...entraV2.clientsOwn, roles: 'read' },
    refused('claim_malformed'),
  ),
  changed(
    'a refresh token',
    openam,
    { tokenName: 'refresh_token', typ: undefined, realm_access: undefined, scope: ['read', 'openid'] },
    refused('refresh_token'),
  ),
  changed(
    'an ID token with every member of an access token, and a nonce',
    openam,
    { tokenName: 'id_token', nonce: 'n' },
    refused('id_token'),
  ),
  changed('an audience that is no client', openam, { aud: ['client-1'] }, refused('claim_malformed')),
  changed(
    'a user who is named like the client',
    forgerock,
    { sub: 'client-1' },
    identity(forgerock, { subject: 'client-1' }),
  ),
  ...[entraV2, entraV1].flatMap((shape) => [
    changed('few groups', shape, { groups: ['g1', 'g2'] }, identity(shape, { groups: 'g1 g2' })),
    changed('too many groups', shape, elsewhere('groups'), deny('claim_distributed', 403, 403)),
    changed('too many groups, in short', shape, { hasgroups: true }, deny('claim_distributed', 403, 403)),
    changed('another claim elsewhere', shape, elsewhere('wids'), identity(shape, {})),
  ]),
  changed('no user and no client either', entraV2, { oid: undefined }, refused('claim_missing')),
]
