// Which tokens are accepted with which certificate and scheme: RFC 8705 section 3, RFC 7800 section 3.1. A token that
// is bound in two ways needs both proofs, and no other scheme or field makes a bound token an unbound one.

import { createHash } from 'node:crypto'
import { derOf, sha256Of } from '../../support/client-certificates.ts'
import { keyOf } from '../dpop/row.ts'
import { allow, deny, refused, reported, USER, type Field } from '../row.ts'
import type { SenderRow } from '../sender-row.ts'
import {
  accepted,
  BOUND,
  BOUND_TO_BOTH,
  jkt,
  MISMATCH,
  MISSING,
  ofIssuer,
  ON_CLOUDFLARE,
  proofFor,
  requestOf,
  row,
  sameToken,
  TOKEN_EDGE,
  UNBOUND,
  UNPROVEN,
  type Given,
} from './row.ts'

const none: Given = { certificate: null }
const unbound: Given = { isUnbound: true }
const both: Given = { isBoundToBoth: true }

const SCHEME = deny('credential_scheme', 401, 401)
const UNEXPECTED = deny('dpop_proof_unexpected', 400, 401)
const PROOF_MISSING = refused('dpop_proof_missing')

const ACCEPTED: readonly SenderRow[] = [
  accepted('GET', {}, TOKEN_EDGE),
  accepted('POST', { method: 'POST' }),
  accepted('a query', { query: 'page=2' }),
  ...['bearer ', 'BEARER ', 'Bearer   '].map((scheme) =>
    accepted(`scheme ${JSON.stringify(scheme)}`, { scheme }, TOKEN_EDGE),
  ),
  row('issuer mtls', ofIssuer('other'), { issuer: 'other' }, TOKEN_EDGE),
  row('issuer bound', ofIssuer('carried'), { issuer: 'carried' }, TOKEN_EDGE),
  accepted('route mtls', { path: '/mtls' }, TOKEN_EDGE),
  accepted('route bound', { path: '/bound' }, TOKEN_EDGE),
  row('no token on a public route', allow(null), { path: '/health', authorization: () => [] }),
  row('a bound token without a certificate on a public route', allow(null), { ...none, path: '/health' }),
]

const CERTIFICATES: readonly SenderRow[] = [
  row('no certificate', MISSING, none, TOKEN_EDGE),
  row('another certificate of the same CA and name', MISMATCH, { certificate: 'second' }),
  row('a certificate of another CA of the same name', MISMATCH, { certificate: 'foreign' }),
  row('the certificate of the CA', MISMATCH, { certificate: 'authority' }),
  row('no certificate, issuer mtls', MISSING, { ...none, issuer: 'other' }, TOKEN_EDGE),
  row('another certificate, issuer mtls', MISMATCH, { certificate: 'second', issuer: 'other' }),
  row('no certificate, route mtls', MISSING, { ...none, path: '/mtls' }, TOKEN_EDGE),
  row('another certificate, route mtls', MISMATCH, { certificate: 'second', path: '/mtls' }),
  row('no certificate, route bound', MISSING, { ...none, path: '/bound' }, TOKEN_EDGE),
]

/** Which tokens an issuer and a route take. */
const DEMANDS: readonly SenderRow[] = [
  row('unbound with a certificate', allow(USER), unbound, { onToken: allow(USER) }),
  row('unbound without one', allow(USER), { ...unbound, ...none }, { onToken: allow(USER) }),
  row(
    'unbound, a certificate that is revoked',
    allow(USER),
    { ...unbound, cloudflare: { certRevoked: '1' } },
    ON_CLOUDFLARE,
  ),
  ...['/mtls', '/bound', '/dpop'].map((path) =>
    row(`route ${path}, unbound with a certificate`, UNBOUND, { ...unbound, path }, { onToken: UNBOUND }),
  ),
  row(
    'issuer mtls, unbound with a certificate',
    UNBOUND,
    { ...unbound, issuer: 'other' },
    { onToken: UNBOUND },
  ),
  row(
    'issuer bound, unbound with a certificate',
    UNBOUND,
    { ...unbound, issuer: 'carried' },
    { onToken: UNBOUND },
  ),
  row('route none', UNPROVEN, { path: '/none' }, { onToken: UNPROVEN }),
  row('route none, unbound', allow(USER), { ...unbound, path: '/none' }, { onToken: allow(USER) }),
  row('route dpop', UNPROVEN, { path: '/dpop' }, { onToken: UNPROVEN }),
  row('issuer none', UNPROVEN, { issuer: 'careless' }, { onToken: UNPROVEN }),
  row('issuer none, route mtls', UNPROVEN, { issuer: 'careless', path: '/mtls' }),
  row('issuer none, unbound on a route that demands mtls', UNBOUND, {
    ...unbound,
    issuer: 'careless',
    path: '/mtls',
  }),
  row('scope that the token lacks', deny('insufficient_scope', 403, 403), { path: '/write' }),
]

const withProof = ({ token }: { readonly token: string }): readonly Field[] => [['DPoP', proofFor(token)]]

const SCHEMES: readonly SenderRow[] = [
  row(
    'scheme DPoP',
    refused('dpop_scheme_unbound'),
    { scheme: 'DPoP ' },
    { onToken: refused('dpop_scheme_unbound') },
  ),
  row('scheme DPoP with a proof', refused('dpop_scheme_unbound'), { scheme: 'DPoP ', fields: withProof }),
  row('Bearer with a proof', UNEXPECTED, { fields: withProof }),
  row('Bearer with an empty DPoP field', UNEXPECTED, { fields: () => [['DPoP', '']] }),
  row('issuer mtls, scheme DPoP', SCHEME, { issuer: 'other', scheme: 'DPoP ' }, { onToken: SCHEME }),
  row('issuer mtls, a DPoP field that nobody looks at', ofIssuer('other'), {
    issuer: 'other',
    fields: withProof,
  }),
  row('scheme mTLS', SCHEME, { scheme: 'mTLS ' }),
  row('two Authorization fields', deny('credential_repeated', 400, 401), {
    authorization: (token) => [`Bearer ${token}`, `Bearer ${token}`],
  }),
  row('a token in the query', deny('credential_in_query', 400, 401), { query: 'access_token=x' }),
  row('no token', deny('credential_missing', 401, 401), { authorization: () => [] }),
]

const cnf = (id: string, given: Given['cnf'], expect = MISMATCH): SenderRow =>
  row(`cnf ${id}`, expect, { cnf: given! })

const x5t =
  (toValue: (thumbprint: string) => unknown): Given['cnf'] =>
  (made) => ({
    'x5t#S256': toValue(made.client.thumbprint),
  })

const CONFIRMATIONS: readonly SenderRow[] = [
  accepted('cnf with an unknown member beside x5t#S256', {
    cnf: ({ client }) => ({ 'x5t#S256': client.thumbprint, kid: 'x', foo: { bar: 1 } }),
  }),
  accepted('cnf with x5t of another certificate beside x5t#S256', {
    cnf: ({ client, second }) => ({ 'x5t#S256': client.thumbprint, x5t: sha1(derOf(second)) }),
  }),
  cnf(
    'in hexadecimal',
    x5t((text) => Buffer.from(text, 'base64url').toString('hex')),
  ),
  cnf(
    'padded',
    x5t((text) => `${text}=`),
  ),
  cnf(
    'in base64',
    x5t((text) => Buffer.from(text, 'base64url').toString('base64')),
  ),
  cnf(
    'in lower case',
    x5t((text) => text.toLowerCase()),
  ),
  cnf(
    'cut',
    x5t((text) => text.slice(0, -1)),
  ),
  cnf(
    'longer',
    x5t((text) => `${text}A`),
  ),
  cnf(
    'with a space behind it',
    x5t((text) => `${text} `),
  ),
  cnf('with other spare bits', x5t(withSpareBits)),
  cnf(
    'empty',
    x5t(() => ''),
  ),
  cnf('SHA-1 in its place', ({ client }) => ({ 'x5t#S256': sha1(derOf(client)) })),
  cnf('of the text', ({ client }) => ({ 'x5t#S256': sha256Of(client.pem) })),
  cnf(
    'the fingerprint as Cloudflare writes it',
    x5t((text) => Buffer.from(text, 'base64url').toString('hex')),
  ),
  cnf('x5t alone', ({ client }) => ({ x5t: sha1(derOf(client)) }), UNPROVEN),
  cnf('x5t with SHA-256', ({ client }) => ({ x5t: client.thumbprint }), UNPROVEN),
  cnf('X5T#S256', ({ client }) => ({ 'X5T#S256': client.thumbprint }), UNPROVEN),
  cnf(
    'in a list',
    x5t((text) => [text]),
    UNPROVEN,
  ),
  cnf(
    'as an object',
    x5t((text) => ({ sha256: text })),
    UNPROVEN,
  ),
  cnf(
    'null',
    x5t(() => null),
    UNPROVEN,
  ),
  cnf('itself a text', ({ client }) => client.thumbprint, UNPROVEN),
  cnf('with jkt null beside it', ({ client }) => ({ 'x5t#S256': client.thumbprint, jkt: null }), UNPROVEN),
  row('cnf {}', UNPROVEN, { cnf: {} }, { onToken: UNPROVEN }),
  row('cnf that is null', UNPROVEN, { cnf: null }, { onToken: UNPROVEN }),
  row('x5t#S256 beside an empty cnf', UNPROVEN, { cnf: {}, claims: { 'x5t#S256': 'x' } }),
  row('x5t#S256 without cnf', allow(USER), { isUnbound: true, claims: { 'x5t#S256': 'x' } }),
]

function sha1(content: Uint8Array): string {
  return createHash('sha1').update(content).digest('base64url')
}

/** The same bytes for a decoder that ignores the two spare bits. */
function withSpareBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)!) + 1]!
}

const proven = (id: string, given: Given = {}): SenderRow =>
  row(`both: ${id}`, BOUND_TO_BOTH, { ...both, ...given })

const unproven = (id: string, expect: SenderRow['expect'], given: Given): SenderRow =>
  row(`both: ${id}`, expect, { ...both, ...given })

/** Tokens that are bound to a DPoP key and to a certificate. */
const BOTH: readonly SenderRow[] = [
  row('both: certificate and proof', BOUND_TO_BOTH, both, TOKEN_EDGE),
  ...['/mtls', '/dpop', '/bound'].map((path) => proven(`certificate and proof, route ${path}`, { path })),
  row('both: certificate and proof, introspected', allow({ ...USER, issuer: 'intro', sender: 'dpop mtls' }), {
    ...both,
    issuer: 'intro',
  }),
  unproven('no certificate', MISSING, none),
  unproven('another certificate', MISMATCH, { certificate: 'second' }),
  unproven('no proof', PROOF_MISSING, { fields: () => [] }),
  unproven('no proof, as Bearer', UNPROVEN, { fields: () => [], scheme: 'Bearer ' }),
  unproven('a proof, as Bearer', UNPROVEN, { scheme: 'Bearer ' }),
  unproven('a proof of another key', refused('dpop_key_mismatch'), {
    fields: ({ token }) => [['DPoP', proofFor(token, '/orders', keyOf('second'))]],
  }),
  unproven('a proof of another route', refused('dpop_proof_invalid'), {
    fields: ({ token }) => [['DPoP', proofFor(token, '/admin')]],
  }),
  unproven('neither', MISSING, { ...none, fields: () => [] }),
  ...['/mtls', '/dpop', '/bound'].flatMap((path) => [
    unproven(`no certificate, route ${path}`, MISSING, { ...none, path }),
    unproven(`no proof, route ${path}`, PROOF_MISSING, { path, fields: () => [] }),
  ]),
  unproven('route none, as DPoP', SCHEME, { path: '/none' }),
  unproven('route none, as Bearer', UNPROVEN, { path: '/none', scheme: 'Bearer ' }),
  unproven('issuer mtls, as DPoP', SCHEME, { issuer: 'other' }),
  unproven('issuer mtls, as Bearer', UNPROVEN, { issuer: 'other', scheme: 'Bearer ', fields: () => [] }),
  {
    ...row('both: a certificate that is refused uses no proof up', BOUND_TO_BOTH, {}, { before: MISSING }),
    async requests(world) {
      const { certificate, ...without } = await requestOf(world, both)
      return [without, { ...without, certificate: certificate! }]
    },
  },
]

/** Tokens that are bound to a DPoP key alone, and come with a certificate that they know nothing of. */
const ONLY_DPOP: readonly SenderRow[] = [
  row('bound to a DPoP key, with a certificate', allow({ ...USER, sender: 'dpop' }), {
    ...both,
    cnf: () => ({ jkt: jkt() }),
  }),
  row('bound to a DPoP key, with a certificate and no proof', PROOF_MISSING, {
    ...both,
    cnf: () => ({ jkt: jkt() }),
    fields: () => [],
  }),
  row('bound to a DPoP key, route mtls', UNPROVEN, { ...both, cnf: () => ({ jkt: jkt() }), path: '/mtls' }),
  row('bound to a DPoP key, issuer mtls', SCHEME, { ...both, cnf: () => ({ jkt: jkt() }), issuer: 'other' }),
]

const opaque = (id: string, expect: SenderRow['expect'], given: Given = {}): SenderRow =>
  row(`introspected: ${id}`, expect, { issuer: 'intro', ...given })

/** RFC 8705 section 3.2. */
const INTROSPECTED: readonly SenderRow[] = [
  row('introspected: a certificate', ofIssuer('intro'), { issuer: 'intro' }, TOKEN_EDGE),
  opaque('token_type bearer', ofIssuer('intro'), { claims: { token_type: 'bearer' } }),
  opaque('token_type DPoP, bound to a certificate alone', UNPROVEN, { claims: { token_type: 'DPoP' } }),
  opaque('no certificate', MISSING, none),
  opaque('another certificate', MISMATCH, { certificate: 'second' }),
  opaque('cnf {}', UNPROVEN, { cnf: {} }),
  opaque('unbound', allow({ ...USER, issuer: 'intro' }), unbound),
  opaque('not active', refused('token_inactive'), { claims: { active: false } }),
]

const field = (
  id: string,
  name: string,
  toValue: (made: { readonly pem: string; readonly der: Buffer; readonly hex: string }) => string,
): SenderRow =>
  row(`forged: ${id}`, MISSING, {
    ...none,
    fields: ({ client }) => {
      const der = derOf(client)
      const hex = Buffer.from(client.thumbprint, 'base64url').toString('hex')
      return [[name, toValue({ pem: client.pem, der, hex })]]
    },
  })

/** Fields of proxies, which count only where the configuration names one: test/cases/mtls/header.ts. */
const FORGED: readonly SenderRow[] = [
  field('Client-Cert', 'Client-Cert', ({ der }) => `:${der.toString('base64')}:`),
  field('X-Forwarded-Client-Cert', 'X-Forwarded-Client-Cert', ({ hex }) => `Hash=${hex};Subject="CN=client"`),
  field('X-Amzn-Mtls-Clientcert', 'X-Amzn-Mtls-Clientcert', ({ pem }) => encodeURIComponent(pem)),
  field('X-Amzn-Mtls-Clientcert-Leaf', 'X-Amzn-Mtls-Clientcert-Leaf', ({ pem }) => encodeURIComponent(pem)),
  field('CloudFront-Viewer-Cert-Sha256', 'CloudFront-Viewer-Cert-Sha256', ({ hex }) => hex),
  field('CF-Client-Cert-Sha256', 'CF-Client-Cert-Sha256', ({ hex }) => hex),
  field('X-Client-Cert', 'X-Client-Cert', ({ pem }) => encodeURIComponent(pem)),
  field('SSL-Client-Cert', 'SSL-Client-Cert', ({ pem }) => encodeURIComponent(pem)),
  row('forged: Client-Cert beside another certificate', MISMATCH, {
    certificate: 'second',
    fields: ({ client }) => [['Client-Cert', `:${derOf(client).toString('base64')}:`]],
  }),
]

/** What is decided about a request is decided about the next one anew: a resumed connection may state another one. */
const AGAIN: readonly SenderRow[] = [
  sameToken('again: the same certificate', BOUND, [{}, {}]),
  sameToken('again: another certificate', MISMATCH, [{}, { certificate: 'second' }]),
  sameToken('again: no certificate', MISSING, [{}, none]),
  sameToken('again: after another certificate', BOUND, [{ certificate: 'second' }, {}], { before: MISMATCH }),
  sameToken('again: on another route', MISMATCH, [{}, { certificate: 'second', path: '/admin' }]),
  sameToken('again: on a route that takes no bound token', UNPROVEN, [{}, { path: '/none' }]),
  sameToken(
    'again: revoked',
    refused('client_certificate_refused'),
    [{}, { cloudflare: { certRevoked: '1' } }],
    {
      ...ON_CLOUDFLARE,
      detail: { problem: 'revoked' },
    },
  ),
  sameToken(
    'again: unverified',
    refused('client_certificate_refused'),
    [{}, { cloudflare: { certVerified: 'FAILED:certificate has expired' } }],
    { ...ON_CLOUDFLARE, detail: { problem: 'not_verified' } },
  ),
  sameToken(
    'again: introspected, another certificate',
    MISMATCH,
    [{ issuer: 'intro' }, { issuer: 'intro', certificate: 'second' }],
    { before: ofIssuer('intro') },
  ),
  {
    ...row('again: another token of the same client', MISMATCH, {}),
    requests: async (world) => [await requestOf(world, {}), await requestOf(world, { boundTo: 'second' })],
  },
]

const REPORT_ONLY: readonly SenderRow[] = [
  row('report-only: a certificate', BOUND, { path: '/trial' }),
  row('report-only: no certificate', reported('client_certificate_missing'), { ...none, path: '/trial' }),
  row('report-only: another certificate', reported('client_certificate_mismatch'), {
    certificate: 'second',
    path: '/trial',
  }),
]

/** The handshake of a WebSocket API states no certificate. */
const HANDSHAKES: readonly SenderRow[] = [
  row('websocket: no certificate', MISSING, { ...none, path: '$connect' }),
  row('websocket: unbound', allow(USER), { ...unbound, ...none, path: '$connect' }),
]

export const TOKEN_ROWS: readonly SenderRow[] = [
  ...ACCEPTED,
  ...CERTIFICATES,
  ...DEMANDS,
  ...SCHEMES,
  ...CONFIRMATIONS,
  ...BOTH,
  ...ONLY_DPOP,
  ...INTROSPECTED,
  ...FORGED,
  ...AGAIN,
  ...REPORT_ONLY,
  ...HANDSHAKES,
]

/** Where tokens may be bound to a certificate alone, nobody knows of DPoP. */
export const ALONE_ROWS: readonly SenderRow[] = [
  accepted('alone: a certificate', {}, TOKEN_EDGE),
  row('alone: no certificate', MISSING, none, TOKEN_EDGE),
  row('alone: another certificate', MISMATCH, { certificate: 'second' }),
  row('alone: unbound', UNBOUND, unbound, { onToken: UNBOUND }),
  row('alone: scheme DPoP', SCHEME, { scheme: 'DPoP ' }, { onToken: SCHEME }),
  accepted('alone: a DPoP field that nobody looks at', { fields: withProof }),
  row('alone: bound to both, as Bearer', UNPROVEN, { ...both, scheme: 'Bearer ', fields: () => [] }),
  row('alone: bound to a DPoP key, as Bearer', UNPROVEN, { cnf: () => ({ jkt: jkt() }) }),
]
