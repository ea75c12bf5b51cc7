// What Cloudflare states of a certificate in `request.cf.tlsClientAuth`: every member that a decision depends on, each
// with the values that it has had in incidents. A placeholder with empty strings is there without a certificate, too.

import { NO_TLS_CLIENT_AUTH, toTlsClientAuth } from '../../../local/client-certificates/platform-facts.ts'
import { derOf, openSslTime } from '../../support/client-certificates.ts'
import type { Members } from '../../support/test-issuer.ts'
import { now } from '../time.ts'
import type { SenderRow } from '../sender-row.ts'
import {
  accepted,
  BOUND,
  MISMATCH,
  MISSING,
  ON_CLOUDFLARE,
  ON_CORE,
  ON_WORKER,
  row,
  UNRECOGNISED,
  wrong,
  type Given,
} from './row.ts'

const hexOf = (thumbprint: string): string => Buffer.from(thumbprint, 'base64url').toString('hex')

/** The fingerprint in Cloudflare's documentation, and the thumbprint of the same bytes. */
const VECTOR = {
  hex: 'af363dc85bc942a892d3cee9796190fdb36d89cd588a4f1cb17c74a943439714',
  x5t: 'rzY9yFvJQqiS087peWGQ_bNtic1Yik8csXx0qUNDlxQ',
}

const stated = (id: string, cloudflare: Given['cloudflare'], given: Given = {}): SenderRow =>
  accepted(id, { ...given, cloudflare: cloudflare! }, ON_CLOUDFLARE)

const refusedFor = (problem: string, id: string, cloudflare: Given['cloudflare'], given: Given = {}) =>
  wrong(problem, id, { ...given, cloudflare: cloudflare! }, ON_CLOUDFLARE)

const PRESENTED: readonly SenderRow[] = [
  row('presented: the placeholder', MISSING, { certificate: null, cloudflare: {} }, ON_CLOUDFLARE),
  ...['0', '', '2', 'true', '1 '].map((certPresented) =>
    row(
      `presented: ${JSON.stringify(certPresented)}, with the facts of an earlier one`,
      MISSING,
      { cloudflare: { certPresented } },
      // The core gets what the Worker has read.
      ON_CLOUDFLARE,
    ),
  ),
  ...[true, 1, null, ['1'], undefined].map((certPresented) =>
    row(`presented: ${JSON.stringify(certPresented)}`, MISSING, { cloudflare: { certPresented } }, ON_WORKER),
  ),
  ...[{}, [], { tlsClientAuth: null }, { tlsClientAuth: 'x' }, { tlsClientAuth: [] }].map((cf) =>
    row(`presented: request.cf is ${JSON.stringify(cf)}`, MISSING, { cf }, ON_WORKER),
  ),
  accepted(
    'presented: beside other members of request.cf and of tlsClientAuth',
    { cloudflare: { certVersion: '3', certKey: 7, later: { any: 'thing' } } },
    ON_CLOUDFLARE,
  ),
]

const VERIFIED: readonly SenderRow[] = [
  ...[
    'NONE',
    '',
    'success',
    'SUCCESSFUL',
    'SUCCESS ',
    'FAILED',
    'FAILED:',
    'FAILED:self-signed certificate',
    'FAILED:unable to verify the first certificate',
    'GENEROUS',
  ].map((certVerified) => refusedFor('not_verified', JSON.stringify(certVerified), { certVerified })),
  ...[true, null, ['SUCCESS'], undefined].map((certVerified) =>
    refusedFor('not_verified', JSON.stringify(certVerified) ?? 'absent', { certVerified }),
  ),
]

const REVOKED: readonly SenderRow[] = [
  ...['1', '', 'false', '00', ' 0'].map((certRevoked) =>
    refusedFor('revoked', JSON.stringify(certRevoked), { certRevoked }),
  ),
  ...[false, 0, null, undefined].map((certRevoked) =>
    refusedFor('revoked', JSON.stringify(certRevoked) ?? 'absent', { certRevoked }),
  ),
]

const TIMES: readonly SenderRow[] = [
  stated('time: ends at this second', () => ({ certNotAfter: openSslTime(now()) })),
  refusedFor('expired', 'ended a second ago', () => ({ certNotAfter: openSslTime(now() - 1) })),
  row(
    'expired: a certificate of last week',
    refusedFor('expired', '', {}).expect,
    { certificate: 'past', boundTo: 'past' },
    { detail: { problem: 'expired' } },
  ),
  stated('time: a day of one digit, after two spaces', { certNotAfter: 'Aug  5 09:36:04 2099 GMT' }),
  stated('time: a leap day', { certNotAfter: 'Feb 29 23:59:59 2096 GMT' }),
  ...[
    'Dec 22 19:39:00 2018 GMT',
    '',
    '2099-12-22T19:39:00Z',
    'Dec 22 19:39:00 2099',
    'Dec 22 19:39:00 2099 UTC',
    'dec 22 19:39:00 2099 GMT',
    'ecJ 22 19:39:00 2099 GMT',
    'Dec 32 19:39:00 2099 GMT',
    'Feb 29 19:39:00 2099 GMT',
    'Dec 22 24:39:00 2099 GMT',
    'Dec 22 19:60:00 2099 GMT',
    'Dec 22 19:39:00 20999 GMT',
    'Dec 22 19:39:00 2099 GMT, Dec 22 19:39:00 2099 GMT',
    '4102444800',
  ].map((certNotAfter) => refusedFor('expired', JSON.stringify(certNotAfter), { certNotAfter })),
  ...[4_102_444_800, null, undefined].map((certNotAfter) =>
    refusedFor('expired', JSON.stringify(certNotAfter) ?? 'absent', { certNotAfter }),
  ),
]

/** A statement without the certificate itself. */
const withFingerprint =
  (toText: (hex: string) => unknown): Given['cloudflare'] =>
  ({ client }) => ({ certFingerprintSHA256: toText(hexOf(client.thumbprint)), certRFC9440: '' })

const FINGERPRINTS: readonly SenderRow[] = [
  stated(
    'fingerprint: in hexadecimal, lower case',
    withFingerprint((hex) => hex),
  ),
  stated(
    'fingerprint: the one in the documentation',
    { certFingerprintSHA256: VECTOR.hex, certRFC9440: '' },
    { cnf: { 'x5t#S256': VECTOR.x5t } },
  ),
  row(
    'fingerprint: one bit of it is another',
    MISMATCH,
    {
      cloudflare: { certFingerprintSHA256: VECTOR.hex.replace(/4$/, '5'), certRFC9440: '' },
      cnf: { 'x5t#S256': VECTOR.x5t },
    },
    ON_CLOUDFLARE,
  ),
  ...(
    [
      ['128 digits', (hex) => hex + hex],
      ['upper case', (hex) => hex.replace(/^./, 'A').toUpperCase()],
      ['empty', () => ''],
      ['SHA-1', (hex) => hex.slice(0, 40)],
      ['with colons', (hex) => hex.match(/../g)!.join(':')],
      ['with a line break behind it', (hex) => `${hex}\n`],
      ['in base64url', (hex) => Buffer.from(hex, 'hex').toString('base64url')],
      ['in a list', (hex) => [hex]],
      ['absent', () => undefined],
    ] satisfies readonly (readonly [string, (hex: string) => unknown])[]
  ).map(([id, toText]) => refusedFor('fingerprint', id, withFingerprint(toText))),
]

const structured = (der: Uint8Array): string => `:${Buffer.from(der).toString('base64')}:`

const SAME: readonly SenderRow[] = [
  stated('certRFC9440: of the same certificate', {}),
  stated('certRFC9440: empty, because it is too large', { certRFC9440: '', certRFC9440TooLarge: '1' }),
  stated('certRFC9440: absent', { certRFC9440: undefined }),
  ...(
    [
      ['of another certificate', ({ second }) => ({ certRFC9440: structured(derOf(second)) })],
      [
        'of another certificate, said to be too large',
        ({ second }) => ({ certRFC9440: structured(derOf(second)), certRFC9440TooLarge: '1' }),
      ],
      ['without colons', ({ client }) => ({ certRFC9440: structured(derOf(client)).slice(1, -1) })],
      ['cut', ({ client }) => ({ certRFC9440: structured(derOf(client).subarray(0, -1)) })],
      ['no base64', () => ({ certRFC9440: ':!:' })],
      ['empty between colons', () => ({ certRFC9440: '::' })],
    ] satisfies readonly (readonly [string, Given['cloudflare']])[]
  ).map(([id, cloudflare]) => row(`certRFC9440: ${id}`, UNRECOGNISED, { cloudflare }, ON_CLOUDFLARE)),
  row(
    'certRFC9440: of the certificate of the token, the fingerprint of another',
    UNRECOGNISED,
    { certificate: 'second', cloudflare: ({ client }) => ({ certRFC9440: structured(derOf(client)) }) },
    ON_CLOUDFLARE,
  ),
  row(
    'certRFC9440: of another certificate, the fingerprint of the token',
    UNRECOGNISED,
    {
      certificate: 'second',
      cloudflare: ({ client }) => ({ certFingerprintSHA256: hexOf(client.thumbprint) }),
    },
    ON_CLOUDFLARE,
  ),
]

/** What a caller over a service binding states: the fingerprint alone, or the facts of one platform. */
const CALLERS: readonly SenderRow[] = [
  ...(
    [
      ['sha256', ({ client }) => ({ sha256: hexOf(client.thumbprint) }), BOUND],
      ['sha256 of another certificate', ({ second }) => ({ sha256: hexOf(second.thumbprint) }), MISMATCH],
      ['no fact', {}, UNRECOGNISED],
      ['a fact of no platform', { verified: 'true' }, UNRECOGNISED],
      [
        'facts of Cloudflare, and sha256',
        ({ client, second }) => ({ ...toTlsClientAuth(second.pem), sha256: hexOf(client.thumbprint) }),
        UNRECOGNISED,
      ],
      [
        'that none was presented, and sha256',
        ({ client }) => ({ ...NO_TLS_CLIENT_AUTH, sha256: hexOf(client.thumbprint) }),
        UNRECOGNISED,
      ],
      [
        'facts of Cloudflare and of API Gateway',
        ({ client }) => ({ ...toTlsClientAuth(client.pem), clientCertPem: client.pem }),
        UNRECOGNISED,
      ],
    ] satisfies readonly (readonly [string, Given['facts'], SenderRow['expect']])[]
  ).map(([id, facts, expect]) => row(`caller: ${id}`, expect, { facts: facts! }, ON_CORE)),
  ...(
    [
      ['sha256 in upper case', (hex) => hex.replace(/^./, 'A').toUpperCase()],
      ['sha256 in base64url', (hex) => Buffer.from(hex, 'hex').toString('base64url')],
      ['sha256 empty', () => ''],
    ] satisfies readonly (readonly [string, (hex: string) => string])[]
  ).map(([id, toText]) =>
    wrong(
      'fingerprint',
      `caller: ${id}`,
      { facts: ({ client }) => ({ sha256: toText(hexOf(client.thumbprint)) }) },
      ON_CORE,
    ),
  ),
]

export const CLOUDFLARE_ROWS: readonly SenderRow[] = [
  accepted('cloudflare: a certificate', {}, ON_CLOUDFLARE),
  ...PRESENTED,
  ...VERIFIED,
  ...REVOKED,
  ...TIMES,
  ...FINGERPRINTS,
  ...SAME,
  ...CALLERS,
]

/** With `trust: "possession"`: whose key the client has, whatever became of the chain. RFC 8705 section 2.2. */
export const POSSESSION_ROWS: readonly SenderRow[] = [
  ...['FAILED:self-signed certificate', 'FAILED:unable to get local issuer certificate', 'SUCCESS'].map(
    (certVerified) => {
      const id = `possession: ${certVerified}`
      return stated(id, { certVerified }, { certificate: 'selfSigned', boundTo: 'selfSigned' })
    },
  ),
  row(
    'possession: another self-signed certificate',
    MISMATCH,
    { certificate: 'selfSigned', cloudflare: { certVerified: 'FAILED:self-signed certificate' } },
    ON_CLOUDFLARE,
  ),
  row('possession: no certificate', MISSING, { certificate: null }),
  ...['NONE', 'FAILED', 'failed:self-signed certificate', ' FAILED:', 'success', '', 'SUCCESSFUL'].map(
    (certVerified) =>
      refusedFor('not_verified', `possession, ${JSON.stringify(certVerified)}`, { certVerified }),
  ),
  ...(
    [
      ['revoked', { certRevoked: '1' }],
      ['expired', { certNotAfter: 'Dec 22 19:39:00 2018 GMT' }],
      ['fingerprint', { certFingerprintSHA256: '', certRFC9440: '' }],
    ] satisfies readonly (readonly [string, Members])[]
  ).map(([problem, members]) =>
    refusedFor(problem, 'possession', { certVerified: 'FAILED:self-signed certificate', ...members }),
  ),
  row(
    'possession: "0" with the facts of an earlier one',
    MISSING,
    { cloudflare: { certPresented: '0', certVerified: 'FAILED:self-signed certificate' } },
    ON_CLOUDFLARE,
  ),
]

/** With `issuerSki`. CVE-2025-23419: a certificate that was verified for another zone. */
export const ISSUER_ROWS: readonly SenderRow[] = [
  accepted('issuer: of a CA that is listed', {}, ON_CLOUDFLARE),
  accepted(
    'issuer: of a CA that is listed, in lower case',
    { cloudflare: ({ client }) => ({ certIssuerSKI: skiOf(client.pem).toLowerCase() }) },
    ON_CLOUDFLARE,
  ),
  refusedFor('issuer', 'of another CA of the same name', {}, { certificate: 'foreign', boundTo: 'foreign' }),
  ...(
    [
      ['empty', () => ''],
      ['absent', () => undefined],
      ['cut', (ski) => ski.slice(2)],
      ['longer', (ski) => `${ski}00`],
      ['with colons', (ski) => ski.match(/../g)!.join(':')],
      ['in a list', (ski) => [ski]],
    ] satisfies readonly (readonly [string, (ski: string) => unknown])[]
  ).map(([id, toText]) =>
    refusedFor('issuer', id, ({ client }) => ({ certIssuerSKI: toText(skiOf(client.pem)) })),
  ),
  ...(
    [
      ['sha256', ({ client }) => ({ sha256: hexOf(client.thumbprint) })],
      [
        'PEM',
        ({ client }) => ({
          clientCertPem: client.pem,
          'validity.notAfter': toTlsClientAuth(client.pem)['certNotAfter']!,
        }),
      ],
    ] satisfies readonly (readonly [string, Given['facts']])[]
  ).map(([id, facts]) => wrong('issuer', `caller: ${id}, which names no CA`, { facts: facts! }, ON_CORE)),
]

function skiOf(pem: string): string {
  return toTlsClientAuth(pem)['certIssuerSKI']!
}
