// A request of the tour over TLS: the certificate that it presents, a server that ends the connection, and other
// failures.

import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { createServer as createPlainServer, type AddressInfo, type Server as NetServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deliver, ConnectionClosed } from '../../../local/bound/connection.ts'
import {
  createCertificateAuthority,
  createSelfSigned,
  type CertificateAuthority,
  type Certified,
} from '../../../local/client-certificates/certificates.ts'

let ca: CertificateAuthority
let client: Certified
/** Demands a certificate of the CA, as a domain of API Gateway with mutual TLS does. */
let server: Server

const portOf = (listening: NetServer) => (listening.address() as AddressInfo).port

beforeAll(async () => {
  ca = await createCertificateAuthority('test clients')
  client = await ca.issue('client')
  const { pem: cert, key } = await ca.issue('server', { hosts: ['127.0.0.1'] })
  server = createServer({ cert, key, ca: ca.pem, requestCert: true }, ({ socket, method }, response) => {
    const { CN } = (socket as TLSSocket).getPeerCertificate().subject
    response.writeHead(401, { 'x-method': method! }).end(CN as string)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterAll(() => void server.close())

const get = (certificate: Certified | null, port = portOf(server)) =>
  deliver({ method: 'GET', url: 'https://127.0.0.1:9/orders', fields: {} }, port, {
    serverCa: ca.pem,
    certificate,
  })

test('presents its certificate, and returns any answer', async () => {
  const answer = await get(client)
  expect(answer.status).toBe(401)
  expect(answer.headers.get('x-method')).toBe('GET')
  expect(await answer.text()).toBe('client')
})

test('says that the server has ended the connection: without a certificate, and with one that is not trusted', async () => {
  await expect(get(null)).rejects.toThrow(ConnectionClosed)
  await expect(get(await createSelfSigned('client'))).rejects.toThrow(ConnectionClosed)
})

test('does not say so of a server that is not there, or is not trusted', async () => {
  const gone = createPlainServer()
  await once(gone.listen(0, '127.0.0.1'), 'listening')
  const port = portOf(gone)
  gone.close()
  await once(gone, 'close')
  await expect(get(client, port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  const { pem } = await createCertificateAuthority('others')
  const request = { method: 'GET', url: 'https://127.0.0.1:9/', fields: {} }
  const untrusting = deliver(request, portOf(server), { serverCa: pem, certificate: client })
  await expect(untrusting).rejects.not.toThrow(ConnectionClosed)
})
