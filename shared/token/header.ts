// What a JOSE header may say before anybody asks whose token it is. RFC 7515 section 4; RFC 8725 section 3.
// Key hints that point elsewhere (jku, x5u, x5c, x5t) are never followed or read: keys come from the
// configured issuer alone. `typ` is judged later, when the signature has been verified.

import { failure } from '../failure.ts'
import type { Rule } from '../rule.ts'
import { isMacAlgorithm, isSignatureAlgorithm } from './algorithms.ts'
import { member, type JsonObject } from './strict-json.ts'

/**
 * Members that change how the rest is to be read. `crit` and `b64`: RFC 7515 section 4.1.11 and RFC 7797;
 * `zip` and `enc` belong to JWE; `cty` announces a nested JWT; `jwk` belongs to DPoP proofs.
 */
const REFUSED_MEMBERS: ReadonlySet<string> = new Set(['crit', 'b64', 'zip', 'enc', 'cty', 'jwk'])

export const HEADER_RULES: readonly Rule<[header: JsonObject]>[] = [
  {
    name: 'alg',
    check(header) {
      const alg = member(header, 'alg')
      return isSignatureAlgorithm(alg) || isMacAlgorithm(alg) ? null : failure('alg_unsupported')
    },
  },
  {
    name: 'members',
    check(header) {
      for (const name in header)
        if (REFUSED_MEMBERS.has(name)) return failure('header_member_refused', { member: name })
      return null
    },
  },
  {
    name: 'kid',
    check(header) {
      const kid = member(header, 'kid')
      if (kid === undefined) return null
      return typeof kid === 'string' && kid.length > 0 && kid.length <= 256 ? null : failure('kid_malformed')
    },
  },
]
