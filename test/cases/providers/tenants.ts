// Several tenants behind one key set: `iss`, `tid` and the key's own `issuer` have to agree, and the tenant has to be
// listed. Microsoft identity platform, "Validate tokens".

import {
  STS_TENANT,
  STS_TENANTS,
  TENANTS_AUDIENCE,
  type ProviderIssuers,
  type StsKeys,
  type Tenants,
} from '../../support/provider-issuers.ts'
import type { Members } from '../../support/test-issuer.ts'
import { allow, refused, withToken, type CaseRow, type Expectation } from '../row.ts'
import { entraV1, entraV2 } from './microsoft.ts'
import type { ProviderShape } from './shape.ts'

interface TenantToken {
  readonly tenant: 0 | 1
  readonly key: keyof Tenants['keys']
  readonly claims?: (providers: ProviderIssuers) => Members
}

const row = (id: string, { tenant, key, claims }: TenantToken, expect: Expectation): CaseRow => ({
  id: `provider/tenants ${id}`,
  async request({ providers }) {
    const { tenants } = providers
    const tid = tenants.ids[tenant]
    const own = { iss: tenants.issuerOf(tid), tid, aud: TENANTS_AUDIENCE, ...claims?.(providers) }
    return withToken(await providers.sign(entraV2, entraV2.access, { claims: own, key: tenants.keys[key] }))
  },
  expect,
})

const user = (tenant: string, issuer = 'tenants') =>
  allow({
    subject: 'user-1',
    principal: 'user',
    client_id: 'client-1',
    scope: 'read',
    issuer: tenant === '' ? issuer : `${issuer}/${tenant}`,
  })

const [FIRST, SECOND] = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002']
const UNLISTED = 'aaaaaaaa-0000-4000-8000-000000000003'

/** Tokens of tenants of the public cloud; no key names the issuer of the v1 tokens. */
interface Cloud {
  readonly issuer: string
  readonly shape: ProviderShape
  readonly tenant: string
  readonly iss: string
  /** The key of this tenant alone, and the key of another tenant. */
  readonly own: keyof StsKeys
  readonly others: keyof StsKeys
  readonly several: boolean
}

const v1 = (tenant: string) => ({ shape: entraV1, tenant, iss: `https://sts.windows.net/${tenant}/` })

const CLOUDS: readonly Cloud[] = [
  { issuer: 'sts', ...v1(STS_TENANT), own: 'first', others: 'second', several: false },
  { issuer: 'sts-tenants', ...v1(STS_TENANTS[0]), own: 'second', others: 'first', several: true },
  {
    issuer: 'one-tenant',
    shape: entraV2,
    tenant: STS_TENANT,
    iss: `https://login.microsoftonline.com/${STS_TENANT}/v2.0`,
    own: 'first',
    others: 'second',
    several: false,
  },
]

const cloudRows = ({ issuer, shape, tenant, iss, own, others, several }: Cloud): CaseRow[] => {
  const granted = user(several ? tenant : '', issuer)
  const mismatch = refused('key_mismatch')
  const signedWith = (id: string, key: keyof StsKeys, expect: Expectation): CaseRow => ({
    id: `provider/${issuer} (${shape.id}), ${id}`,
    async request({ providers }) {
      const claims = { iss, tid: tenant, aud: TENANTS_AUDIENCE }
      return withToken(await providers.sign(shape, shape.access, { claims, key: providers.stsKeys[key] }))
    },
    expect,
  })
  return [
    signedWith('a key for everybody', 'everybody', granted),
    signedWith('its own key', own, granted),
    signedWith('the key of another tenant', others, mismatch),
    signedWith('the key of personal accounts', 'consumers', mismatch),
    signedWith('a key of another cloud', 'usGov', mismatch),
    signedWith('a key for v1 tokens', 'v1', shape === entraV1 ? granted : mismatch),
    signedWith('a key that names no issuer', 'unstated', several ? mismatch : granted),
  ]
}

export const TENANT_ROWS: readonly CaseRow[] = [
  ...CLOUDS.flatMap(cloudRows),
  row('first, with the key for everybody', { tenant: 0, key: 'everybody' }, user(FIRST!)),
  row('second, with the key for everybody', { tenant: 1, key: 'everybody' }, user(SECOND!)),
  row('second, with its own key', { tenant: 1, key: 'second' }, user(SECOND!)),
  row('first, with the key of the second', { tenant: 0, key: 'second' }, refused('key_mismatch')),
  row('first, with a key that names no issuer', { tenant: 0, key: 'unstated' }, refused('key_mismatch')),
  row('first, with a key whose issuer is no text', { tenant: 0, key: 'odd' }, refused('key_mismatch')),
  row(
    'tid of another tenant',
    { tenant: 0, key: 'everybody', claims: () => ({ tid: SECOND }) },
    refused('tenant_mismatch'),
  ),
  row(
    'no tid',
    { tenant: 0, key: 'everybody', claims: () => ({ tid: undefined }) },
    refused('claim_missing'),
  ),
  row(
    'tid in a list',
    { tenant: 0, key: 'everybody', claims: () => ({ tid: [FIRST] }) },
    refused('claim_malformed'),
  ),
  ...[UNLISTED, '{tenantid}', 'common', FIRST!.toUpperCase()].map((tenant) =>
    row(
      `a tenant that is not listed (${tenant})`,
      {
        tenant: 0,
        key: 'everybody',
        claims: ({ tenants }) => ({ iss: tenants.issuerOf(tenant), tid: tenant }),
      },
      refused('issuer_unknown'),
    ),
  ),
]
