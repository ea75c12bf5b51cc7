// Reads the header and the claims of a token of any form, without verifying them.

import { decodeToLatin1 } from '../token/base64url.ts'
import { isJsonObject, type JsonObject } from '../token/strict-json.ts'

const UTF8 = new TextDecoder()

/** A part of a token as a JSON object, read leniently; empty if it is none. */
function readObject(part: string): JsonObject {
  try {
    const value: unknown = JSON.parse(
      UTF8.decode(Uint8Array.from(decodeToLatin1(part), (character) => character.charCodeAt(0))),
    )
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** The header and claims of a token, read as leniently as its issuer may read them. Unverified: they allow nothing. */
export function readUnverified(token: string): { readonly header: JsonObject; readonly claims: JsonObject } {
  const [header = '', claims = ''] = token.split('.', 2)
  return { header: readObject(header), claims: readObject(claims) }
}
