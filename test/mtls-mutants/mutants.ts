// Mutants of a good request with a token that is bound to a client certificate: every place of every fact, changed one
// at a time. Rows (test/cases/mtls) say what incidents were about; these miss no byte.

import { toClientCert, toTlsClientAuth } from '../../local/client-certificates/platform-facts.ts'
import type { Certified } from '../../local/client-certificates/certificates.ts'
import type { FailureCode } from '../../shared/index.ts'
import { FIELD, GUARD, SECRET } from '../cases/mtls/header.ts'
import type { CaseRequest, EdgeName, PresentedCertificate } from '../cases/row.ts'
import { derOf } from '../support/client-certificates.ts'

/** What a rule makes its mutants of. */
export interface Good {
  readonly client: Certified
  /** A request with a token that is bound to `client`, and no certificate. */
  readonly request: CaseRequest
  /** A request with a token with another thumbprint. */
  requestFor(x5t: string): Promise<CaseRequest>
}

export interface Mutant {
  readonly name: string
  readonly request: CaseRequest | Promise<CaseRequest>
}

export interface Rule {
  readonly name: string
  /** Section of the standard, or the page of the platform, that the fact is from. */
  readonly source: string
  readonly edges: readonly EdgeName[]
  /** The configuration: that of the rows about certificates in TLS, or in a field. */
  readonly suite: 'mtls' | 'mtls header rfc9440'
  /** Why a mutant is refused: each for one of these. */
  readonly codes: readonly FailureCode[]
  /** The request that passes. */
  readonly good: (good: Good) => CaseRequest
  readonly mutants: (good: Good) => readonly Mutant[]
}

const CLOUDFLARE: readonly EdgeName[] = ['core', 'worker']
const API_GATEWAY: readonly EdgeName[] = ['rest REQUEST', 'http 2.0 simple', 'http 2.0 policy', 'http 1.0']
const WITH_CERTIFICATE: readonly EdgeName[] = [...CLOUDFLARE, ...API_GATEWAY]
const WITH_FIELDS: readonly EdgeName[] = [...WITH_CERTIFICATE, 'websocket']

const MISMATCH = 'client_certificate_mismatch'
const MISSING = 'client_certificate_missing'
const REFUSED = 'client_certificate_refused'

const presented = ({ client, request }: Good, more: PresentedCertificate = {}): CaseRequest => ({
  ...request,
  certificate: { pem: client.pem, ...more },
})

/** One text for every place, with another character there. */
const changedAt = (text: string, change: (character: string) => string): string[] =>
  [...text].map((character, at) => text.slice(0, at) + change(character) + text.slice(at + 1))

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const nextOf = (alphabet: string, character: string): string =>
  alphabet[(alphabet.indexOf(character) + 1) % alphabet.length]!

const nextHex = (character: string): string => nextOf('0123456789abcdef', character)

/** Every text that is cut, longer or in another case by one change. */
const spellingsOf = (text: string): string[] =>
  [
    ...changedAt(text, () => ''),
    ...[' ', '\t', '\u0000', '0', '='].flatMap((piece) => [text + piece, piece + text]),
    text + text,
    text.toUpperCase(),
    text.toLowerCase(),
    '',
  ].filter((spelling) => spelling !== text)

const named = (requests: readonly CaseRequest[], name: string): Mutant[] =>
  requests.map((request, index) => ({ name: `${name}, ${index}`, request }))

/** A certificate with the lowest bit of one byte changed, for every byte. */
const bytesOf = (client: Certified): Buffer[] =>
  Array.from(derOf(client), (byte, at) => {
    const der = Buffer.from(derOf(client))
    der[at] = byte ^ 1
    return der
  })

const pemOf = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`

const fieldOf = (der: Uint8Array): string => `:${Buffer.from(der).toString('base64')}:`

const inFields = (
  { request, client }: Good,
  value = fieldOf(derOf(client)),
  secret = SECRET,
): CaseRequest => ({
  ...request,
  fields: [
    [GUARD, secret],
    [FIELD, value],
  ],
})

/** HTTP servers take white space around a value away, and the names of these tests allow no control characters. */
const isCarried = (value: string): boolean => /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)

const READ = [
  'certPresented',
  'certVerified',
  'certRevoked',
  'certFingerprintSHA256',
  'certNotAfter',
] as const

export const RULES: readonly Rule[] = [
  {
    name: 'the thumbprint in the token',
    source: 'RFC 8705 section 3.1',
    edges: WITH_CERTIFICATE,
    suite: 'mtls',
    codes: [MISMATCH],
    good: presented,
    mutants: (good) => {
      const { thumbprint } = good.client
      const texts = [
        ...changedAt(thumbprint, (character) => nextOf(BASE64URL, character)),
        ...spellingsOf(thumbprint),
        Buffer.from(thumbprint, 'base64url').toString('hex'),
      ]
      return texts.map((x5t) => ({
        name: JSON.stringify(x5t),
        request: good.requestFor(x5t).then((request) => presented({ ...good, request })),
      }))
    },
  },
  {
    name: 'certFingerprintSHA256',
    source: 'Cloudflare, client certificate variables',
    edges: CLOUDFLARE,
    suite: 'mtls',
    codes: [MISMATCH, REFUSED],
    good: (good) => presented(good, { cloudflare: { certRFC9440: '' } }),
    mutants: (good) => {
      const hex = Buffer.from(good.client.thumbprint, 'base64url').toString('hex')
      const texts = [...changedAt(hex, nextHex), ...spellingsOf(hex)]
      return named(
        texts.map((certFingerprintSHA256) =>
          presented(good, { cloudflare: { certFingerprintSHA256, certRFC9440: '' } }),
        ),
        'another digit or length',
      )
    },
  },
  {
    name: 'the other members of tlsClientAuth',
    source: 'Cloudflare, client certificate variables',
    edges: CLOUDFLARE,
    suite: 'mtls',
    // Facts without a text in `certPresented` are those of no platform.
    codes: [MISSING, REFUSED, 'request_unrecognised'],
    good: presented,
    mutants: (good) => {
      const facts = toTlsClientAuth(good.client.pem)
      return READ.flatMap((name) => {
        const value = facts[name]!
        // A day of one digit has several forms, all of which are read.
        const texts = spellingsOf(value).filter(
          (text) => name !== 'certNotAfter' || !/^[A-Z][a-z]{2} [ \d]?\d [\d:]{8} \d{4} GMT$/.test(text),
        )
        const others = [undefined, null, true, 1, [value], { value }]
        return [...texts, ...others].map((other) => ({
          name: `${name} ${JSON.stringify(other)}`,
          request: presented(good, { cloudflare: { [name]: other } }),
        }))
      })
    },
  },
  {
    name: 'certRFC9440 beside the fingerprint',
    source: 'RFC 9440 section 2',
    edges: CLOUDFLARE,
    suite: 'mtls',
    codes: ['request_unrecognised'],
    good: presented,
    mutants: (good) =>
      named(
        bytesOf(good.client).map((der) => presented(good, { cloudflare: { certRFC9440: fieldOf(der) } })),
        'a byte',
      ),
  },
  {
    name: 'clientCertPem',
    source: 'RFC 7468 section 5; API Gateway, mutual TLS',
    edges: API_GATEWAY,
    suite: 'mtls',
    codes: [MISMATCH, REFUSED, MISSING],
    good: presented,
    mutants: (good) => {
      const { pem } = good.client
      const lines = pem.trimEnd().split('\n')
      const without = lines.map((_, at) => lines.toSpliced(at, 1).join('\n'))
      const twice = lines.slice(0, -1).map((line, at) => lines.toSpliced(at, 0, line).join('\n'))
      const markers = [lines[0]!, lines.at(-1)!].flatMap((line) =>
        changedAt(line, (character) => (character === 'X' ? 'Y' : 'X')).map((text) =>
          pem.replace(line, text),
        ),
      )
      const texts = [...bytesOf(good.client).map(pemOf), ...without, ...twice, ...markers]
      const others = [undefined, null, [pem], { pem }, '']
      return [...texts, ...others].map((clientCertPem, index) => ({
        name: `text ${index}`,
        request: presented(good, { aws: { clientCertPem } }),
      }))
    },
  },
  {
    name: 'validity.notAfter',
    source: 'API Gateway, mutual TLS',
    edges: API_GATEWAY,
    suite: 'mtls',
    codes: [REFUSED],
    good: presented,
    mutants: (good) => {
      const { notAfter } = toClientCert(good.client.pem).validity
      const texts = changedAt(notAfter, () => 'x')
      const others = [undefined, null, {}, { notAfter: null }, { notAfter: [notAfter] }, [notAfter], notAfter]
      return [...texts.map((text) => ({ notAfter: text })), ...others].map((validity) => ({
        name: JSON.stringify(validity) ?? 'absent',
        request: presented(good, { aws: { validity } }),
      }))
    },
  },
  {
    name: 'the field behind the guard',
    source: 'RFC 9440 section 2',
    edges: WITH_FIELDS,
    suite: 'mtls header rfc9440',
    codes: [MISMATCH, REFUSED],
    good: inFields,
    mutants: (good) => {
      const field = fieldOf(derOf(good.client))
      const texts = [
        ...bytesOf(good.client).map(fieldOf),
        `${field},`,
        `,${field}`,
        `${field};a`,
        field.slice(1),
        field.slice(0, -1),
        `"${field}"`,
      ]
      return named(
        texts.map((text) => inFields(good, text)),
        'value',
      )
    },
  },
  {
    name: 'the guard',
    source: 'RFC 9440 section 4',
    edges: WITH_FIELDS,
    suite: 'mtls header rfc9440',
    codes: [MISSING],
    good: inFields,
    mutants: (good) => {
      const texts = [
        ...changedAt(SECRET, (character) => (character === 'x' ? 'y' : 'x')),
        ...spellingsOf(SECRET),
      ]
      return named(
        texts.filter(isCarried).map((secret) => inFields(good, undefined, secret)),
        'secret',
      )
    },
  },
]
