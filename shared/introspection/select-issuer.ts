// Which issuer introspects a token. The configuration decides that: by the route, by the prefix of the token, or
// because only one issuer is left. No lookup is made to find it out. The token is sent to that issuer alone, and a
// token that names an issuer is sent to no other. If all tokens of an issuer are introspected, their form does not
// matter.

import type { IntrospectedIssuer, CoreConfig, ResolvedRoute } from '../config/config.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { CompactParts } from '../token/compact.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import { member } from '../token/strict-json.ts'
import { isIntrospected } from './introspected-issuer.ts'
import { findHint } from './kind-hints.ts'
import { readUnverified } from './unverified-token.ts'

type Selection = IntrospectedIssuer | Failure | null

/**
 * The issuer that introspects the token; `null`: none does, so the token must be a JWT that is verified here. `parts`:
 * those of the token, if it was split before.
 */
export type SelectIssuer = (token: string, route: ResolvedRoute, parts?: CompactParts) => Selection

export function createIssuerSelection({ issuers, limits }: CoreConfig): SelectIssuer {
  const introspected = [...issuers.values()].filter(isIntrospected)
  const areJwtsVerified = [...issuers.values()].every(({ opaque }) => opaque.jwt === 'verify')

  /** As for an opaque token, unless the JWT names its issuer, or says itself that it is of another kind. */
  function selectForJwt(token: string, route: ResolvedRoute): Selection {
    if (areJwtsVerified || token.length > limits.maxTokenBytes) return null
    const { header, claims } = readUnverified(token)
    // A JWE may repeat `iss` in its header (RFC 7519 section 5.3). A token that names two issuers is sent to neither.
    const stated = [member(claims, 'iss'), member(header, 'iss')].filter((iss) => iss !== undefined)
    const [named, ...others] = stated.map((iss) => (typeof iss === 'string' ? issuers.get(iss) : undefined))
    // The access tokens of a provider with its own check name no issuer. Its ID tokens do.
    if ([named, ...others].some((each) => each?.opaque.jwt === 'refuse')) return failure('issuer_unknown')
    const issuer = stated.length === 0 ? selectForOpaque(token, route) : named
    if (issuer == null || isFailure(issuer)) return null
    if (!isIntrospected(issuer) || issuer.opaque.jwt === 'verify') return null
    if (others.some((other) => other !== issuer)) return failure('issuer_unknown')
    return findHint(header, claims, issuer) ?? issuer
  }

  function selectForOpaque(token: string, route: ResolvedRoute): Selection {
    // A token with an issuer's prefix is sent to no other issuer, whatever the route: checkRouteIssuer refuses it
    // there.
    const byPrefix = introspected.find(({ opaque }) =>
      opaque.prefixes.some((prefix) => token.startsWith(prefix)),
    )
    const [withoutPrefix, ...others] = introspected.filter(
      ({ name, opaque }) => opaque.prefixes.length === 0 && (route.issuer === null || route.issuer === name),
    )
    const issuer = byPrefix ?? (others.length === 0 ? withoutPrefix : undefined)
    if (issuer === undefined) return null
    return token.length > limits.maxTokenBytes ? failure('token_too_large') : issuer
  }

  return (token, route, parts) =>
    isJwtShaped(token, parts) ? selectForJwt(token, route) : selectForOpaque(token, route)
}
