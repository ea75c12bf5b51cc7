/**
 * The part of the local authorization server that asks its clients for a certificate (RFC 8705): a TLS listener, the
 * clients that authenticate with theirs, and the settings of oidc-provider. Their access tokens are bound to the
 * certificate that they present. The discovery document has the endpoints in `mtls_endpoint_aliases` (section 5).
 */
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { REDIRECT_URI, type CodeClient } from './demo-clients.ts'
import type { Context, IssuedToken, StructuredToken } from 'oidc-provider'

/** Plain JSON, so that it can be sent to another process. Certificates and keys are in PEM. */
export type MutualTlsOptions = {
  /** 0 picks a free port. */
  port: number
  /** Of the listener. */
  certificate: string
  key: string
  /** The CA of the certificates with which clients authenticate by `tls_client_auth`. */
  ca: string
  /** The certificate of the client `selfSigned`, which its registration has. */
  selfSigned: string
}

/**
 * The clients that authenticate with a certificate. The CN of the certificates of the first two is the `client_id`.
 * Tokens of `twice` are bound to a DPoP key besides.
 */
export const CERTIFIED_CLIENTS = {
  chained: { client_id: 'orders-partner', redirect_uri: REDIRECT_URI },
  twice: { client_id: 'orders-courier', redirect_uri: REDIRECT_URI },
  selfSigned: { client_id: 'orders-workshop', redirect_uri: REDIRECT_URI },
} as const

type CertifiedClient = Pick<CodeClient, 'client_id' | 'redirect_uri'>

const ALIASED = { token_endpoint: '/token' } as const

/** The certificate that the client of a request has presented, whoever issued it; `undefined`: none, or no TLS. */
function certificateOf({ req: { socket } }: Context): X509Certificate | undefined {
  return (socket as Partial<TLSSocket>).getPeerX509Certificate?.()
}

const isAuthorized = ({ req: { socket } }: Context): boolean =>
  (socket as Partial<TLSSocket>).authorized === true

/** The listener. It demands no certificate, because a self-signed one has no chain. */
export async function startTlsListener(
  { port, certificate, key, ca }: MutualTlsOptions,
  host: string,
): Promise<Server> {
  const server = createServer({ cert: certificate, key, ca, requestCert: true, rejectUnauthorized: false })
  await once(server.listen(port, host), 'listening')
  return server
}

const METHODS = { chained: 'tls_client_auth', selfSigned: 'self_signed_tls_client_auth' } as const

/** Registrations (RFC 8705 sections 2.1.2, 2.2.2 and 3.4). */
export function certifiedClientMetadata({ selfSigned }: MutualTlsOptions): object[] {
  const withCode = ({ client_id, redirect_uri }: CertifiedClient) => ({
    client_id,
    redirect_uris: [redirect_uri],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  })
  const chained = (client: CertifiedClient) => ({
    ...withCode(client),
    token_endpoint_auth_method: METHODS.chained,
    tls_client_auth_subject_dn: `CN=${client.client_id}`,
  })
  const { publicKey, raw } = new X509Certificate(selfSigned)
  return [
    { ...chained(CERTIFIED_CLIENTS.chained), tls_client_certificate_bound_access_tokens: true },
    { ...chained(CERTIFIED_CLIENTS.twice), dpop_bound_access_tokens: true },
    {
      ...withCode(CERTIFIED_CLIENTS.selfSigned),
      token_endpoint_auth_method: METHODS.selfSigned,
      tls_client_certificate_bound_access_tokens: true,
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), x5c: [raw.toString('base64')] }] },
    },
  ]
}

/** Settings of oidc-provider. `address`: of the listener. */
export const mutualTlsSettings = (address: string) => ({
  authMethods: Object.values(METHODS),
  discovery: {
    mtls_endpoint_aliases: Object.fromEntries(
      Object.entries(ALIASED).map(([name, path]) => [name, address + path]),
    ),
  },
  feature: {
    enabled: true,
    certificateBoundAccessTokens: true,
    selfSignedTlsClientAuth: true,
    tlsClientAuth: true,
    getCertificate: certificateOf,
    certificateAuthorized: isAuthorized,
    certificateSubjectMatches: (context: Context, property: string, expected: string) =>
      property === 'tls_client_auth_subject_dn' && certificateOf(context)?.subject === expected,
  },
})

/** Binds the JWTs of `twice`, which have a DPoP key, to the certificate besides: oidc-provider itself refuses to. */
export function bindTwice(context: Context, token: IssuedToken, jwt: StructuredToken): void {
  if (token.clientId !== CERTIFIED_CLIENTS.twice.client_id) return
  const thumbprint = createHash('sha256').update(certificateOf(context)!.raw).digest('base64url')
  jwt.payload['cnf'] = { ...(jwt.payload['cnf'] as object), 'x5t#S256': thumbprint }
}
