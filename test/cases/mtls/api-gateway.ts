// What API Gateway states of a certificate in `clientCert` of an event: PEM in every form that it has or could have,
// and the end of its validity. The thumbprint is that of the DER. RFC 7468, RFC 4648 section 3.5.

import { derOf, openSslTime, sha256Of } from '../../support/client-certificates.ts'
import { now } from '../time.ts'
import type { SenderRow } from '../sender-row.ts'
import {
  accepted,
  type Certificates,
  MISMATCH,
  MISSING,
  ON_GATEWAYS,
  row,
  UNPROVEN,
  wrong,
  type Given,
  type More,
} from './row.ts'

const pemOf = (toPem: (made: Certificates) => unknown): Given => ({
  aws: (made) => ({ clientCertPem: toPem(made) }),
})

const good = (id: string, toPem: (made: Certificates) => string): SenderRow =>
  accepted(`pem: ${id}`, pemOf(toPem), ON_GATEWAYS)

const malformed = (id: string, toPem: (made: Certificates) => string): SenderRow =>
  wrong('malformed', `pem, ${id}`, pemOf(toPem), ON_GATEWAYS)

const [BEGIN, END] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'] as const

const wrap = (base64: string): string => `${BEGIN}\n${base64}\n${END}\n`

/** Attributes before a block, as OpenSSL writes them, of so many characters. */
const attributes = (chars: number): string =>
  `${'Bag Attributes\n    localKeyID: 01\nsubject=CN=client\n'.padEnd(chars - 1, 'x')}\n`

const ATTRIBUTES_MAX = 1_024
const BLOCK_MAX = 16_384

const FORMS: readonly SenderRow[] = [
  good('lines end with CRLF', ({ client }) => client.pem.replaceAll('\n', '\r\n')),
  good('without a line break at the end', ({ client }) => client.pem.trimEnd()),
  good('in one line', ({ client }) => wrap(derOf(client).toString('base64'))),
  malformed('without any line break', ({ client }) => client.pem.replaceAll('\n', '')),
  malformed('attributes and its begin in one line', ({ client }) => `attributes ${client.pem}`),
  good('with spaces and tabs in it', ({ client }) => client.pem.replaceAll('\n', ' \t\n').trimStart()),
  good('with attributes before it', ({ client }) => attributes(200) + client.pem),
  good(
    'with as many attributes before it as may be',
    ({ client }) => attributes(ATTRIBUTES_MAX) + client.pem,
  ),
  malformed('with more attributes before it', ({ client }) => attributes(ATTRIBUTES_MAX + 1) + client.pem),
  good('with its chain behind it', ({ client, authority }) => client.pem + authority.pem),
  good('with another certificate behind it', ({ client, second }) => client.pem + second.pem),
  row(
    'pem: with another certificate before it',
    MISMATCH,
    pemOf(({ client, second }) => second.pem + client.pem),
    ON_GATEWAYS,
  ),
  row(
    'pem: with its chain before it',
    MISMATCH,
    pemOf(({ client, authority }) => authority.pem + client.pem),
    ON_GATEWAYS,
  ),
  malformed('empty', () => ''),
  malformed('of the guide, which has no block', () => 'CERT_CONTENT'),
  malformed('base64 alone', ({ client }) => derOf(client).toString('base64')),
  malformed('percent-encoded', ({ client }) => encodeURIComponent(client.pem)),
  malformed('garbage in its base64', ({ client }) => client.pem.replace(/^M/m, '!')),
  malformed('base64url', ({ client }) => wrap(`${derOf(client).toString('base64url')}-_A`)),
  malformed('two lines that begin it', ({ client }) => `${BEGIN}\n${client.pem}`),
  malformed('the end before the begin', ({ client }) => `${END}\n${client.pem.replace(END, '')}`),
  malformed('without its end', ({ client }) => client.pem.replace(END, '')),
  malformed('without its last hyphen', ({ client }) => client.pem.trimEnd().slice(0, -1)),
  malformed('its label TRUSTED CERTIFICATE', ({ client }) =>
    client.pem.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE'),
  ),
  malformed('its label X509 CERTIFICATE', ({ client }) =>
    client.pem.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE'),
  ),
  malformed('its label in lower case', ({ client }) => client.pem.replaceAll('CERTIFICATE', 'certificate')),
  malformed('its key before it', ({ client }) => client.key + client.pem),
  malformed('a form feed in it', ({ client }) => client.pem.replace(/\n/g, '\n\f')),
  malformed('a zero byte in it', ({ client }) => client.pem.replace('\n', '\n\0')),
  malformed('nothing in it', () => wrap('')),
]

/**
 * A SEQUENCE of as many bytes as DER says: one more than a multiple of three, so that two characters pad its base64.
 */
function sequenceOf({ client }: Pick<Certificates, 'client'>): Buffer {
  const content = derOf(client).subarray(4)
  const padding = Buffer.alloc((3 - (content.length % 3)) % 3)
  const length = content.length + padding.length
  return Buffer.concat([Buffer.from([0x30, 0x82, length >> 8, length & 255]), content, padding])
}

/** The same with another first byte, or with one byte behind it. */
const setOf = (made: Certificates): Buffer => Buffer.from([0x31, ...sequenceOf(made).subarray(1)])
const longerThan = (made: Certificates): Buffer => Buffer.concat([sequenceOf(made), Buffer.alloc(3)])

/** Bytes in a block, and the token bound to these bytes. */
const bytes = (
  id: string,
  derIn: (made: Certificates) => Buffer,
  toPem: (base64: string) => string,
  isGood: boolean,
): SenderRow => {
  const given: Given = {
    cnf: (made) => ({ 'x5t#S256': sha256Of(derIn(made)) }),
    ...pemOf((made) => toPem(derIn(made).toString('base64'))),
  }
  return isGood
    ? accepted(`pem: ${id}`, given, ON_GATEWAYS)
    : wrong('malformed', `pem, ${id}`, given, ON_GATEWAYS)
}

/** A block of so many characters before the line that ends it, most of them white space. */
const blockOf = (chars: number) => (base64: string) => `${`${BEGIN}\n${base64}`.padEnd(chars, '\n')}${END}\n`

/** The same bytes for a decoder that ignores the spare bits. */
const withSpareBits = (base64: string): string => base64.replace(/.(?===$)/, (last) => spareOf(last))

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const spareOf = (character: string): string => ALPHABET[ALPHABET.indexOf(character) + 1]!

const BYTES: readonly SenderRow[] = [
  bytes('base64 with two characters of padding', sequenceOf, wrap, true),
  bytes('base64 without its padding', sequenceOf, (base64) => wrap(base64.replace('==', '')), false),
  bytes('base64 with half of its padding', sequenceOf, (base64) => wrap(base64.replace('==', '=')), false),
  bytes('base64 with too much padding', sequenceOf, (base64) => wrap(`${base64}==`), false),
  bytes('base64 with spare bits', sequenceOf, (base64) => wrap(withSpareBits(base64)), false),
  bytes('bytes that begin as no certificate does', setOf, wrap, false),
  bytes('bytes behind the certificate', longerThan, wrap, false),
  bytes('a block as large as may be', sequenceOf, blockOf(BLOCK_MAX), true),
  bytes('a larger block', sequenceOf, blockOf(BLOCK_MAX + 1), false),
]

const BINDINGS: readonly SenderRow[] = [
  row(
    'pem: bound to the hash of the text',
    MISMATCH,
    { aws: {}, cnf: ({ client }) => ({ 'x5t#S256': sha256Of(client.pem) }) },
    ON_GATEWAYS,
  ),
  row(
    'pem: bound to the hash of its base64',
    MISMATCH,
    { aws: {}, cnf: ({ client }) => ({ 'x5t#S256': sha256Of(derOf(client).toString('base64')) }) },
    ON_GATEWAYS,
  ),
  row(
    'pem: bound to the text of the certificate',
    MISMATCH,
    { aws: {}, cnf: ({ client }) => ({ 'x5t#S256': client.pem }) },
    ON_GATEWAYS,
  ),
  row(
    'pem: the certificate in the token alone',
    UNPROVEN,
    { aws: {}, cnf: ({ client }) => ({ x5c: [derOf(client).toString('base64')] }) },
    ON_GATEWAYS,
  ),
]

/** Events alone: the core gets what the event reader has found. */
const IN_EVENTS: More = { notOn: ['worker', 'core'] }

const ABSENT: readonly SenderRow[] = [
  ...[undefined, null, 7, true, {}, ['x']].map((clientCertPem) =>
    row(`pem: ${JSON.stringify(clientCertPem) ?? 'absent'}`, MISSING, { aws: { clientCertPem } }, IN_EVENTS),
  ),
  row(
    'pem: absent, the other members of a certificate there',
    MISSING,
    { certificate: null, aws: { subjectDN: 'CN=client', issuerDN: 'CN=authority', serialNumber: '01' } },
    IN_EVENTS,
  ),
]

const until = (notAfter: unknown): Given => ({ aws: { validity: { notBefore: '', notAfter } } })

const TIMES: readonly SenderRow[] = [
  accepted(
    'validity: ends at this second',
    { aws: () => ({ validity: { notAfter: openSslTime(now()) } }) },
    ON_GATEWAYS,
  ),
  wrong(
    'expired',
    'validity that ended a second ago',
    { aws: () => ({ validity: { notAfter: openSslTime(now() - 1) } }) },
    ON_GATEWAYS,
  ),
  accepted('validity: a day of one digit, after two spaces', until('Aug  5 09:36:04 2099 GMT'), ON_GATEWAYS),
  ...[
    'Aug  5 09:36:04 2021 GMT',
    '',
    '2099-08-05T09:36:04Z',
    'Aug 5  09:36:04 2099 GMT',
    'Aug  5 09:36:04 2099',
    'Aug  0 09:36:04 2099 GMT',
  ].map((notAfter) => wrong('expired', `validity ${JSON.stringify(notAfter)}`, until(notAfter), ON_GATEWAYS)),
  ...[4_089_000_000, null, undefined].map((notAfter) =>
    wrong(
      'expired',
      `validity.notAfter ${JSON.stringify(notAfter) ?? 'absent'}`,
      until(notAfter),
      ON_GATEWAYS,
    ),
  ),
  ...[null, undefined, 'Aug  5 09:36:04 2099 GMT'].map((validity) =>
    wrong(
      'expired',
      `validity as a whole ${JSON.stringify(validity) ?? 'absent'}`,
      { aws: { validity } },
      ON_GATEWAYS,
    ),
  ),
]

/** The handshake of a WebSocket API, for which no certificate is documented. The core gets one wherever it stands. */
const HANDSHAKES: readonly SenderRow[] = [
  row('websocket: a certificate where a REST API has it', MISSING, { path: '$connect' }, { notOn: ['core'] }),
]

export const API_GATEWAY_ROWS: readonly SenderRow[] = [
  accepted('api gateway: a certificate', { aws: {} }, ON_GATEWAYS),
  row('api gateway: another certificate', MISMATCH, { certificate: 'second', aws: {} }, ON_GATEWAYS),
  ...FORMS,
  ...BYTES,
  ...BINDINGS,
  ...ABSENT,
  ...TIMES,
  ...HANDSHAKES,
]
