// Which issuer is asked about a token: the one that the configuration says, by the route, by how the token begins,
// or because there is only one. It is never found out by asking. Nothing but its issuer gets to see a token: one that
// names an issuer itself is shown to no other. Of an issuer whose tokens are all asked about the form decides nothing.

import type { IntrospectedIssuer, ResolvedConfig, ResolvedRoute } from '../config/config.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { CompactParts } from '../token/compact.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import { member } from '../token/strict-json.ts'
import { isIntrospected } from './introspected-issuer.ts'
import { findHint } from './kind-hints.ts'
import { readUnverified } from './unverified-token.ts'

type Selection = IntrospectedIssuer | Failure | null

/** The issuer to ask; `null`: nobody is, and the token must be a JWT that can be verified here. `cut`: if it is already. */
export type SelectIssuer = (token: string, route: ResolvedRoute, parts?: CompactParts) => Selection

export function createIssuerSelection({ issuers, limits }: ResolvedConfig): SelectIssuer {
  const result = [...issuers.values()].filter(isIntrospected)
  const areJwtsVerified = [...issuers.values()].every(({ opaque }) => opaque.jwt === 'verify')

  /** Like any other token, but not where it names another issuer, or says itself that it is something else. */
  function selectForJwt(token: string, route: ResolvedRoute): Selection {
    if (areJwtsVerified || token.length > limits.maxTokenBytes) return null
    const { header, claims } = readUnverified(token)
    // A JWE may repeat it in its header (RFC 7519 section 5.3). Who names two is nobody's.
    const stated = [member(claims, 'iss'), member(header, 'iss')].filter((iss) => iss !== undefined)
    const [named, ...others] = stated.map((iss) => (typeof iss === 'string' ? issuers.get(iss) : undefined))
    // The tokens that a provider's own check tells of name no issuer. Its ID tokens do.
    if ([named, ...others].some((each) => each?.opaque.jwt === 'refuse')) return failure('issuer_unknown')
    const issuer = stated.length === 0 ? selectForOpaque(token, route) : named
    if (issuer == null || isFailure(issuer)) return null
    if (!isIntrospected(issuer) || issuer.opaque.jwt === 'verify') return null
    if (others.some((other) => other !== issuer)) return failure('issuer_unknown')
    return findHint(header, claims, issuer) ?? issuer
  }

  function selectForOpaque(token: string, route: ResolvedRoute): Selection {
    // Known by its beginning, it is shown to nobody else, whatever the route: checkRouteIssuer refuses it there.
    const byPrefix = result.find(({ opaque }) => opaque.prefixes.some((prefix) => token.startsWith(prefix)))
    const [withoutPrefix, ...others] = result.filter(
      ({ name, opaque }) => opaque.prefixes.length === 0 && (route.issuer === null || route.issuer === name),
    )
    const issuer = byPrefix ?? (others.length === 0 ? withoutPrefix : undefined)
    if (issuer === undefined) return null
    return token.length > limits.maxTokenBytes ? failure('token_too_large') : issuer
  }

  return (token, route, parts) =>
    isJwtShaped(token, parts) ? selectForJwt(token, route) : selectForOpaque(token, route)
}
