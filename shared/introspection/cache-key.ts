// The key under which an answer about a token is cached: HMAC-SHA-256 over issuer, purpose and token. The key of the
// HMAC is random for each instance, so that the cache gives no token away and nobody can choose a token for its cache
// key.

import { encode } from 'jose/base64url'

export type TokenKey = (issuer: string, purpose: string, token: string) => Promise<string>

export function createTokenKey(): TokenKey {
  // Made on first use: Workers give out no random numbers while they start.
  let secret: Uint8Array<ArrayBuffer> | null = null
  return async (issuer, purpose, token) => {
    secret ??= crypto.getRandomValues(new Uint8Array(32))
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign'])
    const text = new TextEncoder().encode(JSON.stringify([issuer, purpose, token]))
    return encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, text)))
  }
}
