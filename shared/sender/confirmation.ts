// The confirmation methods of a token (`cnf`): how its sender can prove that the token is bound to it. RFC 7800 section
// 3.1: members that are not understood are ignored. A token with no member that is understood is refused, and so is one
// with a member that is understood and cannot be proven here.

import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

/** The thumbprints that a token is bound to, one for each method that is understood. At least one. */
export interface Confirmation {
  /** Of the DPoP key. RFC 9449 section 6.1. */
  readonly jkt: string | null
  /** SHA-256 of the client certificate (DER), in base64url. RFC 8705 section 3.1. */
  readonly x5t: string | null
}

/** The members that are understood, and their names here. */
const MEMBERS = { jkt: 'jkt', x5t: 'x5t#S256' } as const

/** `null`: the token is bound to nobody; `undefined`: in a way that can be proven nowhere. */
export function readConfirmation(claims: JsonObject): Confirmation | null | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return null
  const cnf = claims['cnf']
  if (!isJsonObject(cnf)) return undefined
  const [jkt, x5t] = [member(cnf, MEMBERS.jkt), member(cnf, MEMBERS.x5t)]
  const values = [jkt, x5t].filter((value) => value !== undefined)
  if (values.length === 0 || values.some((value) => typeof value !== 'string')) return undefined
  return { jkt: (jkt as string | undefined) ?? null, x5t: (x5t as string | undefined) ?? null }
}
