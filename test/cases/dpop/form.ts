// The text, the header and the signature of a proof: RFC 9449 sections 4.2, 4.3 and 11.6.

import { makeProof, signWith } from '../../support/dpop-proofs.ts'
import type { Members } from '../../support/test-issuer.ts'
import { mirrored } from '../verified-token-cache.ts'
import { accepted, BASE, keyOf, wrong, type Given } from './row.ts'
import type { SenderRow } from '../sender-row.ts'

export const encode = (text: string) => Buffer.from(text).toString('base64url')

/** The proof as text, changed. */
const respelled = (problem: string, id: string, change: (proof: string) => string): SenderRow =>
  wrong(problem, id, { fields: (proof) => [['DPoP', change(proof)]] })

const part = (index: 0 | 1 | 2, change: (text: string) => string) => (proof: string) =>
  proof
    .split('.')
    .map((text, at) => (at === index ? change(text) : text))
    .join('.')

/** Its last two bits mean nothing, and are not zero. */
export const uncanonical = (text: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)!) ^ 1]
}

/** A proof of 4 096 characters, and so many octets more. */
const filled = (more: number): Given => ({
  fields: (_, token) => {
    const make = (padding: number) =>
      makeProof(keyOf('ES256'), { url: `${BASE}/orders`, token }, { claims: { pad: 'x'.repeat(padding) } })
    let padding = Math.floor(((4_096 - make(0).length) * 3) / 4)
    while (make(padding).length < 4_096) padding++
    if (make(padding).length !== 4_096) throw new Error('no proof has 4 096 characters')
    return [['DPoP', make(padding + more)]]
  },
})

const FORM: readonly SenderRow[] = [
  accepted('4 096 characters', filled(0)),
  wrong('too_large', 'one octet more', filled(1)),
  wrong('too_large', 'jti of 10 kB', { proof: { claims: { jti: 'x'.repeat(10_240) } } }),
  respelled('malformed', 'no proof at all', () => 'x'),
  respelled('malformed', 'two parts', (proof) => proof.slice(0, proof.lastIndexOf('.'))),
  respelled('malformed', 'four parts', (proof) => `${proof}.AAAA`),
  respelled('malformed', 'padding', (proof) => `${proof}==`),
  respelled('malformed', 'a signature that is not canonical', part(2, uncanonical)),
  respelled(
    'malformed',
    'base64 in place of base64url',
    part(2, (text) => `+${text.slice(1)}`),
  ),
  respelled(
    'malformed',
    'a space in it',
    part(1, (text) => `${text.slice(0, 8)} ${text.slice(8)}`),
  ),
  respelled('malformed', 'in quotes', (proof) => `"${proof}"`),
  wrong('malformed', 'a name twice in the header', {
    proof: { respellHeader: (text) => text.replace('{', '{"alg":"ES256",') },
  }),
  wrong('malformed', 'a name twice in the key', {
    proof: { respellHeader: (text) => text.replace('"kty"', '"kty":"EC","kty"') },
  }),
  wrong('malformed', 'a name twice in the claims', {
    proof: { respell: (text) => text.replace('{', '{"htm":"GET",') },
  }),
  wrong('malformed', 'a name twice, once with an escape', {
    proof: { respell: (text) => text.replace('{', '{"ht\\u006d":"GET",') },
  }),
  wrong('malformed', 'claims in a list', { proof: { respell: (text) => `[${text}]` } }),
  wrong('malformed', 'a comment in the claims', { proof: { respell: (text) => `${text}// x` } }),
  wrong('malformed', 'a comma after the claims', { proof: { respell: (text) => text.replace('}', ',}') } }),
  wrong('malformed', 'iat NaN', { proof: { respell: (text) => text.replace(/"iat":\d+/, '"iat":NaN') } }),
  wrong('malformed', 'a byte order mark', { proof: { respell: (text) => `\ufeff${text}` } }),
  wrong('malformed', 'bytes that are no UTF-8', {
    proof: { rawClaims: Buffer.from('7b22ff223a317d', 'hex') },
  }),
  wrong('malformed', 'claims that are deeply nested', {
    proof: { respell: (text) => text.replace('{', `{"deep":${'['.repeat(20)}${']'.repeat(20)},`) },
  }),
]

const byHeader = (problem: string, id: string, header: Members): SenderRow =>
  wrong(problem, id, { proof: { header } })

const HEADER: readonly SenderRow[] = [
  ...['JWT', 'at+jwt', 'DPoP+jwt', 'application/dpop+jwt', 'dpop', '', ['dpop+jwt'], null].map((typ) =>
    byHeader('typ', JSON.stringify(typ), { typ }),
  ),
  byHeader('typ', 'none', { typ: undefined }),
  ...[['exp'], [], ['b64'], 'exp', null].map((crit) => byHeader('crit', JSON.stringify(crit), { crit })),
  ...['none', 'noNE', 'NONE', 'HS256', 'es256', 'ES512', 'RS512', 'PS384', 'ES256K', '', null, ['ES256']].map(
    (alg) => byHeader('alg', JSON.stringify(alg), { alg }),
  ),
  byHeader('alg', 'none at all', { alg: undefined }),
  wrong('alg', 'none, without a signature', {
    proof: { header: { alg: 'none' }, sign: () => Buffer.alloc(0) },
  }),
  wrong('alg', 'HS256 with a key that the proof has', {
    proof: { header: { alg: 'HS256', jwk: { kty: 'oct', k: encode('secret') } } },
  }),
  wrong('alg', 'ES512, which is not allowed', { key: 'ES512' }),
]

/** The two numbers of an ECDSA signature as DER. */
function toDer(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const integers = [bytes.subarray(0, 32), bytes.subarray(32)].flatMap((number) => {
    const positive = number[0]! > 127 ? Buffer.concat([Buffer.from([0]), number]) : number
    return [Buffer.from([2, positive.length]), positive]
  })
  const body = Buffer.concat(integers)
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64url')
}

const bytes = (change: (signature: Buffer) => Buffer) =>
  part(2, (text) => change(Buffer.from(text, 'base64url')).toString('base64url'))

const SIGNATURES: readonly SenderRow[] = [
  respelled(
    'signature',
    'one bit of it',
    bytes((it) => (it.writeUInt8(it[9]! ^ 1, 9), it)),
  ),
  respelled(
    'signature',
    's = 0',
    bytes((it) => Buffer.concat([it.subarray(0, 32), Buffer.alloc(32)])),
  ),
  respelled(
    'signature',
    'r = s = 0',
    bytes(() => Buffer.alloc(64)),
  ),
  respelled(
    'signature',
    'none',
    part(2, () => ''),
  ),
  respelled(
    'signature',
    'cut',
    bytes((it) => it.subarray(0, 63)),
  ),
  respelled('signature', 'as DER', part(2, toDer)),
  wrong('signature', 'of another key', {
    proof: { sign: (input) => signWith(keyOf('second'), input) },
  }),
  wrong('signature', 'PS256 under alg RS256', {
    key: 'RS256',
    proof: { sign: (input) => signWith({ ...keyOf('RS256'), algorithm: 'PS256' }, input) },
  }),
  respelled(
    'signature',
    'of other claims',
    part(1, (text) => encode(`${Buffer.from(text, 'base64url')} `)),
  ),
  accepted('the other spelling of its signature', { fields: (proof) => [['DPoP', mirrored(proof)]] }),
]

export const FORM_ROWS: readonly SenderRow[] = [...FORM, ...HEADER, ...SIGNATURES]
