// An authorizer for an HTTP API as a user of aws-jwt-verify would write it. With JWKS it has the key set at hand.

import { JwtVerifier } from 'aws-jwt-verify'

interface Settings {
  readonly issuer: string
  readonly audience: string
  readonly scope: string
  readonly jwksUri: string
}

const { VERIFIER, JWKS } = process.env
const verifier = JwtVerifier.create(JSON.parse(VERIFIER!) as Settings)
if (JWKS !== undefined) verifier.cacheJwks(JSON.parse(JWKS))

export async function handler(event: { readonly headers: Readonly<Record<string, string>> }) {
  try {
    const token = event.headers['authorization']!.slice('Bearer '.length)
    const { sub, client_id } = await verifier.verify(token)
    return { isAuthorized: true, context: { subject: sub, client_id } }
  } catch {
    return { isAuthorized: false }
  }
}
