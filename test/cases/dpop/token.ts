// Which tokens are accepted with which scheme and how many proofs: RFC 9449 sections 6 and 7, RFC 7800 section 3.1. A
// bound token never passes without its proof, and no other scheme or field makes it an unbound one.

import { OTHER_AUDIENCE } from '../../support/case-world.ts'
import { allow, deny, refused, USER, type Expectation } from '../row.ts'
import {
  accepted,
  keyOf,
  MISSING,
  none,
  ofIssuer,
  row,
  SCHEME,
  TOKEN_EDGE,
  UNPROVEN,
  withClaims,
  wrong,
  type Given,
} from './row.ts'
import type { SenderRow } from '../sender-row.ts'

const ACCEPTED: readonly SenderRow[] = [
  accepted('GET', {}, TOKEN_EDGE),
  accepted('POST', { method: 'POST' }),
  accepted('HEAD', { method: 'HEAD' }),
  ...(['ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const).map((key) => accepted(key, { key })),
  ...(['dpop ', 'DPOP ', 'DPoP   '] as const).map((scheme) =>
    accepted(`scheme ${JSON.stringify(scheme)}`, { scheme }, TOKEN_EDGE),
  ),
  accepted('the field in lower case', { fields: (proof) => [['dpop', proof]] }),
  accepted('a query, which no proof covers', { query: 'page=2' }),
  row('issuer dpop', ofIssuer('other'), { issuer: 'other', claims: { aud: OTHER_AUDIENCE } }, TOKEN_EDGE),
  accepted('route dpop', { path: '/dpop' }),
  accepted('route bound', { path: '/bound' }),
  row('no token on a public route', allow(null), { path: '/health', authorization: () => [] }),
  accepted('with members of the header that nobody acts on', {
    proof: ({ attacker }) => ({
      header: {
        kid: 'x',
        jku: attacker.jwksUri,
        x5u: attacker.jwksUri,
        x5c: ['AAAA'],
        b64: false,
        cty: 'JWT',
      },
    }),
  }),
  withClaims('with claims that nobody knows', { sub: 'mallory', scope: 'admin', aud: 'x' }),
]

const CREDENTIALS: readonly SenderRow[] = [
  row(
    'unbound as Bearer',
    allow(USER),
    { isUnbound: true, scheme: 'Bearer ', fields: none },
    {
      onToken: allow(USER),
    },
  ),
  row('unbound as Bearer, with a proof', deny('dpop_proof_unexpected', 400, 401), {
    ...{ isUnbound: true, scheme: 'Bearer ' },
  }),
  row('unbound as Bearer, with an empty DPoP field', deny('dpop_proof_unexpected', 400, 401), {
    ...{ isUnbound: true, scheme: 'Bearer ', fields: () => [['DPoP', '']] },
  }),
  row(
    'unbound as DPoP',
    refused('dpop_scheme_unbound'),
    { isUnbound: true, fields: none },
    {
      onToken: refused('dpop_scheme_unbound'),
    },
  ),
  row('unbound as DPoP, with a proof', refused('dpop_scheme_unbound'), { isUnbound: true }),
  row('bound as Bearer', UNPROVEN, { scheme: 'Bearer ', fields: none }, TOKEN_EDGE),
  row('bound as Bearer, with a good proof', UNPROVEN, { scheme: 'Bearer ' }),
  row('bound as DPoP, without a proof', refused('dpop_proof_missing'), { fields: none }, TOKEN_EDGE),
  wrong('repeated', 'the same proof in two fields', {
    fields: (proof) => [
      ['DPoP', proof],
      ['DPoP', proof],
    ],
  }),
  wrong('repeated', 'two casings of the field', {
    fields: (proof) => [
      ['DPoP', proof],
      ['dpop', proof],
    ],
  }),
  wrong('repeated', 'a good proof before another text', {
    fields: (proof) => [
      ['DPoP', proof],
      ['DPoP', 'x'],
    ],
  }),
  wrong('repeated', 'a good proof after another text', {
    fields: (proof) => [
      ['DPOP', 'x'],
      ['DPoP', proof],
    ],
  }),
  wrong('repeated', 'two in one field', { fields: (proof) => [['DPoP', `${proof},${proof}`]] }),
  wrong('repeated', 'a comma after it', { fields: (proof) => [['DPoP', `${proof},`]] }),
  wrong('malformed', 'an empty field', { fields: () => [['DPoP', '']] }),
  row('a proof in the query', refused('dpop_proof_missing'), { query: 'DPoP=x&dpop=x', fields: none }),
  row('a proof in another field', refused('dpop_proof_missing'), {
    fields: (proof) => [
      ['X-DPoP', proof],
      ['DPoP-Proof', proof],
    ],
  }),
  row('two Authorization fields', deny('credential_repeated', 400, 401), {
    authorization: (token) => [`DPoP ${token}`, `DPoP ${token}`],
  }),
  row('Bearer and DPoP in two fields', deny('credential_repeated', 400, 401), {
    authorization: (token) => [`Bearer ${token}`, `DPoP ${token}`],
  }),
  row('two tokens in one field', deny('credential_repeated', 400, 401), {
    authorization: (token) => [`DPoP ${token}, DPoP ${token}`],
  }),
  row('a token in the query', deny('credential_in_query', 400, 401), { query: 'access_token=x' }),
  row('no token', deny('credential_missing', 401, 401), { authorization: () => [] }),
  row('scheme DPoP and a tab', refused('credential_malformed'), { scheme: 'DPoP\t' }),
  row('scheme DPoP without a token', refused('credential_malformed'), { authorization: () => ['DPoP'] }),
  row('scheme DPoPs', SCHEME, { scheme: 'DPoPs ' }),
  row('scheme Basic', SCHEME, { scheme: 'Basic ' }),
]

/** Which tokens an issuer and a route take. */
const DEMANDS: readonly SenderRow[] = [
  row(
    'issuer dpop, unbound as Bearer',
    MISSING,
    {
      ...{ issuer: 'other', isUnbound: true, scheme: 'Bearer ', fields: none },
    },
    { onToken: MISSING },
  ),
  row('issuer dpop, unbound as DPoP with a proof', MISSING, { issuer: 'other', isUnbound: true }),
  row('issuer dpop, bound as Bearer', UNPROVEN, { issuer: 'other', scheme: 'Bearer ' }),
  ...['/dpop', '/bound'].flatMap((path) => [
    row(
      `route ${path}, unbound as Bearer`,
      MISSING,
      { path, isUnbound: true, scheme: 'Bearer ', fields: none },
      {
        onToken: MISSING,
      },
    ),
    row(`route ${path}, bound as Bearer`, UNPROVEN, { path, scheme: 'Bearer ' }),
    row(`route ${path}, no proof`, refused('dpop_proof_missing'), { path, fields: none }),
  ]),
  row(
    'route none, unbound as Bearer',
    allow(USER),
    {
      ...{ path: '/none', isUnbound: true, scheme: 'Bearer ', fields: none },
    },
    { onToken: allow(USER) },
  ),
  row('route none, unbound as Bearer, and a DPoP field that nobody looks at', allow(USER), {
    ...{ path: '/none', isUnbound: true, scheme: 'Bearer ' },
  }),
  row('route none, bound as Bearer', UNPROVEN, { path: '/none', scheme: 'Bearer ' }),
  row('route none, bound with a good proof', SCHEME, { path: '/none' }),
  row('route none, unbound as DPoP', SCHEME, { path: '/none', isUnbound: true }),
  row('issuer none, unbound as Bearer', allow({ ...USER, issuer: 'careless' }), {
    ...{ issuer: 'careless', isUnbound: true, scheme: 'Bearer ' },
  }),
  row('issuer none, bound as Bearer', UNPROVEN, { issuer: 'careless', scheme: 'Bearer ' }),
  row('issuer none, bound with a good proof', SCHEME, { issuer: 'careless' }),
  row('issuer none, unbound as DPoP', SCHEME, { issuer: 'careless', isUnbound: true }),
  row('issuer none on a route that demands DPoP', SCHEME, { issuer: 'careless', path: '/dpop' }),
  row('issuer none on a route that demands DPoP, unbound', MISSING, {
    ...{ issuer: 'careless', path: '/dpop', isUnbound: true, scheme: 'Bearer ', fields: none },
  }),
]

const jkt = () => keyOf('ES256').jkt

/** The thumbprint of a certificate; no row here has one. test/cases/mtls is about those. */
const X5T = 'A'.repeat(43)
const NO_CERTIFICATE = refused('client_certificate_missing')

/** `cnf` in every form. RFC 7800 section 3.1. */
const CONFIRMATIONS: readonly SenderRow[] = [
  ...[null, [], {}, 'x', 7, { kid: 'x' }, { jkt: 7 }, { jkt: null }, { jkt: ['x'] }].flatMap((cnf) => [
    row(`cnf ${JSON.stringify(cnf)}`, UNPROVEN, { cnf }, TOKEN_EDGE),
    row(
      `cnf ${JSON.stringify(cnf)} as Bearer`,
      UNPROVEN,
      { cnf, scheme: 'Bearer ', fields: none },
      TOKEN_EDGE,
    ),
  ]),
  row(
    'cnf with x5t#S256 alone, as DPoP',
    refused('dpop_scheme_unbound'),
    { cnf: { 'x5t#S256': X5T } },
    { onToken: refused('dpop_scheme_unbound') },
  ),
  row(
    'cnf with x5t#S256 alone, as Bearer',
    NO_CERTIFICATE,
    { cnf: { 'x5t#S256': X5T }, scheme: 'Bearer ', fields: none },
    { onToken: NO_CERTIFICATE },
  ),
  row('cnf with x5t#S256 alone, as Bearer with a proof', deny('dpop_proof_unexpected', 400, 401), {
    ...{ cnf: { 'x5t#S256': X5T }, scheme: 'Bearer ' },
  }),
  accepted('cnf with an unknown member beside jkt', { cnf: () => ({ jkt: jkt(), foo: { bar: 1 } }) }),
  ...(
    [
      ['jkt and x5t#S256', () => ({ jkt: jkt(), 'x5t#S256': X5T }), NO_CERTIFICATE],
      ['jkt padded', () => ({ jkt: `${jkt()}=` }), refused('dpop_key_mismatch')],
      [
        'jkt in hex',
        () => ({ jkt: Buffer.from(jkt(), 'base64url').toString('hex') }),
        refused('dpop_key_mismatch'),
      ],
      ['jkt empty', () => ({ jkt: '' }), refused('dpop_key_mismatch')],
      ['jkt in lower case', () => ({ jkt: jkt().toLowerCase() }), refused('dpop_key_mismatch')],
      ['jkt cut', () => ({ jkt: jkt().slice(0, -1) }), refused('dpop_key_mismatch')],
      ['jkt of another key', () => ({ jkt: keyOf('second').jkt }), refused('dpop_key_mismatch')],
    ] as const
  ).map(([id, cnf, expect]) => row(`cnf with ${id}`, expect, { cnf })),
]

const opaque = (id: string, expect: Expectation, given: Given): SenderRow =>
  row(`introspected: ${id}`, expect, { issuer: 'intro', ...given })

/** RFC 9449 section 6.2. */
const INTROSPECTED: readonly SenderRow[] = [
  opaque('token_type DPoP', ofIssuer('intro'), {}),
  opaque('token_type dpop', ofIssuer('intro'), { claims: { token_type: 'dpop' } }),
  row('introspected: no token_type', ofIssuer('carried'), {
    ...{ issuer: 'carried', claims: { token_type: undefined } },
  }),
  opaque('token_type Bearer', UNPROVEN, { claims: { token_type: 'Bearer' } }),
  opaque('token_type access_token', UNPROVEN, { claims: { token_type: 'access_token' } }),
  opaque('token_type in a list', deny('introspection_malformed', 503, 500), {
    claims: { token_type: ['DPoP'] },
  }),
  opaque('token_type DPoP, unbound', UNPROVEN, { isUnbound: true }),
  opaque('token_type DPoP, unbound as Bearer', UNPROVEN, {
    isUnbound: true,
    scheme: 'Bearer ',
    fields: none,
  }),
  opaque('token_type Bearer, unbound as Bearer', allow({ ...USER, issuer: 'intro' }), {
    ...{ claims: { token_type: 'Bearer' }, isUnbound: true, scheme: 'Bearer ', fields: none },
  }),
  opaque('bound as Bearer', UNPROVEN, { scheme: 'Bearer ' }),
  opaque('no proof', refused('dpop_proof_missing'), { fields: none }),
  opaque('cnf {}', UNPROVEN, { cnf: {} }),
  opaque('not active', refused('token_inactive'), { claims: { active: false } }),
  opaque('the proof of another token', refused('dpop_proof_invalid'), { proofFor: (token) => `${token}x` }),
]

export const TOKEN_ROWS: readonly SenderRow[] = [
  ...ACCEPTED,
  ...CREDENTIALS,
  ...DEMANDS,
  ...CONFIRMATIONS,
  ...INTROSPECTED,
]
