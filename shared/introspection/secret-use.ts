// What the secret of an introspection is, by the method with which Lanekeeper authenticates to the issuer. RFC 7662
// section 2.1, RFC 6749 section 2.3.1, RFC 7523 section 2.2.

import type { SecretUse } from '../secrets/secret-ref.ts'

export const SECRET_USE = {
  client_secret_basic: 'client_secret',
  client_secret_post: 'client_secret',
  private_key_jwt: 'private_jwk',
  bearer: 'bearer_token',
} as const satisfies Readonly<Record<string, SecretUse>>

export type ClientAuthentication = keyof typeof SECRET_USE
