// Under which key something is remembered about a token: a keyed hash of the issuer, the purpose and the token. The
// hash key is random and this instance's own, so that what is in memory gives no token away and cannot be aimed at.

import { encode } from 'jose/base64url'

export type TokenKey = (issuer: string, purpose: string, token: string) => Promise<string>

export function createTokenKey(): TokenKey {
  // Made when it is first needed: Workers give out no random numbers while they start.
  let secret: Uint8Array<ArrayBuffer> | null = null
  return async (issuer, purpose, token) => {
    secret ??= crypto.getRandomValues(new Uint8Array(32))
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign'])
    const text = new TextEncoder().encode(JSON.stringify([issuer, purpose, token]))
    return encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, text)))
  }
}
