// The keys under which entries are stored and looked for: hashes, alike on every edge, in stores and in the command
// line. docs/adr/0016 says why their key is no secret.

import { encode as toBase64url } from 'jose/base64url'
import type { Cryptography } from '../platform/ports.ts'
import type { EntryKey, RevocationKind } from './entry.ts'

export interface EntryKeys {
  keyOf(kind: RevocationKind, issuer: string, id: string): EntryKey
  /** The `id` of an entry of the kind `token`: base64url of 32 bytes. `token`: see `revocableText`. */
  digestOf(token: string): string
}

/** Keeps these hashes apart from every other use of HMAC. It is no secret. */
const PURPOSE = new TextEncoder().encode('lanekeeper revocation 1')

export function createEntryKeys({ hmacSha256 }: Pick<Cryptography, 'hmacSha256'>): EntryKeys {
  const encoder = new TextEncoder()
  const hash = hmacSha256(PURPOSE)
  return {
    // Neither a kind nor an `iss` has a NUL, so no two names are written alike.
    keyOf: (kind, issuer, id) => hash(encoder.encode(`${kind}\0${issuer}\0${id}`)),
    digestOf: (token) => toBase64url(hash(encoder.encode(token))),
  }
}

/** A key as text, for stores with text keys. */
export const keyText = (key: EntryKey): string => toBase64url(key)
