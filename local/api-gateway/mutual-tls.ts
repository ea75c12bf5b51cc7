// The TLS of a custom domain with mutual TLS (developer guide, "Mutual TLS authentication"): TLS 1.2 or later, and a
// client certificate whose chain ends in the truststore. Not emulated: the limits of a chain's length and of
// algorithms. Revocation is not checked, as on AWS. A resumed session has the certificate, and the verdict, of its
// first handshake.

import { createServer, type Server } from 'node:https'
import type { RequestListener } from 'node:http'
import { TLSSocket, type SecureContextOptions } from 'node:tls'
import type { Socket } from 'node:net'
import { toClientCert, type ClientCert } from './client-cert.ts'
import type { UndocumentedChoices } from './undocumented.ts'

/** All members are PEM. */
export interface MutualTls {
  /** The private key of the custom domain. */
  key: string
  /** The certificate of the custom domain, and what it needs to be verified. */
  cert: string
  /** The certificates that clients' chains may end in. A self-signed certificate is the end of its own chain. */
  truststore: string
}

/** @throws {TypeError} for a truststore without a certificate, with which Node would trust the CAs of the Web. */
function secureContextOptions({ key, cert, truststore }: MutualTls): SecureContextOptions {
  if (!truststore.includes('-----BEGIN CERTIFICATE-----'))
    throw new TypeError('mutualTls.truststore has no certificate in PEM')
  return { key, cert, ca: truststore, minVersion: 'TLSv1.2' }
}

/** `maxHeaderSize`: in bytes. */
export function createMutualTlsServer(
  tls: MutualTls,
  { missingClientCertificate }: Pick<UndocumentedChoices, 'missingClientCertificate'>,
  { maxHeaderSize }: { maxHeaderSize: number },
  onRequest: RequestListener,
): Server {
  // Node does not refuse by itself, because AWS answers a certificate that does not verify with HTTP.
  const options = {
    ...secureContextOptions(tls),
    requestCert: true,
    rejectUnauthorized: false,
    maxHeaderSize,
  }
  const server = createServer(options, onRequest)
  server.on('tlsClientError', (_, socket) => socket.destroy())
  if (missingClientCertificate === 'connection-closed')
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      if (socket.getPeerX509Certificate() === undefined) socket.destroy()
    })
  return server
}

/** The certificate of the connection. `undefined`: none, or one that does not verify. */
export function readClientCert(socket: Socket): ClientCert | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerX509Certificate()
  return certificate && toClientCert(certificate.toString())
}
