// The confirmation methods of a token (`cnf`): how its sender can prove that the token is bound to it. RFC 7800 section
// 3.1: members that are not understood are ignored. A token with no member that is understood is refused, and so is one
// with a member that is understood and cannot be proven here.

import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

/** The members that are understood: RFC 9449 section 6.1, RFC 8705 section 3.1. */
const JKT = 'jkt'
const X5T = 'x5t#S256'

/** The thumbprint in `cnf.jkt`; `null`: the token is bound to nobody; `undefined`: in a way that is not proven here. */
export function readThumbprint(claims: JsonObject): string | null | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return null
  const cnf = claims['cnf']
  if (!isJsonObject(cnf) || Object.hasOwn(cnf, X5T)) return undefined
  const thumbprint = member(cnf, JKT)
  return typeof thumbprint === 'string' ? thumbprint : undefined
}
