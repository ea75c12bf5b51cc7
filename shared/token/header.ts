// The checks of a JOSE header that need no issuer. RFC 7515 section 4; RFC 8725 section 3.
// Key hints that point elsewhere (jku, x5u, x5c, x5t) are never followed or read: keys come from the
// configured issuer alone. kind.ts checks `typ` after the signature.

import { failure } from '../failures/failure.ts'
import type { Rule } from '../failures/rule.ts'
import { isMacAlgorithm, isSignatureAlgorithm } from './algorithms.ts'
import { member, type JsonObject } from './strict-json.ts'

const never = (): boolean => false

/**
 * Members that can change how the token is to be read, and which of their values change nothing. `crit`: no extension
 * that it could name is supported (RFC 7515 section 4.1.11). `b64`: `true` is the default (RFC 7797 section 3). `zip`
 * and `enc` belong to JWE; ForgeRock AM 6 writes `zip: NONE` for no compression. `cty` may announce a nested JWT (RFC
 * 7519 section 5.2). `jwk` belongs to DPoP proofs.
 */
const IS_HARMLESS = new Map<string, (value: unknown) => boolean>([
  ['crit', never],
  ['b64', (value) => value === true],
  ['zip', (value) => value === 'NONE'],
  ['enc', never],
  ['cty', (value) => typeof value === 'string' && !/jwt/i.test(value)],
  ['jwk', never],
])

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
        if (IS_HARMLESS.get(name)?.(member(header, name)) === false)
          return failure('header_member_refused', { member: name })
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
