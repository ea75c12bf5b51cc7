// The rows of every provider, made from its shape: its tokens for this API are allowed, and every token that differs
// from them in one thing is refused. RFC 8725 sections 3.11 and 3.12; docs/providers.md.

import { isProfileName, PROFILES } from '../../../shared/token/profiles.ts'
import type { Profile } from '../../../shared/token/profiles/profile.ts'
import type { CaseWorld } from '../../support/case-world.ts'
import type { TokenChange } from '../../support/provider-issuers.ts'
import type { Members } from '../../support/test-issuer.ts'
import { allow, deny, refused, withToken, type CaseRow, type Expectation } from '../row.ts'
import type { ProviderShape, TokenShape } from './shape.ts'
import { PARTICULAR_ROWS } from './particular.ts'
import { PROVIDER_SHAPES } from './shapes.ts'
import { TENANT_ROWS } from './tenants.ts'

const LACKING = deny('insufficient_scope', 403, 403)

/** Removes the claims that only ID tokens have, at any issuer. */
const NO_NONCE_AND_HASHES: Members = {
  nonce: undefined,
  at_hash: undefined,
  c_hash: undefined,
  s_hash: undefined,
}

/** The claim that names the tenant; `undefined` if the profile has none. */
const tenantOf = ({ config }: ProviderShape): string | undefined => {
  const { profile } = config as { readonly profile: unknown }
  return isProfileName(profile) ? (PROFILES[profile] as Profile).tenant : undefined
}

type Change = TokenChange | ((world: CaseWorld) => TokenChange)

function rowsOf(shape: ProviderShape): CaseRow[] {
  const { access, idToken, id } = shape
  const row = (name: string, token: TokenShape, change: Change, expect: Expectation): CaseRow => ({
    id: `provider/${id} ${name}`,
    request: async (world) =>
      withToken(
        await world.providers.sign(shape, token, typeof change === 'function' ? change(world) : change),
      ),
    expect,
  })
  const changed = (name: string, change: Change, expect: Expectation) => row(name, access, change, expect)

  const granted = { subject: 'user-1', principal: 'user', client_id: 'client-1', scope: 'read', issuer: id }
  const ofIdTokens = (world: CaseWorld): Members =>
    shape.idTokenPath === undefined ? {} : { iss: `${world.providers.url}${shape.idTokenPath}` }
  const asIssued: Change = (world) => ({ claims: ofIdTokens(world) })
  const disguised =
    (...more: Members[]): Change =>
    (world) => ({
      header: { typ: access.header['typ'] },
      claims: Object.assign({ aud: access.claims['aud'] }, ...more, ofIdTokens(world)) as Members,
    })

  return [
    changed('access token', { claims: shape.scopes('read') }, allow(granted)),
    changed('access token as issued', {}, allow({ ...granted, scope: shape.grants })),
    ...(shape.clientsOwn === null
      ? []
      : [
          changed(
            "client's own token",
            { claims: shape.clientsOwn },
            allow({ ...granted, subject: 'client-1', principal: 'client', scope: shape.grants }),
          ),
        ]),

    row('ID token as issued', idToken, asIssued, refused('id_token')),
    row('ID token, typ and aud of an access token', idToken, disguised(), refused('id_token')),
    row(
      'ID token, typ and aud of an access token, without nonce and hashes',
      idToken,
      disguised(NO_NONCE_AND_HASHES),
      refused(shape.bareIdToken),
    ),
    row(
      'ID token, typ and aud of an access token, nonce and no hashes',
      idToken,
      disguised(NO_NONCE_AND_HASHES, { nonce: 'n' }),
      refused('id_token'),
    ),
    changed('with at_hash', { claims: { at_hash: 'h' } }, refused('id_token')),
    changed(
      'with nonce',
      { claims: { ...shape.scopes('read'), nonce: 'n' } },
      shape.mayHaveNonce ? allow(granted) : refused('id_token'),
    ),

    ...Object.entries(shape.withoutEvidence).map(([name, change]) =>
      changed(name, change, refused('token_kind_unproven')),
    ),
    ...shape.otherTypes.map((typ) =>
      changed(`typ ${JSON.stringify(typ) ?? 'absent'}`, { header: { typ } }, refused('token_kind_unproven')),
    ),

    changed('another audience', { claims: shape.otherAudience }, refused(shape.otherAudienceCode)),
    ...shape.misspelled.map((misspell, index) =>
      changed(
        `iss misspelled (${index + 1})`,
        (world) => ({ claims: { iss: misspell(world.providers.issuerOf(shape)) } }),
        refused('issuer_unknown'),
      ),
    ),
    ...(tenantOf(shape) === undefined
      ? []
      : [
          changed(
            'tenant of another iss',
            { claims: { [tenantOf(shape)!]: 'x' } },
            refused('tenant_mismatch'),
          ),
        ]),
    changed(
      'key of another provider',
      (world) => ({ key: world.providers.keyOf(PROVIDER_SHAPES.find((other) => other !== shape)!) }),
      refused('signature_invalid'),
    ),
    changed(
      'expired',
      () => ({
        claims: { exp: Math.floor(Date.now() / 1000) - 31, iat: Math.floor(Date.now() / 1000) - 600 },
      }),
      refused('token_expired'),
    ),

    changed('scope in another shape', { claims: shape.otherShape }, refused('claim_malformed')),
    ...shape.elsewhere.map(([claims, code], index) =>
      changed(
        `scope in another claim (${index + 1})`,
        { claims },
        code === 'insufficient_scope' ? LACKING : refused(code),
      ),
    ),
    ...['reader', 'unread', 'read:all', 'Read', 'rea'].map((word) =>
      changed(`scope ${word}`, { claims: shape.scopes(word) }, LACKING),
    ),
  ]
}

export const PROFILE_ROWS: readonly CaseRow[] = [
  ...PROVIDER_SHAPES.flatMap(rowsOf),
  ...TENANT_ROWS,
  ...PARTICULAR_ROWS,
]
