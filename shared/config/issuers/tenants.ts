// `tenants` and `keyIssuer`, for providers that sign for many tenants with the same keys. An issuer with
// a placeholder is accepted only with a list of tenants, and becomes one issuer for each: no `iss` is ever
// matched against a pattern. Microsoft identity platform, "Validate tokens".

import type { Profile } from '../../token/profiles/profile.ts'
import { checkStrings, isNonEmptyString, type JsonObject, type AddProblem } from '../checks.ts'

export const TENANT = '{tenantid}'

/** What a key's own `issuer` member has to be, where the provider signs for many tenants. */
export interface KeyOwner {
  readonly issuers: readonly string[]
  /** Whether a key without that member may be used. */
  readonly mayBeUnstated: boolean
}

/** What differs from tenant to tenant. */
export interface ResolvedTenant {
  /** What the identity calls the issuer: its name, with `/` and the tenant where there are several. */
  readonly label: string
  readonly issuer: string
  /** What the tenant claim must be, where the profile has one. */
  readonly tenant: string | null
  readonly keyOwner: KeyOwner | null
}

interface Checked {
  readonly name: string
  readonly issuer: string
  readonly profile: Profile
  readonly given: JsonObject
  readonly path: string
}

/** Names that stand for every tenant, or for all of a sort. */
const EVERYBODY = ['common', 'organizations', 'consumers']

/** The tenant in an issuer that ends as the profile says. */
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
  if (EVERYBODY.includes(tenant))
    addProblem(path, `cannot be ${tenant}, which is no tenant; list the tenants you trust`)
  else if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(tenant))
    addProblem(path, `has ${JSON.stringify(tenant)}, which is no identifier of a tenant`)
}

/** What a key's own `issuer` may be, `{tenantid}` and all: as configured, or as the profile knows it. */
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

/** One entry for each tenant; a single one where there are no tenants to tell apart. */
export function checkTenants(checked: Checked, addProblem: AddProblem): readonly ResolvedTenant[] {
  const { name, issuer, profile, given, path } = checked
  const { tenants } = given
  const alone = { label: name, issuer, tenant: null, keyOwner: null }
  if (profile.tenant === undefined) {
    for (const setting of ['tenants', 'keyIssuer']) {
      if (given[setting] !== undefined) addProblem(`${path}.${setting}`, `is not for ${profile.name}`)
    }
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
