// The least a Worker that verifies a token can do: take it apart and ask WebCrypto. It reads neither header nor claims.

import { env } from './bindings.ts'

const { jwk, parameters } = JSON.parse(env['KEY']!)
const key = crypto.subtle.importKey('jwk', jwk, parameters.import, false, ['verify'])

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))

export default {
  async fetch(request: Request): Promise<Response> {
    const token = request.headers.get('authorization')!.slice('Bearer '.length)
    const end = token.lastIndexOf('.')
    const signingInput = new TextEncoder().encode(token.slice(0, end))
    const good = await crypto.subtle.verify(
      parameters.verify,
      await key,
      bytesOf(token.slice(end + 1)),
      signingInput,
    )
    return new Response('{}', { status: good ? 200 : 401 })
  },
}
