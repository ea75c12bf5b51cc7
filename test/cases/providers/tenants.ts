// Several tenants behind one key set: `iss`, `tid` and the key's own `issuer` have to agree, and the tenant has to
// be listed. Microsoft identity platform, "Validate tokens".

import type { ProviderIssuers, Tenants } from '../../support/provider-issuers.ts'
import { TENANTS_AUDIENCE } from '../../support/provider-issuers.ts'
import type { Members } from '../../support/test-issuer.ts'
import { allow, refused, withToken, type CaseRow, type Expectation } from '../row.ts'
import { entraV2 } from './microsoft.ts'

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

const user = (tenant: string) =>
  allow({
    subject: 'user-1',
    principal: 'user',
    client_id: 'client-1',
    scope: 'read',
    issuer: `tenants/${tenant}`,
  })

const [FIRST, SECOND] = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002']
const UNLISTED = 'aaaaaaaa-0000-4000-8000-000000000003'

export const TENANT_ROWS: readonly CaseRow[] = [
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
