// Answers of issuers with content encodings of HTTP: no request asks for one, gzip and br are decoded all the same, and
// nothing is read beyond the bound. Through the core, the Worker in workerd and the Lambda, against a real server.

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import {
  brotliCompressSync,
  createBrotliCompress,
  createGzip,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EdgeName } from '../cases/row.ts'
import {
  send,
  startRecordingIssuer,
  WAYS,
  type RecordingIssuer,
  type Send,
  type Way,
} from '../support/recording-issuer.ts'
import { EDGES } from './all-edges.ts'
import type { Edge } from './edge.ts'

let server: RecordingIssuer

beforeAll(async () => {
  server = await startRecordingIssuer()
})

afterAll(() => server.close())

const sendAs =
  (encoding: string, encode: (document: string) => Uint8Array | string): Send =>
  (_, response, document) =>
    response
      .setHeader('content-type', 'application/json')
      .setHeader('content-encoding', encoding)
      .end(encode(document))

/** Endless white space, which is next to nothing on the network. */
async function sendSpaces(response: ServerResponse, encoder: ReturnType<typeof createGzip>): Promise<void> {
  const spaces = Buffer.alloc(1_000_000, ' ')
  encoder.pipe(response).on('close', () => encoder.destroy())
  while (!encoder.destroyed)
    if (!encoder.write(spaces)) await Promise.race([once(encoder, 'drain'), once(response, 'close')])
}

const sendBomb =
  (encoding: string, create: () => ReturnType<typeof createGzip>): Send =>
  (_, response) => {
    response.setHeader('content-type', 'application/json').setHeader('content-encoding', encoding)
    void sendSpaces(response, create()).catch(() => {})
  }

/** Refuses requests that do not ask for `identity` with 406. RFC 9110 section 12.5.3. */
const negotiate: Send = (request, response, document) =>
  request.headers['accept-encoding'] === 'identity'
    ? send(request, response, document)
    : response.writeHead(406).end()

type Verdict = 'good' | 'malformed' | 'too_large' | 'unreachable'

const followedBy =
  (encode: (document: string) => Uint8Array, more: string) =>
  (document: string): Uint8Array =>
    Buffer.concat([encode(document), Buffer.from(more)])

/** RFC 1952 section 2.2. */
const inTwoMembers = (document: string): Uint8Array =>
  Buffer.concat([gzipSync(document.slice(0, 3)), gzipSync(document.slice(3))])

const ROWS: readonly (readonly [string, Send, Verdict])[] = [
  ['not encoded for one that wants it so', negotiate, 'good'],
  ['identity', sendAs('identity', String), 'good'],
  ['gzip', sendAs('gzip', gzipSync), 'good'],
  ['br', sendAs('br', brotliCompressSync), 'good'],
  ['gzip in two members', sendAs('gzip', inTwoMembers), 'good'],
  ['what is said to be gzip and is not', sendAs('gzip', String), 'unreachable'],
  ['deflate', sendAs('deflate', deflateSync), 'malformed'],
  ['zstd', sendAs('zstd', zstdCompressSync), 'malformed'],
  ['gzip twice', sendAs('gzip, gzip', (document) => gzipSync(gzipSync(document))), 'malformed'],
  ['a name of no encoding', sendAs('constructor', String), 'malformed'],
  ['gzip of more than is read', sendBomb('gzip', createGzip), 'too_large'],
  ['br of more than is read', sendBomb('br', createBrotliCompress as never), 'too_large'],
]

const cutShort =
  (encode: (document: string) => Uint8Array) =>
  (document: string): Uint8Array =>
    encode(document).subarray(0, -1)

/** Not for the core: the fetch of Node accepts a truncated body, and ignores trailing bytes. */
const ROWS_OF_EDGES: typeof ROWS = [
  ['gzip that is cut short', sendAs('gzip', cutShort(gzipSync)), 'unreachable'],
  ['br that is cut short', sendAs('br', cutShort(brotliCompressSync)), 'unreachable'],
  ['gzip with more behind its end', sendAs('gzip', followedBy(gzipSync, 'x')), 'unreachable'],
  ['br with more behind its end', sendAs('br', followedBy(brotliCompressSync, 'x')), 'unreachable'],
  ['br with zeros behind its end', sendAs('br', followedBy(brotliCompressSync, '\0')), 'unreachable'],
]

/** All rows for introspection; for the other ways, the rows which show that they use the same function. */
const rowsFor = (name: EdgeName, way: Way): typeof ROWS => {
  if (way === 'introspection') return name === 'core' ? ROWS : [...ROWS, ...ROWS_OF_EDGES]
  const some = ['not encoded for one that wants it so', 'gzip', 'deflate', 'gzip of more than is read']
  return ROWS.filter(([id]) => some.includes(id))
}

const failureOf = (way: Way, verdict: Verdict): string =>
  server.ways[way].failure === 'introspection_' ? `introspection_${verdict}` : 'keys_unavailable'

describe.each(['core', 'worker', 'rest REQUEST'] satisfies EdgeName[])('%s', (name) => {
  describe.each(WAYS)('%s', (way) => {
    let edge: Edge

    beforeEach(async () => {
      edge = await EDGES[name](server.config, server.env)
      return () => edge.close()
    })

    test.each(rowsFor(name, way))('%s', async (_, sending, verdict) => {
      server.answerWith(sending)
      const authorization = [`Bearer ${await server.token(way)}`]
      expect(await edge.send({ method: 'GET', path: '/orders', authorization })).toMatchObject(
        verdict === 'good'
          ? { allow: true, code: 'access_token' }
          : { allow: false, code: failureOf(way, verdict) },
      )
    })
  })
})
