// The least that verifies a token: takes it apart and asks WebCrypto. It reads neither header nor claims.

import { env } from './bindings.ts'

const { jwk, parameters } = JSON.parse(env['KEY']!)
const key = crypto.subtle.importKey('jwk', jwk, parameters.import, false, ['verify'])

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))

export async function verify({ headers }: Request): Promise<boolean> {
  const token = headers.get('authorization')!.slice('Bearer '.length)
  const end = token.lastIndexOf('.')
  const signingInput = new TextEncoder().encode(token.slice(0, end))
  return crypto.subtle.verify(parameters.verify, await key, bytesOf(token.slice(end + 1)), signingInput)
}
