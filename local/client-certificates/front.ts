// Cloudflare's edge for a Worker on this machine. workerd asks no client for a certificate, so Node ends TLS here, with
// a real handshake, and the facts of the certificate are injected into `request.cf`: workerd reads `cf` from a header
// field of a socket that miniflare opens. Nobody but this front may send that field, so the front replaces what a
// client sends in it, and speaks for the Worker on its plain port, too. The Worker's own socket must be known to nobody
// else. Upgrades (WebSockets) are not passed on, and Node answers targets with bytes above 127 with 400.

import { createServer, request as startRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { NO_TLS_CLIENT_AUTH, toTlsClientAuth, type TlsClientAuth } from './platform-facts.ts'

/** PEM texts, and the port of the TLS listener. 0 picks a free one. */
export interface MutualTlsOptions {
  readonly key: string
  readonly cert: string
  /** The certificates that clients' chains have to end in, for `certVerified: SUCCESS`. */
  readonly ca: string
  readonly port: number
  /** Thumbprints (`x5t#S256`) of certificates with `certRevoked: 1`. */
  readonly revoked?: readonly string[]
}

export interface MutualTlsFrontOptions {
  /** The URL of the Worker's own socket. */
  readonly worker: string
  readonly mutualTls: MutualTlsOptions
  /** The port of the listener without TLS. 0 picks a free one. */
  readonly plainPort: number
}

export interface MutualTlsFront {
  /** Without a path. */
  readonly url: string
  readonly plainUrl: string
  close(): Promise<void>
}

const HOST = '127.0.0.1'

/** The field that miniflare's sockets read `cf` from, as JSON. */
const CF_FIELD = 'MF-CF-Blob'

/** Fields of the connection (RFC 9110 section 7.6.1), and all that miniflare could read. */
const isOwnField = (name: string): boolean =>
  /^(?:connection|keep-alive|proxy-connection|upgrade|te|trailer|mf-.*)$/i.test(name)

/**
 * OpenSSL's texts, which Cloudflare has after `FAILED:`, by the names that Node says. Another name stands for itself.
 */
const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not yet valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate',
  INVALID_PURPOSE: 'unsuitable certificate purpose',
  SELF_SIGNED_CERT_IN_CHAIN: 'self-signed certificate in certificate chain',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unable to verify the first certificate',
}

/** Read anew for each request. A resumed session has the certificate, and the verdict, of its first handshake. */
function readTlsClientAuth(socket: Socket, revoked: readonly string[] = []): TlsClientAuth {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  if (certificate === undefined) return NO_TLS_CLIENT_AUTH
  const { authorized, authorizationError } = socket as TLSSocket
  const reason = String(authorizationError)
  const facts = toTlsClientAuth(
    certificate.toString(),
    authorized ? 'SUCCESS' : `FAILED:${REASONS[reason] ?? reason}`,
  )
  const thumbprint = Buffer.from(facts['certFingerprintSHA256']!, 'hex').toString('base64url')
  return revoked.includes(thumbprint) ? { ...facts, certRevoked: '1' } : facts
}

/** Names and values by turns, without those of the connection. */
const forwardedFields = (raw: readonly string[]): string[] =>
  raw.filter((_, index) => !isOwnField(raw[index - (index % 2)]!))

/** The methods for which Node sends no body by itself. */
const WITHOUT_BODY = /^(?:GET|HEAD|DELETE|OPTIONS|TRACE)$/

function requestFields(message: IncomingMessage, cf: object): string[] {
  const fields = forwardedFields(message.rawHeaders)
  const hasBody = 'content-length' in message.headers || 'transfer-encoding' in message.headers
  if (!hasBody && !WITHOUT_BODY.test(message.method!)) fields.push('Content-Length', '0')
  return [...fields, CF_FIELD, JSON.stringify(cf)]
}

/** Sends the request with its target, and the lines of its fields, as they came. */
function pass(worker: URL, cf: object, message: IncomingMessage, response: ServerResponse): void {
  const request = startRequest({
    host: worker.hostname,
    port: worker.port,
    method: message.method!,
    path: message.url!,
    headers: requestFields(message, cf),
    agent: false,
  })
  request.once('error', () => response.destroy())
  request.once('response', (answer) => {
    response.sendDate = false
    response.writeHead(answer.statusCode!, answer.statusMessage, forwardedFields(answer.rawHeaders))
    answer.pipe(response)
    answer.once('error', () => response.destroy())
  })
  message.pipe(request)
  message.once('error', () => request.destroy())
}

async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, HOST, resolve)
  await promise
  return (server.address() as AddressInfo).port
}

/** Starts both listeners on loopback. Rejects if a port is taken, or a certificate cannot be used. */
export async function startMutualTlsFront(options: MutualTlsFrontOptions): Promise<MutualTlsFront> {
  const { key, cert, ca, port, revoked } = options.mutualTls
  if (!ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new TypeError('mutualTls.ca has no certificate in PEM')
  const worker = new URL(options.worker)
  const onRequest = (message: IncomingMessage, response: ServerResponse) =>
    pass(worker, { tlsClientAuth: readTlsClientAuth(message.socket, revoked) }, message, response)
  const servers = [
    createTlsServer(
      // Node does not refuse by itself, because Cloudflare leaves that to a rule of the zone.
      { key, cert, ca, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' },
      onRequest,
    ),
    createServer(onRequest),
  ] as const
  const close = async () => {
    await Promise.all(
      servers.map(async (server) => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()))
        server.closeAllConnections()
        await closed
      }),
    )
  }
  try {
    const url = `https://${HOST}:${await listen(servers[0], port)}`
    return { url, plainUrl: `http://${HOST}:${await listen(servers[1], options.plainPort)}`, close }
  } catch (error) {
    await close()
    throw error
  }
}
