// What one provider alone has: Cognito's missing audience, an email as identity, a user named like a client.

import { allow, deny, refused, withToken, type CaseRow, type Expectation } from '../row.ts'
import type { Members } from '../../support/test-issuer.ts'
import { adfs, entraV2 } from './microsoft.ts'
import type { ProviderShape, TokenShape } from './shape.ts'
import { TENANTS_AUDIENCE } from '../../support/provider-issuers.ts'
import { keycloak, keycloakEmail } from './keycloak.ts'
import { cognito, cognitoResource, okta } from './okta-cognito.ts'

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

/** AD FS with its key set alone: nothing but the spelling tells the issuer of its ID tokens. */
const withoutMetadata = (id: string, token: TokenShape, iss: string, expect: Expectation): CaseRow => ({
  id: `provider/adfs without metadata, ${id}`,
  async request(world) {
    const claims = { iss, aud: TENANTS_AUDIENCE, nonce: undefined }
    return withToken(await world.providers.sign(adfs, token, { claims }))
  },
  expect,
})

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
  changed('no user and no client either', entraV2, { oid: undefined }, refused('claim_missing')),
]
