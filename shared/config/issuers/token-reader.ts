// `prefix` and `introspection.jwt`: which tokens of an issuer are verified here and which are sent to it. A token is
// sent to the one issuer that the configuration chooses, never to several in turn.

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

/** The settings of an issuer about opaque tokens, which only the issuer can read. */
export interface ResolvedTokenReader {
  /** Introspection or check; `null`: opaque tokens are refused. */
  readonly reader: ResolvedMethods[MethodName] | null
  readonly prefixes: readonly string[]
  /** `null`: not configured. */
  readonly userinfo: ResolvedUserinfo | null
  /** Whether JWTs that name this issuer are verified here, introspected or refused. */
  readonly jwt: 'verify' | 'introspect' | 'refuse'
}

/** Characters of a token (RFC 6750 section 2.1), but not the beginning of a JWT. */
const isPrefix = (text: string): boolean =>
  isB64TokenPrefix(text) && text.length <= 64 && !/^e(?:[wy3]|$)/.test(text)

/** The settings of an issuer about opaque tokens. `reader`: that of `check`, if the issuer has it. */
export function checkTokenReader(
  given: JsonObject,
  path: string,
  reader: ResolvedCheck | null,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedTokenReader {
  const { introspection, prefix, keys } = given
  const introspected =
    introspection === undefined
      ? null
      : checkIntrospection(introspection, `${path}.introspection`, environment, addProblem)
  const jwt = isJsonObject(introspection) ? introspection['jwt'] : undefined
  if (jwt !== undefined) checkOneOf(jwt, `${path}.introspection.jwt`, ['verify', 'introspect'], addProblem)
  if (jwt === 'verify' && keys === undefined)
    addProblem(`${path}.introspection.jwt`, 'needs keys to verify with')
  if (introspected?.response === 'jwt' && (keys === undefined || hasSharedSecret(keys))) {
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
  if (prefixes.length > 0 && introspected === null && reader === null)
    addProblem(`${path}.prefix`, 'is for opaque tokens, and this issuer has neither introspection nor check')
  const verifies = keys === undefined ? (introspected === null ? 'refuse' : 'introspect') : 'verify'
  return {
    reader: reader ?? introspected,
    prefixes,
    userinfo: checkUserinfo(given['userinfo'], `${path}.userinfo`, addProblem),
    jwt: jwt === 'introspect' ? 'introspect' : verifies,
  }
}
