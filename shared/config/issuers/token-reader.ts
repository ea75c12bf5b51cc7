// `prefix` and `jwt`: which tokens of an issuer are verified here and about which it is asked. A token is shown to the
// one issuer the configuration chooses, never to several in turn.

import { isB64TokenPrefix } from '../../token/b64token.ts'
import {
  checkOneOf,
  checkStrings,
  isJsonObject,
  isNonEmptyString,
  type AddProblem,
  type JsonObject,
} from '../checks.ts'
import type { SecretEnvironment } from '../secrets.ts'
import { checkIntrospection } from './introspection.ts'
import { hasSharedSecret } from './keys.ts'
import type { MethodName, ResolvedMethods } from './methods.ts'
import type { ResolvedCheck } from './provider-check.ts'
import { checkUserinfo, type ResolvedUserinfo } from './userinfo.ts'

/** What an issuer says about tokens that only it can read. */
export interface ResolvedTokenReader {
  readonly reader: ResolvedMethods[MethodName] | null
  readonly prefixes: readonly string[]
  readonly userinfo: ResolvedUserinfo | null
  /** What becomes of JWTs that name this issuer. */
  readonly jwt: 'verify' | 'introspect' | 'refuse'
}

/** Characters of a token (RFC 6750 section 2.1); nothing that a JWT could begin with. */
const isPrefix = (text: string): boolean =>
  isB64TokenPrefix(text) && text.length <= 64 && !/^e(?:[wy3]|$)/.test(text)

/** Everything an issuer says about opaque tokens. `reader`: of an issuer with `check`. */
export function checkTokenReader(
  given: JsonObject,
  path: string,
  reader: ResolvedCheck | null,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedTokenReader {
  const { introspection, prefix, keys } = given
  const asked =
    introspection === undefined
      ? null
      : checkIntrospection(introspection, `${path}.introspection`, environment, addProblem)
  const jwt = isJsonObject(introspection) ? introspection['jwt'] : undefined
  if (jwt !== undefined) checkOneOf(jwt, `${path}.introspection.jwt`, ['verify', 'introspect'], addProblem)
  if (jwt === 'verify' && keys === undefined)
    addProblem(`${path}.introspection.jwt`, 'needs keys to verify with')
  if (asked?.response === 'jwt' && (keys === undefined || hasSharedSecret(keys))) {
    const needed = keys === undefined ? 'keys' : 'public keys'
    addProblem(`${path}.introspection.response`, `needs ${needed}, which verify the signed answers`)
  }
  const prefixes =
    prefix === undefined
      ? []
      : checkStrings(isNonEmptyString(prefix) ? [prefix] : prefix, `${path}.prefix`, addProblem)
  if (prefixes.some((text) => !isPrefix(text)))
    addProblem(
      `${path}.prefix`,
      'must be 1 to 64 characters of a token, and not what a JWT begins with ("ey", "ew")',
    )
  if (prefixes.length > 0 && asked === null && reader === null)
    addProblem(
      `${path}.prefix`,
      'tells opaque tokens apart, and this issuer has neither introspection nor check',
    )
  const verifies = keys === undefined ? (asked === null ? 'refuse' : 'introspect') : 'verify'
  return {
    reader: reader ?? asked,
    prefixes,
    userinfo: checkUserinfo(given['userinfo'], `${path}.userinfo`, addProblem),
    jwt: jwt === 'introspect' ? 'introspect' : verifies,
  }
}
