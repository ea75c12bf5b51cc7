// What is derived from the `iss` of an issuer, `tenants` and `keyIssuer`: one `iss` for each tenant, and the `issuer` that
// a key must name. Refuses names that are no single tenant. Microsoft identity platform, "Validate tokens".

import type { ResolvedTenant } from '../../config/config.ts'
import type { Profile } from '../../token/profiles/profile.ts'
import type { JsonObject } from '../../token/strict-json.ts'
import { checkStrings, isNonEmptyString, type AddProblem } from './checks.ts'

export const TENANT = '{tenantid}'

interface Checked {
  readonly name: string
  readonly issuer: string
  readonly profile: Profile
  readonly given: JsonObject
  readonly path: string
}

/** Names of Entra for all tenants, or for all of one sort. */
const NO_SINGLE_TENANT = ['common', 'organizations', 'consumers']

/** The tenant in an issuer with the ending of the profile. */
function tenantIn(issuer: string, { issuerEnding = TENANT }: Profile): string {
  const after = issuerEnding.split(TENANT)[1] ?? ''
  return (
    issuer
      .slice(0, issuer.length - after.length)
      .split('/')
      .at(-1) ?? ''
  )
}

function checkTenant(tenant: string, path: string, addProblem: AddProblem): void {
  if (NO_SINGLE_TENANT.includes(tenant))
    addProblem(path, `cannot be ${tenant}, which is no tenant; list the tenants you trust`)
  else if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(tenant))
    addProblem(path, `has ${JSON.stringify(tenant)}, which is not an identifier of a tenant`)
}

/** The `issuer` members that a key may have, with `{tenantid}`: as configured, or as the profile knows them. */
function checkKeyIssuers(
  { issuer, profile, given, path }: Checked,
  addProblem: AddProblem,
): readonly string[] {
  const { keyIssuer } = given
  if (keyIssuer !== undefined) {
    if (!isNonEmptyString(keyIssuer)) addProblem(`${path}.keyIssuer`, 'must be a non-empty string')
    return [String(keyIssuer)]
  }
  if (profile.keyIssuers === undefined) return [issuer]
  const known = Object.entries(profile.keyIssuers).find(([beginning]) => issuer.startsWith(beginning))
  if (known === undefined && issuer !== '')
    addProblem(
      `${path}.keyIssuer`,
      `is missing; the keys of ${profile.name} name another issuer than its tokens do, and for this one it is not known`,
    )
  return [issuer, ...(known === undefined ? [] : [known[1]])]
}

/** One entry for each tenant, or a single one without `tenants`. */
export function checkTenants(checked: Checked, addProblem: AddProblem): readonly ResolvedTenant[] {
  const { name, issuer, profile, given, path } = checked
  const { tenants } = given
  const alone = { label: name, issuer, tenant: null, keyOwner: null }
  if (profile.tenant === undefined) {
    if (/(?<!\$)\{/.test(issuer))
      addProblem(`${path}.issuer`, `has a placeholder, which is not for ${profile.name}`)
    return [alone]
  }
  const keyIssuers = checkKeyIssuers(checked, addProblem)
  const fill = (text: string, tenant: string) => text.replace(TENANT, tenant)
  if (!issuer.includes(TENANT)) {
    if (tenants !== undefined) addProblem(`${path}.tenants`, `has no use; issuer has no ${TENANT}`)
    const tenant = tenantIn(issuer, profile)
    if (issuer !== '') checkTenant(tenant, `${path}.issuer`, addProblem)
    const open = (text: string) => (tenant === '' ? text : text.replace(tenant, TENANT))
    const issuers = keyIssuers.flatMap((text) => [fill(text, tenant), open(text)])
    return [{ ...alone, tenant, keyOwner: { issuers, mayBeUnstated: true } }]
  }
  if (tenants === undefined)
    addProblem(
      `${path}.tenants`,
      `is missing; an issuer with a ${TENANT} needs the list of tenants to accept`,
    )
  const listed = tenants === undefined ? [] : checkStrings(tenants, `${path}.tenants`, addProblem)
  for (const tenant of listed) checkTenant(tenant, `${path}.tenants`, addProblem)
  return listed.map((tenant) => ({
    label: `${name}/${tenant}`,
    issuer: fill(issuer, tenant),
    tenant,
    keyOwner: { issuers: keyIssuers.flatMap((text) => [fill(text, tenant), text]), mayBeUnstated: false },
  }))
}
