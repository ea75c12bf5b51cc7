// A hint for the log: why an issuer may call a good token inactive. Since 26.6.2 (CVE-2026-37979) Keycloak does so if
// `aud` does not name the client that introspects; RFC 7662 section 4 lets a server withhold the state of a token from
// a protected resource that the token is not meant for. The claims are not verified, so the code of the refusal
// stays the same.

import type { ResolvedIntrospection } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import { missingEvidence } from '../token/kind.ts'
import { keycloak } from '../token/profiles/keycloak.ts'
import { member } from '../token/strict-json.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import { readUnverified } from './unverified-token.ts'

/** Returns `refused`, or the same code with the audience to add at the issuer. `nowSeconds`: since the epoch. */
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
