// Reads a token by introspection. The same policy applies to the response as to the claims of a JWT.

import { clientOf } from '../token/client-name.ts'
import type { IntrospectedIssuer } from '../config/config.ts'
import { isFailure } from '../failures/failure.ts'
import { firstRefusal } from '../failures/rule.ts'
import type { Ports } from '../platform/ports.ts'
import { checkRouteIssuer } from '../routes/route-issuer.ts'
import type { TokenReader } from '../token/token-reader.ts'
import { completeClaims, INTROSPECTION_RULES } from './introspection-rules.ts'
import { toIntrospectedIssuer } from './introspected-issuer.ts'
import { checkHints } from './kind-hints.ts'
import type { TokenLookup } from './token-lookup.ts'

/** @internal The checks of an introspected token. Tests replace one at a time. */
export const INTROSPECTION_STEPS = { checkRouteIssuer, introspectionRules: INTROSPECTION_RULES, checkHints }

/** @internal */
export function createIntrospectionReader(
  issuer: IntrospectedIssuer,
  lookup: TokenLookup,
  ports: Ports,
  steps: typeof INTROSPECTION_STEPS,
): TokenReader {
  const introspectedIssuer = toIntrospectedIssuer(issuer)
  return {
    async read({ token }, route, context) {
      context.issuer = issuer
      const notAllowed = steps.checkRouteIssuer(issuer, route)
      if (notAllowed !== null) return notAllowed
      const { deadline } = context
      const found = await deadline.race(lookup.find(token, deadline.waitUntil))
      if (isFailure(found)) return found
      context.client = clientOf(found.claims, 'client_id')
      context.checkTime = ports.now() / 1000
      return { header: {}, claims: found.claims, issuer: introspectedIssuer, grant: undefined }
    },
    checkClaims: ({ claims }, { checkTime, token }) =>
      firstRefusal(steps.introspectionRules, claims, issuer, checkTime) ??
      steps.checkHints(token!, claims, issuer),
    completeClaims: (claims, { checkTime }) => completeClaims(claims, issuer, checkTime).claims,
  }
}
