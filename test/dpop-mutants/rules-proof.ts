// The rules for the text, the header, the key and the signature of a proof. RFC 9449 sections 4.2 and 4.3, RFC 7515,
// RFC 7517, RFC 7518, RFC 7638.

import { generateKeyPairSync } from 'node:crypto'
import {
  signWith,
  thumbprintOf,
  type ClientKey,
  type ProofAlgorithm,
  type ProofChange,
} from '../support/dpop-proofs.ts'
import { EXPONENT_ONE, SMALL_ORDER } from '../support/hostile-keys.ts'
import type { Members } from '../support/test-issuer.ts'
import { byProof, byRequest, goodProof, type Making, type Mutant, type Rule } from './mutant.ts'

const isEc = (algorithm: ProofAlgorithm): boolean => algorithm.startsWith('ES')
const isRsa = (algorithm: ProofAlgorithm): boolean => /^[RP]S/.test(algorithm)
const isEd = (algorithm: ProofAlgorithm): boolean => algorithm.startsWith('Ed')

const withHeader = (header: Members): ProofChange => ({ header })

/** JSON with one piece of its text replaced. */
const rawHeader = (making: Making, change: (text: string) => string): ProofChange => ({
  rawHeader: change(JSON.stringify({ typ: 'dpop+jwt', alg: making.algorithm, jwk: making.key.jwk })),
})

const claimsOf = ({ url, nowSeconds, bound, proof }: Making): Members => {
  const [, claims = ''] = proof({}, { url, token: bound }).split('.')
  return { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), iat: nowSeconds }
}

const rawClaims = (making: Making, change: (text: string) => string): ProofChange => ({
  rawClaims: change(JSON.stringify(claimsOf(making))),
})

/** The text of a good proof, changed. */
const byText = (name: string, problem: string, change: (proof: string, making: Making) => string): Mutant =>
  byRequest(name, { code: 'dpop_proof_invalid', problem }, (making) =>
    making.send(making.bound, change(making.proof(), making)),
  )

const TEXT: Rule = {
  name: 'text of a proof',
  source: 'RFC 9449 section 4.3 (2), RFC 7515 section 7.1',
  mutants: [
    byText('one part', 'malformed', () => 'proof'),
    byText('two parts', 'malformed', (proof) => proof.slice(0, proof.lastIndexOf('.'))),
    byText('four parts', 'malformed', (proof) => `${proof}.`),
    byText('five parts', 'malformed', (proof) => `${proof}.AAAA.AAAA`),
    byText('JSON serialization', 'malformed', (proof) => {
      const [header, payload, signature] = proof.split('.')
      return Buffer.from(JSON.stringify({ payload, protected: header, signature })).toString('base64url')
    }),
    byText('padding after the header', 'malformed', (proof) => proof.replace('.', '=.')),
    byText('padding after the signature', 'malformed', (proof) => `${proof}=`),
    byText('a space inside', 'malformed', (proof) => proof.replace('.', ' .')),
    byText('a character of base64', 'malformed', (proof) => proof.replace('.', '+.')),
    byText('a non-ASCII character', 'malformed', (proof) => proof.replace('.', '\u00e9.')),
    byText('another spelling of the last character', 'malformed', respelled),
    byText('quotes around it', 'malformed', (proof) => `"${proof}"`),
    byText('a scheme before it', 'malformed', (proof) => `DPoP ${proof}`),
    byProof('4 097 characters', 'too_large', (making) => ({ claims: { x: filler(making, 4_097) } })),
    byProof('the header is an array', 'malformed', (making) => rawHeader(making, (text) => `[${text}]`)),
    byProof('the header is no JSON', 'malformed', (making) => rawHeader(making, (text) => text.slice(1))),
    byProof('a byte order mark before the header', 'malformed', (making) =>
      rawHeader(making, (text) => `\ufeff${text}`),
    ),
    byProof('the claims are an array', 'malformed', (making) => rawClaims(making, (text) => `[${text}]`)),
    byProof('the claims are no JSON', 'malformed', (making) => rawClaims(making, (text) => `${text}}`)),
    byProof('no claims', 'malformed', { rawClaims: '' }),
    byProof('bytes that are no UTF-8', 'malformed', (making) => ({
      rawClaims: Buffer.concat([
        Buffer.from(JSON.stringify({ ...claimsOf(making), x: '' }).slice(0, -2)),
        Buffer.from([0xff]),
        Buffer.from('"}'),
      ]),
    })),
    byProof('JSON that is too deep', 'malformed', (making) =>
      rawClaims(making, (text) => text.replace('{', `{"x":${'['.repeat(9)}${']'.repeat(9)},`)),
    ),
    ...['typ', 'alg', 'jwk'].map((name) =>
      byProof(`${name} twice`, 'malformed', (making: Making) =>
        rawHeader(making, (text) => text.replace('{', `{${JSON.stringify(name)}:null,`)),
      ),
    ),
    byProof('a member of jwk twice', 'malformed', (making) =>
      rawHeader(making, (text) => text.replace('"kty"', '"kty":"oct","kty"')),
    ),
    ...['jti', 'htm', 'htu', 'iat', 'ath'].map((name) =>
      byProof(`${name} twice`, 'malformed', (making: Making) =>
        rawClaims(making, (text) => text.replace('{', `{${JSON.stringify(name)}:null,`)),
      ),
    ),
  ],
  goods: [
    goodProof('4 096 characters', (making) => ({ claims: { x: filler(making, 4_096) } }), {
      // 4 096 characters in three parts of base64url are only possible for some lengths.
      algorithms: (algorithm) => algorithm === 'ES256',
    }),
    goodProof('white space in the JSON', (making) => rawClaims(making, (text) => text.replace('{', '{ '))),
  ],
}

/** The same bytes with other bits after them, which nothing decodes. RFC 4648 section 3.5. */
function respelled(proof: string): string {
  const [header = '', claims = '', signature = ''] = proof.split('.')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(signature.at(-1)!)
  if (signature.length % 4 !== 0) return `${header}.${claims}.${signature.slice(0, -1)}${alphabet[last ^ 1]}`
  return `${header}.${claims}.${signature}A`
}

/** A claim that makes a proof this long, or a little longer. */
function filler(making: Making, chars: number): string {
  for (let length = 1; ; length += 1) {
    const text = 'x'.repeat(length)
    const proof = making.proof({ claims: { x: text } })
    if (proof.length >= chars) return text
    if (chars - proof.length > 8) length += Math.floor((chars - proof.length) / 2)
  }
}

const TYP: Rule = {
  name: 'typ',
  source: 'RFC 9449 sections 4.3 (4) and 11.5',
  mutants: [
    undefined,
    '',
    'JWT',
    'at+jwt',
    'DPoP+JWT',
    'dpop+jwt ',
    'dpop',
    'application/dpop+jwt',
    null,
    1,
    ['dpop+jwt'],
  ].map((typ) => byProof(String(JSON.stringify(typ) ?? 'absent'), 'typ', withHeader({ typ }))),
  goods: [],
}

const CRIT: Rule = {
  name: 'crit, and members that are never acted on',
  source: 'RFC 7515 sections 4.1.2 to 4.1.11',
  mutants: [['exp'], [], ['b64'], 'exp', null].map((crit) =>
    byProof(`crit ${JSON.stringify(crit)}`, 'crit', withHeader({ crit })),
  ),
  goods: [
    ['kid', '../../key'],
    ['jku', 'https://evil.example/jwks'],
    ['x5u', 'https://evil.example/cert'],
    ['x5c', ['AAAA']],
    ['cty', 'JWT'],
    ['zip', 'DEF'],
  ].map(([name, value]) => goodProof(String(name), withHeader({ [String(name)]: value }))),
}

/** `alg` of a key of the same type, so that only the signature is another. */
const SIBLING: Readonly<Record<ProofAlgorithm, string>> = {
  ES256: 'ES384',
  ES384: 'ES512',
  ES512: 'ES256',
  EdDSA: 'ES256',
  Ed25519: 'ES256',
  PS256: 'ES256',
  PS384: 'ES256',
  PS512: 'ES256',
  RS256: 'ES256',
  RS384: 'ES256',
  RS512: 'ES256',
}

const RSA_SIBLINGS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

const ALG: Rule = {
  name: 'alg',
  source: 'RFC 9449 sections 4.2, 4.3 (5) and 11.6',
  mutants: [
    ...[
      undefined,
      '',
      'none',
      'noNE',
      'HS256',
      'HS512',
      'ES256K',
      'RSA-OAEP',
      'ES256 ',
      null,
      1,
      ['ES256'],
    ].map((alg) => byProof(String(JSON.stringify(alg) ?? 'absent'), 'alg', withHeader({ alg }))),
    byProof('in lower case', 'alg', ({ algorithm }) => withHeader({ alg: algorithm.toLowerCase() })),
    byProof('none, without a signature', 'alg', {
      header: { alg: 'none' },
      sign: () => new Uint8Array(),
    }),
    byProof('of a key of another type or curve', 'jwk', ({ algorithm }) =>
      withHeader({ alg: SIBLING[algorithm] }),
    ),
    ...RSA_SIBLINGS.map((alg) =>
      byProof(`${alg}, with the signature of another one`, 'signature', withHeader({ alg }), {
        algorithms: (algorithm) => isRsa(algorithm) && algorithm !== alg,
      }),
    ),
  ],
  goods: [
    goodProof(
      'the other name of Ed25519',
      ({ algorithm }) => withHeader({ alg: algorithm === 'EdDSA' ? 'Ed25519' : 'EdDSA' }),
      { algorithms: isEd },
    ),
  ],
}

const ALLOWED: Rule = {
  name: 'alg in dpop.algorithms',
  source: 'RFC 9449 section 4.3 (5)',
  setting: 'narrow',
  mutants: [byProof('another one is allowed', 'alg', {})],
}

/** A mutant whose `jwk` is another value; the token is bound to what would be its thumbprint, if it has one. */
const byKey = (
  name: string,
  change: (making: Making) => Members,
  algorithms?: (algorithm: ProofAlgorithm) => boolean,
): Mutant =>
  byRequest(
    name,
    { code: 'dpop_proof_invalid', problem: 'jwk' },
    async (making) => {
      const jwk = change(making)
      const names = ['EC', 'RSA', 'OKP'].includes(String(jwk['kty']))
      const token = await making.token({ cnf: { jkt: names ? thumbprintOf(jwk) : making.key.jkt } })
      return making.send(token, making.proof({ header: { jwk } }, { token }))
    },
    algorithms === undefined ? {} : { algorithms },
  )

const withKey =
  (members: Members) =>
  ({ key }: Making): Members => ({ ...key.jwk, ...members })

const changed =
  (name: string, change: (text: string) => string) =>
  ({ key }: Making): Members => ({ ...key.jwk, [name]: change(String(key.jwk[name])) })

const longer = (text: string): string =>
  Buffer.concat([Buffer.from([0]), Buffer.from(text, 'base64url')]).toString('base64url')

const shorter = (text: string): string => Buffer.from(text, 'base64url').subarray(1).toString('base64url')

const flipped = (text: string): string => {
  const bytes = Buffer.from(text, 'base64url')
  bytes[bytes.length - 1]! ^= 1
  return bytes.toString('base64url')
}

/** A required member of each kind of key. */
const MEMBERS: readonly (readonly [name: string, algorithms: (algorithm: ProofAlgorithm) => boolean])[] = [
  ['x', (algorithm) => isEc(algorithm) || isEd(algorithm)],
  ['y', isEc],
  ['n', isRsa],
  ['e', isRsa],
]

/** A key that nobody may use, with a token that is bound to it and a signature that verifies. */
function byWeakKey(name: string, make: (algorithm: ProofAlgorithm) => ClientKey): Mutant {
  const keys = new Map<ProofAlgorithm, ClientKey>()
  return byRequest(
    name,
    { code: 'dpop_proof_invalid', problem: 'jwk' },
    async (making) => {
      const { algorithm } = making
      if (!keys.has(algorithm)) keys.set(algorithm, make(algorithm))
      const key = keys.get(algorithm)!
      const token = await making.token({ cnf: { jkt: key.jkt } })
      return making.send(token, making.proof({}, { token }, key))
    },
    { algorithms: isRsa },
  )
}

const modulusOf =
  (bits: number, publicExponent = 65_537) =>
  (algorithm: ProofAlgorithm): ClientKey => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent })
    const jwk = publicKey.export({ format: 'jwk' }) as Members
    const privateJwk = privateKey.export({ format: 'jwk' }) as Members
    return { algorithm, privateKey, jwk, privateJwk, jkt: thumbprintOf(jwk) }
  }

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const JWK: Rule = {
  name: 'jwk',
  source: 'RFC 9449 sections 4.2 and 4.3 (7), RFC 7517 section 4, RFC 7518 section 6',
  mutants: [
    ...[undefined, null, 'key', [], 1, true].map((jwk) =>
      byProof(String(JSON.stringify(jwk) ?? 'absent'), 'jwk', withHeader({ jwk })),
    ),
    byProof('in an array', 'jwk', ({ key }) => withHeader({ jwk: [key.jwk] })),
    byProof('as text', 'jwk', ({ key }) => withHeader({ jwk: JSON.stringify(key.jwk) })),
    byProof('as a set', 'jwk', ({ key }) => withHeader({ jwk: { keys: [key.jwk] } })),
    byKey('the whole private key', ({ key }) => key.privateJwk),
    ...PRIVATE.map((name) => byKey(`private member ${name}`, withKey({ [name]: 'AAAA' }))),
    ...PRIVATE.slice(0, 1).map((name) => byKey(`private member ${name}, null`, withKey({ [name]: null }))),
    byProof('kty absent', 'jwk', ({ key }) => withHeader({ jwk: { ...key.jwk, kty: undefined } })),
    byProof('kty oct', 'jwk', withHeader({ jwk: { kty: 'oct', k: 'A'.repeat(43) } })),
    byProof('kty in lower case', 'jwk', ({ key }) =>
      withHeader({ jwk: { ...key.jwk, kty: String(key.jwk['kty']).toLowerCase() } }),
    ),
    byKey('alg of another algorithm', ({ key, algorithm }) => ({
      ...key.jwk,
      alg: algorithm === 'ES256' ? 'RS256' : 'ES256',
    })),
    byKey('alg null', withKey({ alg: null })),
    byKey('use enc', withKey({ use: 'enc' })),
    byKey('key_ops without verify', withKey({ key_ops: ['sign'] })),
    byKey('key_ops empty', withKey({ key_ops: [] })),
    byKey('key_ops no list', withKey({ key_ops: 'verify' })),
    byKey(
      'crv of another curve',
      ({ key }) => ({
        ...key.jwk,
        crv: key.jwk['crv'] === 'P-256' ? 'P-384' : 'P-256',
      }),
      (algorithm) => !isRsa(algorithm),
    ),
    byKey('crv absent', withKey({ crv: undefined }), (algorithm) => !isRsa(algorithm)),
    byKey(
      'crv in lower case',
      changed('crv', (text) => text.toLowerCase()),
      (algorithm) => !isRsa(algorithm),
    ),
    ...MEMBERS.flatMap(([name, algorithms]) => [
      byKey(`${name} absent`, withKey({ [name]: undefined }), algorithms),
      byKey(`${name} no text`, withKey({ [name]: 1 }), algorithms),
      byKey(`${name} empty`, withKey({ [name]: '' }), algorithms),
      byKey(
        `${name} with padding`,
        changed(name, (text) => `${text}=`),
        algorithms,
      ),
      byKey(
        `${name} with white space`,
        changed(name, (text) => `${text}\n`),
        algorithms,
      ),
      byKey(
        `${name} in base64`,
        changed(name, (text) => `${text.slice(0, -1)}+`),
        algorithms,
      ),
      byKey(`${name} with a zero octet before it`, changed(name, longer), algorithms),
      byKey(
        `${name} without its first octet`,
        changed(name, shorter),
        (algorithm) => algorithms(algorithm) && name !== 'n',
      ),
    ]),
    byKey('a point that is not on the curve', changed('y', flipped), isEc),
    byKey(
      'the point at infinity',
      ({ key }) => ({
        ...key.jwk,
        x: Buffer.alloc(Buffer.from(String(key.jwk['x']), 'base64url').length).toString('base64url'),
        y: Buffer.alloc(Buffer.from(String(key.jwk['y']), 'base64url').length).toString('base64url'),
      }),
      isEc,
    ),
    byKey('a point of small order', withKey({ x: SMALL_ORDER['x'] }), isEd),
    byKey('e = 1', withKey({ n: EXPONENT_ONE['n'], e: EXPONENT_ONE['e'] }), isRsa),
    byWeakKey('RSA with 2 040 bits', modulusOf(2_040)),
    byWeakKey('RSA with e = 17', modulusOf(2_048, 17)),
  ],
  goods: [
    goodProof('alg, use, key_ops and kid that fit', ({ key, algorithm }) =>
      withHeader({ jwk: { ...key.jwk, alg: algorithm, use: 'sig', key_ops: ['verify'], kid: 'k' } }),
    ),
    goodProof('members in another order', ({ key }) =>
      withHeader({ jwk: Object.fromEntries(Object.entries(key.jwk).toReversed()) }),
    ),
  ],
}

const THUMBPRINT: Rule = {
  name: 'the key is that of the token',
  source: 'RFC 9449 sections 4.3 (12) and 7.1, RFC 7638',
  mutants: [
    byRequest('a proof of another key', 'dpop_key_mismatch', (making) =>
      making.send(making.bound, making.proof({}, {}, making.otherKey)),
    ),
    ...(
      [
        ['with padding', (jkt) => `${jkt}=`],
        ['in hex', (jkt) => Buffer.from(jkt, 'base64url').toString('hex')],
        ['in base64', (jkt) => `${Buffer.from(jkt, 'base64url').toString('base64')}`],
        ['in upper case', (jkt) => jkt.toUpperCase()],
        ['with a space', (jkt) => `${jkt} `],
        ['cut off', (jkt) => jkt.slice(0, -1)],
        ['empty', () => ''],
        ['of the whole JWK', () => 'A'.repeat(43)],
      ] as readonly (readonly [string, (jkt: string) => string])[]
    ).map(([name, change]) =>
      byRequest(`jkt ${name}`, 'dpop_key_mismatch', async (making: Making) => {
        const token = await making.token({ cnf: { jkt: change(making.key.jkt) } })
        return making.send(token, making.proof({}, { token }))
      }),
    ),
    byProof('the key of the token in jwk, the signature of another key', 'signature', ({ otherKey }) => ({
      sign: (input) => signWith(otherKey, input),
    })),
  ],
}

const bytesOf = (making: Making, input: Buffer): Buffer => signWith(making.key, input)

/** L of edwards25519, little-endian. RFC 8032 section 5.1. */
const ORDER_ED25519 = 2n ** 252n + 27742317777372353535851937790883648493n

/** The same signature with S + L, which RFC 8032 section 5.1.7 refuses. */
function largerS(signature: Buffer): Buffer {
  const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + ORDER_ED25519
  const hex = scalar.toString(16).padStart(64, '0')
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(hex, 'hex').reverse()])
}

/** The two numbers of an ECDSA signature in DER, as X.509 has them. */
function toDer(signature: Buffer): Buffer {
  const half = signature.length / 2
  const integer = (bytes: Buffer): Buffer => {
    let from = 0
    while (from < bytes.length - 1 && bytes[from] === 0) from++
    const digits = bytes.subarray(from)
    const signed = (digits[0]! & 0x80) === 0 ? digits : Buffer.concat([Buffer.from([0]), digits])
    return Buffer.concat([Buffer.from([2, signed.length]), signed])
  }
  const body = Buffer.concat([integer(signature.subarray(0, half)), integer(signature.subarray(half))])
  const length = body.length < 128 ? [body.length] : [0x81, body.length]
  return Buffer.concat([Buffer.from([0x30, ...length]), body])
}

const bySignature = (
  name: string,
  change: (signature: Buffer) => Uint8Array,
  more: Partial<Mutant> = {},
): Mutant =>
  byProof(name, 'signature', (making) => ({ sign: (input) => change(bytesOf(making, input)) }), more)

const atByte =
  (at: number) =>
  (signature: Buffer): Buffer => {
    const bytes = Buffer.from(signature)
    bytes[at < 0 ? bytes.length + at : at]! ^= 1
    return bytes
  }

const SIGNATURE: Rule = {
  name: 'signature',
  source: 'RFC 9449 section 4.3 (6), RFC 7518 sections 3.3 to 3.5, RFC 8032',
  mutants: [
    bySignature('another first byte', atByte(0)),
    bySignature('another last byte', atByte(-1)),
    bySignature('cut off', (signature) => signature.subarray(0, -1)),
    bySignature('a byte after it', (signature) => Buffer.concat([signature, Buffer.from([0])])),
    bySignature('zeros', (signature) => Buffer.alloc(signature.length)),
    bySignature('empty', () => new Uint8Array()),
    bySignature(
      '(r, 0)',
      (signature) =>
        Buffer.concat([signature.subarray(0, signature.length / 2), Buffer.alloc(signature.length / 2)]),
      { algorithms: isEc },
    ),
    bySignature(
      '(0, s)',
      (signature) =>
        Buffer.concat([Buffer.alloc(signature.length / 2), signature.subarray(signature.length / 2)]),
      { algorithms: isEc },
    ),
    bySignature('in DER', toDer, { algorithms: isEc }),
    bySignature('S that is too large', largerS, { algorithms: isEd }),
    byProof('of the claims alone', 'signature', (making) => ({
      sign: (input) => bytesOf(making, input.subarray(input.indexOf('.') + 1)),
    })),
    byText('of other claims', 'signature', (proof, making) => {
      const [header, , signature] = proof.split('.')
      return [header, making.proof().split('.')[1], signature].join('.')
    }),
    byText('of another header', 'signature', (proof, making) => {
      const [, claims, signature] = proof.split('.')
      return [making.proof({ header: { kid: 'x' } }).split('.')[0], claims, signature].join('.')
    }),
  ],
}

export const PROOF_RULES: readonly Rule[] = [TEXT, TYP, CRIT, ALG, ALLOWED, JWK, THUMBPRINT, SIGNATURE]
