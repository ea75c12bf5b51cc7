// What somebody writes who takes aws-jwt-verify for an HTTP API. Its own fetcher knows https alone; this one does the
// same over http, with Node's own client as well.

import { JwtVerifier } from 'aws-jwt-verify'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import { get } from 'node:http'

interface Settings {
  readonly issuer: string
  readonly audience: string
  readonly scope: string
  readonly jwksUri: string
}

const settings = JSON.parse(process.env['VERIFIER']!) as Settings

const fetcher = {
  fetch: (uri: string): Promise<ArrayBuffer> =>
    new Promise((resolve, reject) => {
      get(uri, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => void chunks.push(chunk))
        response.on('end', () => resolve(Uint8Array.from(Buffer.concat(chunks)).buffer))
      }).on('error', reject)
    }),
}
const jwksCache = new SimpleJwksCache({ fetcher })
const verifier = JwtVerifier.create(settings, { jwksCache })

export async function handler(event: { readonly headers: Readonly<Record<string, string>> }) {
  try {
    const token = event.headers['authorization']!.slice('Bearer '.length)
    const { sub, client_id } = await verifier.verify(token)
    return { isAuthorized: true, context: { subject: sub, client_id } }
  } catch {
    return { isAuthorized: false }
  }
}
