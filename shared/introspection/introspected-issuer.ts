// An issuer whose tokens are introspected.

import type { IntrospectedIssuer, ResolvedIssuer } from '../config/config.ts'
import { rfc9068 } from '../token/profiles/standard.ts'
import type { Profile } from '../token/profiles/profile.ts'

export const isIntrospected = (issuer: ResolvedIssuer): issuer is IntrospectedIssuer =>
  issuer.opaque.reader !== null

/**
 * The issuer as its introspection responses are read: with the member names of RFC 7662 section 2.2, whatever the
 * profile of its JWTs. A claim that is configured to identify users does so in responses, too.
 */
export function toIntrospectedIssuer(issuer: ResolvedIssuer): ResolvedIssuer {
  const { otherwise } = issuer.profile
  const profile: Profile = { ...rfc9068, ...(otherwise === undefined ? {} : { otherwise }) }
  const scope = profile.scopes.standard
  const principal = issuer.principal === issuer.profile.user ? profile.user : issuer.principal
  return { ...issuer, profile, scopes: { user: scope!, client: scope! }, principal }
}
