// How we authenticate to an issuer with a secret that is sent: the header fields and form parameters that the request
// carries. RFC 6749 section 2.3.1 and appendix B, RFC 7662 section 2.1.

import type { Ports } from '../platform/ports.ts'

/** We, as a client of an issuer. */
export interface IntrospectionClient {
  readonly clientId: string
  readonly issuer: string
  readonly now: Ports['now']
}

/** The part of a request that authenticates us. Names of header fields are in lower case. */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
}

/** Makes the credentials of one request. */
export type Authenticate = () => Credentials | Promise<Credentials>

/**
 * Encodes a value as HTML forms do: letters, digits and `*-._` stay as they are. Servers that compare without decoding
 * depend on that.
 */
const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** Creates `Authenticate` from the value of the secret. Throws if that is a key that cannot be imported. */
export type CreateAuthenticate = (
  secret: string,
  client: IntrospectionClient,
) => Authenticate | Promise<Authenticate>

/** The methods that send the secret. private-key-jwt.ts has the one that signs with it. */
export const AUTHENTICATE = {
  client_secret_basic: (secret, { clientId }) => {
    const authorization = `Basic ${btoa(`${formEncode(clientId)}:${formEncode(secret)}`)}`
    return () => ({ headers: { authorization } })
  },
  client_secret_post: (secret, { clientId }) => {
    const form = { client_id: clientId, client_secret: secret }
    return () => ({ form })
  },
  bearer: (secret) => () => ({ headers: { authorization: `Bearer ${secret}` } }),
} as const satisfies Readonly<Record<string, CreateAuthenticate>>
