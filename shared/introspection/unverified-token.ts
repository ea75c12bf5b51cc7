// What a token of any form says of itself, without proof.

import { decodeToLatin1 } from '../token/base64url.ts'
import { isJsonObject, type JsonObject } from '../token/strict-json.ts'

const UTF8 = new TextDecoder()

/** A part of a token as a JSON object, however it is spelled; empty where it is none. */
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

/** What a token says of itself. Read as leniently as its issuer may read it, and good for nothing but a refusal. */
export function readUnverified(token: string): { readonly header: JsonObject; readonly claims: JsonObject } {
  const [header = '', claims = ''] = token.split('.', 2)
  return { header: readObject(header), claims: readObject(claims) }
}
