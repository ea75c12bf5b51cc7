// The form of the members in an answer about a token (RFC 7662 section 2.2, RFC 7519 section 4.1). A member of another
// type than its standard gives it is the issuer's mistake, not the caller's. Such an answer proves nothing about the
// token.

import type { ResolvedIssuer } from '../config/config.ts'
import { isFailure } from '../failures/failure.ts'
import { isIdentifier, isNumericDate } from '../token/claims.ts'
import { PROFILES } from '../token/profiles.ts'
import { parseScope } from '../grant/scope.ts'
import { member, type JsonObject } from '../token/strict-json.ts'

/** `[]` is well-formed; it names no audience. */
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

/** The first member of the wrong form. A claim that identifies users may be a number, too, unless `FORMS` has it. */
export function findMalformedMember(claims: JsonObject, { principal }: ResolvedIssuer): string | undefined {
  const forms = { [principal]: isName, ...FORMS }
  return Object.keys(forms).find((name) => Object.hasOwn(claims, name) && !forms[name]!(member(claims, name)))
}
