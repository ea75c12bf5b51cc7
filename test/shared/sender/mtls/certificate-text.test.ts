// Certificates as text. RFC 7468 section 5: what is taken, and its twins that are not. `npm run fuzz` compares the
// reader with OpenSSL's.

import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createSelfSigned, type Certified } from '../../../../local/client-certificates/certificates.ts'
import { fromBase64, fromPem } from '../../../../shared/sender/mtls/certificate-text.ts'
import { RFC8705_CNF, RFC8705_PEM } from '../../../support/rfc8705-figures.ts'

let own: Certified
let other: Certified

beforeAll(async () => {
  ;[own, other] = await Promise.all([createSelfSigned('own'), createSelfSigned('other')])
})

const derOf = ({ certificate }: Certified): Buffer => Buffer.from(certificate.rawData)

const pemOf = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`

type Change = (pem: string) => string

const before =
  (text: string): Change =>
  (pem) =>
    text + pem

const TAKEN: readonly (readonly [string, Change])[] = [
  ['as OpenSSL writes it', (pem) => pem],
  ['with CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
  ['with CRLF and white space around the lines', (pem) => pem.replaceAll('\n', ' \t\r\n\t ')],
  ['without a line break at the end', (pem) => pem.trimEnd()],
  ['with its chain behind it', (pem) => pem + other.pem],
  ['with something else behind it', (pem) => `${pem}-----BEGIN X-----`],
  ['with text before it', before('subject=CN = own\n')],
  ['with 1 KB of text before it', before(`${'x'.repeat(1_023)}\n`)],
]

const REFUSED: readonly (readonly [string, Change])[] = [
  ['nothing', () => ''],
  ['more than 1 KB of text before it', before(`${'x'.repeat(1_024)}\n`)],
  ['text before it on its line', before('subject=CN = own ')],
  ['a carriage return before it', before('x\r')],
  ['a space before it', before(' ')],
  ['nothing between the label and the bytes', (pem) => pem.replace('\n', '')],
  ['a space between the label and the bytes', (pem) => pem.replace('\n', ' ')],
  ['on one line', (pem) => pem.replaceAll('\n', ' ')],
  ['another block before it', before('-----BEGIN X-----\nMIIB\n-----END X-----\n')],
  ['a second beginning', (pem) => pem.replace('\n', '\n-----BEGIN CERTIFICATE-----\n')],
  ['no end', (pem) => pem.replace('-----END CERTIFICATE-----', '')],
  ['the end of another label', (pem) => pem.replace('END CERTIFICATE', 'END X509 CERTIFICATE')],
  ['the label TRUSTED CERTIFICATE', (pem) => pem.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE')],
  ['the label X509 CERTIFICATE', (pem) => pem.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE')],
  ['the label in lower case', (pem) => pem.replaceAll('CERTIFICATE', 'certificate')],
  ['four hyphens', (pem) => pem.replaceAll('-----', '----')],
  ['a header field (RFC 1421)', (pem) => pem.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n')],
  ['a form feed in the block', (pem) => pem.replace('\n', '\n\f')],
  ['a NUL in the block', (pem) => pem.replace('\n', '\n\u0000')],
  ['base64url', (pem) => pem.replace('\n', '\n_')],
  ['no bytes', () => pemOf(new Uint8Array())],
  ['more than 16 KB of white space in the block', (pem) => pem.replace('\n', `\n${' '.repeat(16_384)}`)],
  ['a megabyte of hyphens', before('-'.repeat(1_000_000))],
  ['a megabyte of beginnings', () => '-----BEGIN CERTIFICATE-----\n'.repeat(36_000)],
]

describe('PEM', () => {
  test('of RFC 8705 appendix A: the bytes that its thumbprint is of', () => {
    const digest = createHash('sha256').update(fromPem(RFC8705_PEM)!).digest('base64url')
    expect(digest).toBe(RFC8705_CNF['x5t#S256'])
  })

  test.each(TAKEN)('%s: the first certificate', (_, change) => {
    expect(Buffer.from(fromPem(change(own.pem))!)).toEqual(derOf(own))
  })

  test.each(REFUSED)('%s: none', (_, change) => {
    expect(fromPem(change(own.pem))).toBeNull()
  })
})

describe('base64', () => {
  test('is read in its one spelling', () => {
    expect(Buffer.from(fromBase64(derOf(own).toString('base64'))!)).toEqual(derOf(own))
  })

  /** A SEQUENCE of as many bytes, which says that it has `stated`. */
  const sequence = (length: number, stated = length): Buffer =>
    Buffer.from([
      0x30,
      ...(stated < 256 ? [0x81] : [0x82, stated >> 8]),
      stated & 255,
      ...new Uint8Array(length),
    ])

  test.each([128, 255, 256, 257, 258, 12_284])('a SEQUENCE of %i bytes is taken', (length) => {
    expect(fromBase64(sequence(length).toString('base64'))).not.toBeNull()
  })

  test.each([
    ['a byte behind the SEQUENCE', () => Buffer.concat([derOf(own), Buffer.from([0])])],
    ['a certificate behind the SEQUENCE', () => Buffer.concat([derOf(own), derOf(other)])],
    ['a byte missing', () => derOf(own).subarray(0, -1)],
    ['a length of one byte that is one too great', () => sequence(200, 201)],
    ['a length of two bytes that is one too small', () => sequence(300, 299)],
    ['the tag of a SET', () => Buffer.concat([Buffer.from([0x31]), derOf(own).subarray(1)])],
    ['no length', () => Buffer.from([0x30])],
    ['a length without end (BER)', () => Buffer.concat([Buffer.from([0x30, 0x80]), derOf(own)])],
    ['no bytes', () => Buffer.alloc(0)],
    ['more than 16 KB', () => sequence(12_288)],
  ])('%s: no certificate', (_, der) => {
    expect(fromBase64(der().toString('base64'))).toBeNull()
  })

  test.each<readonly [string, Change]>([
    ['padding of another length', (text) => `${text.replace(/=+$/, '')}===`],
    ['no padding', (text) => text.replace(/=+$/, '')],
    ['base64url', (text) => text.replaceAll('+', '-').replaceAll('/', '_')],
    ['a line break', (text) => `${text.slice(0, 64)}\n${text.slice(64)}`],
    ['spare bits', (text) => text.replace(/A==$/, 'B==')],
    ['64 KB of padding', (text) => text + '='.repeat(65_536)],
  ])('%s: no certificate', (_, change) => {
    // 200 bytes and a header of 3: two characters of padding; `+` and `/` are among the others.
    const text = Buffer.from([0x30, 0x81, 199, 0xfb, 0xff, ...new Uint8Array(197)]).toString('base64')
    expect(text).toMatch(/[+/].*A==$/)
    expect(fromBase64(text)).not.toBeNull()
    expect(fromBase64(change(text))).toBeNull()
  })
})
