// Why an issuer may call a token inactive that is good: Keycloak does so, since 26.6.2 (CVE-2026-37979), to a client that
// `aud` does not name. Nobody has verified what the token says, so this is a hint for the log and changes nothing.
// RFC 7662 section 4: a server may refuse to tell a protected resource about a token that is not meant for it.

import type { ResolvedIntrospection } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import { missingEvidence } from '../token/kind.ts'
import { keycloak } from '../token/profiles/keycloak.ts'
import { member } from '../token/strict-json.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import { readUnverified } from './unverified-token.ts'

/** `refused`: why the token cannot be used. The same, or with what to configure at the issuer. `nowSeconds`: since the epoch. */
export function explainInactive(
  refused: Failure,
  token: string,
  { authentication, clientId }: ResolvedIntrospection,
  nowSeconds: number,
): Failure {
  if (refused.code !== 'token_inactive' || authentication === 'bearer' || !isJwtShaped(token)) return refused
  const { header, claims } = readUnverified(token)
  const exp = member(claims, 'exp')
  if (typeof exp !== 'number' || exp <= nowSeconds || missingEvidence(header, claims, keycloak).length > 0)
    return refused
  if ([member(claims, 'aud')].flat().includes(clientId)) return refused
  return failure(refused.code, { unverified_problem: 'aud_lacks_client', add_audience: clientId })
}
