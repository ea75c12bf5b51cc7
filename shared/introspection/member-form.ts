// The form of what an issuer says about a token. A member that is there and is not of the type its standard gives it is
// the mistake of whoever answered, not of whoever sent the token: nothing can be concluded from such an answer.
// RFC 7662 section 2.2, RFC 7519 section 4.1.

import type { ResolvedIssuer } from '../config/config.ts'
import { isFailure } from '../failures/failure.ts'
import { isIdentifier, isNumericDate } from '../token/claims.ts'
import { PROFILES } from '../token/profiles.ts'
import { parseScope } from '../grant/scope.ts'
import { member, type JsonObject } from '../token/strict-json.ts'

/** `[]` names nobody. */
const isAudience = (value: unknown): boolean =>
  isIdentifier(value) || (Array.isArray(value) && value.every(isIdentifier))

const isScope = (scope: unknown): boolean =>
  !isFailure(parseScope({ scope }, PROFILES.rfc9068.scopes.standard!))

const FORMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  exp: isNumericDate,
  nbf: isNumericDate,
  iat: isNumericDate,
  iss: isIdentifier,
  sub: isIdentifier,
  aud: isAudience,
  client_id: isIdentifier,
  username: isIdentifier,
  jti: isIdentifier,
  token_type: isIdentifier,
  scope: isScope,
}

const isName = (value: unknown): boolean => typeof value === 'string' || Number.isSafeInteger(value)

/** The first member of the wrong form. What identifies users here may be a number. */
export function findMalformedMember(claims: JsonObject, { principal }: ResolvedIssuer): string | undefined {
  const forms = { [principal]: isName, ...FORMS }
  return Object.keys(forms).find((name) => Object.hasOwn(claims, name) && !forms[name]!(member(claims, name)))
}
