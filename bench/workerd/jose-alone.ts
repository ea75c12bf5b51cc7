// A Worker that verifies with jose and answers itself, as authors without a framework write it.

import { createRemoteJWKSet, jwtVerify } from 'jose'
import { env } from './bindings.ts'

const { jwksUri, ...options } = JSON.parse(env['EXPECTED']!)
const keys = createRemoteJWKSet(new URL(jwksUri))

export default {
  async fetch({ headers }: Request): Promise<Response> {
    try {
      await jwtVerify(headers.get('authorization')!.slice('Bearer '.length), keys, options)
      return new Response('{}')
    } catch {
      return new Response('{}', { status: 401 })
    }
  },
}
