// The minimum that verifies a token: splits it and calls WebCrypto. It reads neither header nor claims.

/// <reference lib="esnext.typedarrays" />

import { env } from './bindings.ts'

const { jwk, parameters } = JSON.parse(env['KEY']!)
const key = crypto.subtle.importKey('jwk', jwk, parameters.import, false, ['verify'])

export async function verify({ headers }: Request): Promise<boolean> {
  const token = headers.get('authorization')!.slice('Bearer '.length)
  const end = token.lastIndexOf('.')
  const signature = Uint8Array.fromBase64(token.slice(end + 1), { alphabet: 'base64url' })
  const signingInput = new TextEncoder().encode(token.slice(0, end))
  return crypto.subtle.verify(parameters.verify, await key, signature, signingInput)
}
