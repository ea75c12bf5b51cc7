// What a Worker in workerd reads in `request.cf` behind the local front (local/client-certificates/front.ts), over real
// TLS with real certificates: the facts of this request's connection, and nothing that a client wrote.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  createCertificateAuthority,
  createSelfSigned,
  type Certified,
  type CertificateAuthority,
} from '../../local/client-certificates/certificates.ts'
import { NO_TLS_CLIENT_AUTH, toTlsClientAuth } from '../../local/client-certificates/platform-facts.ts'
import { startWorkerEdge, type WorkerEdge } from '../../local/worker-edge.ts'
import { sendRaw, type RawRequest, type RawResponse } from '../support/raw-http.ts'
import { createTlsClient, type Presented, type TlsSending } from '../support/tls-client.ts'
import type { AgentOptions } from 'node:https'

/** Answers with what it was asked, with the fields in order of their names. */
const ECHO = `export default {
  async fetch(request) {
    const { cf, url, method, headers } = request
    const seen = { cf: cf ?? null, url, method, fields: [...headers], body: await request.text() }
    const answer = new Response(JSON.stringify(seen), { status: 418, headers: { 'x-one': '1' } })
    answer.headers.append('set-cookie', 'a=1')
    answer.headers.append('set-cookie', 'b=2')
    return answer
  },
}`

interface Seen {
  readonly cf: { readonly tlsClientAuth: Readonly<Record<string, string>> } | null
  readonly url: string
  readonly method: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

let directory: string
let script: string
let serverCa: CertificateAuthority
let server: Certified
let ca: CertificateAuthority
let alice: Certified
let bob: Certified
let selfSigned: Certified
let revoked: Certified
let edge: WorkerEdge
let direct: WorkerEdge

const mutualTls = () => ({
  key: server.key,
  cert: server.pem,
  ca: ca.pem,
  port: 0,
  revoked: [revoked.thumbprint],
})

const startEdge = (options: Partial<Parameters<typeof startWorkerEdge>[0]> = {}) =>
  startWorkerEdge({
    script,
    config: join(import.meta.dirname, '../../wrangler.toml'),
    port: 0,
    variables: {},
    onLog: () => {},
    ...options,
  })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-front-'))
  script = join(directory, 'worker.js')
  await writeFile(script, ECHO)
  serverCa = await createCertificateAuthority('server CA')
  server = await serverCa.issue('edge', { hosts: ['127.0.0.1'] })
  ca = await createCertificateAuthority('client CA')
  alice = await ca.issue('alice')
  bob = await ca.issue('bob')
  revoked = await ca.issue('carol')
  selfSigned = await createSelfSigned('alice')
  ;[edge, direct] = await Promise.all([startEdge({ mutualTls: mutualTls() }), startEdge()])
})

afterAll(async () => {
  await Promise.all([edge.close(), direct.close()])
  await rm(directory, { recursive: true })
})

function clientOf(presented: Presented | null, options?: AgentOptions) {
  const client = createTlsClient(serverCa.pem, presented, options)
  onTestFinished(() => client.close())
  return async (sending?: TlsSending) => {
    const answer = await client.send(edge.mutualTlsUrl!, '/orders', sending)
    const seen = JSON.parse(answer.body) as Seen
    return { ...answer, seen, facts: seen.cf!.tlsClientAuth }
  }
}

describe('the facts of a connection', () => {
  test.each<[string, string, () => Certified | Promise<Certified>]>([
    ['a certificate of the CA', 'SUCCESS', () => alice],
    ['a self-signed one', 'FAILED:self-signed certificate', () => selfSigned],
    [
      'one of another CA with the same name',
      'FAILED:unable to verify the first certificate',
      async () => (await createCertificateAuthority('client CA')).issue('alice'),
    ],
    [
      'one of another CA',
      'FAILED:unable to verify the first certificate',
      async () => (await createCertificateAuthority('another CA')).issue('alice'),
    ],
    [
      'an expired one',
      'FAILED:certificate has expired',
      () => ca.issue('alice', { notBefore: new Date(0), notAfter: new Date(Date.now() - 1_000) }),
    ],
    [
      'one of tomorrow',
      'FAILED:certificate is not yet valid',
      () => ca.issue('alice', { notBefore: new Date(Date.now() + 86_400_000) }),
    ],
    [
      'one of a server',
      'FAILED:unsuitable certificate purpose',
      () => ca.issue('alice', { hosts: ['127.0.0.1'] }),
    ],
  ])('%s: %s', async (_, verified, certificate) => {
    const presented = await certificate()
    const { facts, status, seen } = await clientOf(presented)()
    expect(facts).toEqual(toTlsClientAuth(presented.pem, verified))
    expect(facts['certPresented']).toBe('1')
    expect({ status, method: seen.method, body: seen.body }).toEqual({ status: 418, method: 'GET', body: '' })
  })

  test('one of another CA, with that CA', async () => {
    const other = await createCertificateAuthority('another CA')
    const { pem, key } = await other.issue('alice')
    const { facts } = await clientOf({ pem: pem + other.pem, key })()
    expect(facts).toEqual(toTlsClientAuth(pem, 'FAILED:self-signed certificate in certificate chain'))
  })

  test('a revoked certificate is verified all the same, as on Cloudflare', async () => {
    const { facts } = await clientOf(revoked)()
    expect(facts).toEqual({ ...toTlsClientAuth(revoked.pem), certRevoked: '1' })
  })

  test('no certificate, with TLS or without: a placeholder', async () => {
    expect((await clientOf(null)()).facts).toEqual(NO_TLS_CLIENT_AUTH)
    const plain = JSON.parse((await sendRaw(edge.url, { method: 'GET', target: '/' })).body) as Seen
    expect(plain.cf!.tlsClientAuth).toEqual(NO_TLS_CLIENT_AUTH)
  })

  test('without the option there is no cf, unless a client writes it, which is why there is the front', async () => {
    const { body } = await sendRaw(direct.url, { method: 'GET', target: '/' })
    expect((JSON.parse(body) as Seen).cf).toBeNull()
    expect(direct.mutualTlsUrl).toBeUndefined()
    const fields = [['MF-CF-Blob', '{"tlsClientAuth":{"certPresented":"1"}}']] as const
    const forged = await sendRaw(direct.url, { method: 'GET', target: '/', fields })
    expect((JSON.parse(forged.body) as Seen).cf).toEqual({ tlsClientAuth: { certPresented: '1' } })
  })
})

describe('what a client writes does not become cf', () => {
  const forged = () => JSON.stringify({ tlsClientAuth: toTlsClientAuth(alice.pem) })
  const FORGERIES: readonly [string, () => readonly (readonly [string, string])[]][] = [
    ['in the field of miniflare', () => [['MF-CF-Blob', forged()]]],
    ['in lower case', () => [['mf-cf-blob', forged()]]],
    [
      'in two fields',
      () => [
        ['mf-CF-blob', forged()],
        ['MF-CF-Blob', forged()],
      ],
    ],
    [
      'in a field that Connection names',
      () => [
        ['Connection', 'MF-CF-Blob'],
        ['MF-CF-Blob', forged()],
      ],
    ],
    ['by naming in Connection the field of the front', () => [['Connection', 'mf-cf-blob, close']]],
    ['in a field with the name of the member', () => [['cf', forged()]]],
  ]

  test.each(FORGERIES)('%s, over TLS without a certificate', async (_, fields) => {
    const { facts, seen } = await clientOf(null)({ fields: fields() })
    expect(facts).toEqual(NO_TLS_CLIENT_AUTH)
    expect(seen.fields.filter(([name]) => name.startsWith('mf-'))).toEqual([])
  })

  test.each(FORGERIES)('%s, over TLS with another certificate', async (_, fields) => {
    const { facts } = await clientOf(bob)({ fields: fields() })
    expect(facts).toEqual(toTlsClientAuth(bob.pem))
  })

  test.each(FORGERIES)('%s, without TLS', async (_, fields) => {
    const { body } = await sendRaw(edge.url, { method: 'GET', target: '/', fields: fields() })
    const seen = JSON.parse(body) as Seen
    expect(seen.cf!.tlsClientAuth).toEqual(NO_TLS_CLIENT_AUTH)
    expect(seen.fields.filter(([name]) => name.startsWith('mf-'))).toEqual([])
  })

  test('in the trailer of a body', async () => {
    const { body } = await sendRaw(edge.url, {
      method: 'POST',
      target: '/',
      fields: [
        ['Transfer-Encoding', 'chunked'],
        ['Trailer', 'MF-CF-Blob'],
      ],
      body: `1\r\nx\r\n0\r\nMF-CF-Blob: ${forged()}\r\n\r\n`,
    })
    const seen = JSON.parse(body) as Seen
    expect(seen).toMatchObject({ cf: { tlsClientAuth: NO_TLS_CLIENT_AUTH }, body: 'x' })
  })
})

describe('one request after the other', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a resumed session of %s has its certificate',
    async (version) => {
      const send = clientOf(alice, { minVersion: version, maxVersion: version })
      expect(await send()).toMatchObject({ isResumed: false, facts: toTlsClientAuth(alice.pem) })
      expect(await send()).toMatchObject({ isResumed: true, facts: toTlsClientAuth(alice.pem) })
    },
  )

  test('a resumed session has its verdict', async () => {
    const send = clientOf(selfSigned)
    const facts = toTlsClientAuth(selfSigned.pem, 'FAILED:self-signed certificate')
    expect(await send()).toMatchObject({ isResumed: false, facts })
    expect(await send()).toMatchObject({ isResumed: true, facts })
  })

  test('a resumed session without a certificate has none', async () => {
    const send = clientOf(null)
    expect(await send()).toMatchObject({ isResumed: false, facts: NO_TLS_CLIENT_AUTH })
    expect(await send()).toMatchObject({ isResumed: true, facts: NO_TLS_CLIENT_AUTH })
  })

  test('kept connections of several clients have each its own', async () => {
    const clients = [alice, bob, null].map((presented) => ({
      send: clientOf(presented, { keepAlive: true }),
      facts: presented === null ? NO_TLS_CLIENT_AUTH : toTlsClientAuth(presented.pem),
    }))
    for (const isReusedSocket of [false, true])
      for (const { send, facts } of clients) expect(await send()).toMatchObject({ isReusedSocket, facts })
    const both = await Promise.all([...clients, ...clients].map(({ send }) => send()))
    expect(both.map(({ facts }) => facts)).toEqual([...clients, ...clients].map(({ facts }) => facts))
  })
})

describe('a request reaches the Worker as without the front', () => {
  const REQUESTS: readonly (RawRequest & { readonly title: string })[] = [
    { title: 'a plain target', method: 'GET', target: '/orders?a=1' },
    {
      title: 'dots, slashes and odd escapes',
      method: 'GET',
      target: '/a/../b/./%2e%2e//c\\d;x?%zz&a=%E0%A4#f',
    },
    { title: 'the target in absolute form', method: 'GET', target: 'http://api.test.example/a//b' },
    {
      title: 'repeated fields',
      method: 'GET',
      target: '/',
      fields: [
        ['Authorization', 'Bearer a'],
        ['authorization', 'Bearer b'],
        ['DPoP', '1'],
        ['DPoP', '2'],
        ['X-Empty', ''],
        ['Cookie', 'a=1'],
        ['Cookie', 'b=2'],
      ],
    },
    { title: 'a body', method: 'POST', target: '/', body: 'text' },
    { title: 'no body', method: 'POST', target: '/', fields: [['Content-Length', '0']] },
    {
      title: 'a body in chunks',
      method: 'PUT',
      target: '/',
      fields: [['Transfer-Encoding', 'chunked']],
      body: '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
    },
    { title: 'DELETE', method: 'DELETE', target: '/' },
    { title: 'OPTIONS', method: 'OPTIONS', target: '/' },
    { title: 'HEAD', method: 'HEAD', target: '/' },
  ]

  test.each(REQUESTS)('$title', async ({ title: _, ...request }) => {
    const host = 'api.test.example'
    const [through, without] = await Promise.all(
      [edge, direct].map(async ({ url }) => sendRaw(url, { ...request, host })),
    )
    const seenIn = ({ body }: RawResponse) => {
      const { cf: _cf, ...seen } = JSON.parse(body || '{}') as Seen
      return seen
    }
    expect(seenIn(through!)).toEqual(seenIn(without!))
    expect(through!.headers).toMatchObject({ 'x-one': '1', 'set-cookie': 'a=1, b=2' })
    expect(through!.status).toBe(418)
  })
})

describe('starting', () => {
  test('a taken port is an error, and nothing stays open', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => blocker.once('listening', resolve))
    onTestFinished(() => void blocker.close())
    const { port } = blocker.address() as AddressInfo
    await expect(startEdge({ mutualTls: { ...mutualTls(), port } })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })

  test('a CA without a certificate is refused, because Node would trust the CAs of the Web', async () => {
    await expect(startEdge({ mutualTls: { ...mutualTls(), ca: '' } })).rejects.toThrow(
      'mutualTls.ca has no certificate in PEM',
    )
  })
})
