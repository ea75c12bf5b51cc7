// The rules for the claims of a proof, its nonce, and whether it was used before. RFC 9449 sections 4.2, 4.3, 8, 9 and
// 11.1.

import type { EdgeName } from '../cases/row.ts'
import { sha256, signWith, type ProofAlgorithm } from '../support/dpop-proofs.ts'
import type { Members } from '../support/test-issuer.ts'
import {
  byProof,
  byRequest,
  goodProof,
  goodRequest,
  type Attempt,
  type Making,
  type Mutant,
  type Rule,
} from './mutant.ts'

const withClaims = (claims: Members) => ({ claims })

const HANDSHAKE = 'a handshake is a GET of one URL'
const notOnHandshake = { notOn: { websocket: HANDSHAKE } } as const

const titleOf = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 40 ? `${text.slice(0, 36)}... (${text.length})` : text
}

const each = (name: string, values: readonly unknown[]): Mutant[] =>
  values.map((value) => byProof(titleOf(value), name, withClaims({ [name]: value })))

const NO_TEXT = [undefined, null, 1, true, [], {}, '']

const JTI: Rule = {
  name: 'jti',
  source: 'RFC 9449 sections 4.2 and 11.1',
  mutants: each('jti', [...NO_TEXT, 'x'.repeat(257), 'x'.repeat(2_000)]),
  goods: [
    goodProof('256 characters', ({ algorithm, edge }) =>
      withClaims({ jti: `${algorithm} ${edge} ${crypto.randomUUID()}`.padEnd(256, 'x') }),
    ),
  ],
}

const HTM: Rule = {
  name: 'htm',
  source: 'RFC 9449 sections 4.2 and 4.3 (8), RFC 9110 section 9.1',
  mutants: [
    ...each('htm', [
      ...NO_TEXT,
      ['GET'],
      'POST',
      'HEAD',
      'get',
      'Get',
      'GET ',
      ' GET',
      'GET,POST',
      '*',
      'ANY',
    ]),
    byRequest(
      'another method of the request',
      { code: 'dpop_proof_invalid', problem: 'htm' },
      (making) => making.send(making.bound, making.proof(), { method: 'POST' }),
      notOnHandshake,
    ),
    byRequest(
      'HEAD for a proof of GET',
      { code: 'dpop_proof_invalid', problem: 'htm' },
      (making) => making.send(making.bound, making.proof(), { method: 'HEAD' }),
      notOnHandshake,
    ),
    byRequest(
      'the method of X-HTTP-Method-Override',
      { code: 'dpop_proof_invalid', problem: 'htm' },
      (making) => {
        const proof = making.proof({}, { method: 'POST' })
        const fields = [
          ['DPoP', proof],
          ['X-HTTP-Method-Override', 'POST'],
        ] as const
        return making.send(making.bound, proof, { fields })
      },
    ),
  ],
  goods: [
    goodRequest(
      'POST',
      (making) => making.send(making.bound, making.proof({}, { method: 'POST' }), { method: 'POST' }),
      notOnHandshake,
    ),
    goodRequest(
      'HEAD',
      (making) => making.send(making.bound, making.proof({}, { method: 'HEAD' }), { method: 'HEAD' }),
      notOnHandshake,
    ),
  ],
}

const byUrl = (name: string, url: (making: Making) => string, more: Partial<Mutant> = {}): Mutant =>
  byProof(name, 'htu', (making) => withClaims({ htu: url(making) }), more)

const goodUrl = (name: string, url: (making: Making) => string, more: Partial<Attempt> = {}): Attempt =>
  goodProof(name, (making) => withClaims({ htu: url(making) }), more)

const hostOf = ({ origin }: Making): string => new URL(origin).host
const baseOf = ({ origin }: Making): string => new URL(origin).pathname.replace(/\/$/, '')

/** The URL of the good request, with the pieces of it replaced. */
const urlOf = (
  making: Making,
  { scheme = 'https', host = hostOf(making), path = `${baseOf(making)}${making.path}` } = {},
): string => `${scheme}://${host}${path}`

const HTU: Rule = {
  name: 'htu is the URL of the request',
  source: 'RFC 9449 section 4.3 (9)',
  mutants: [
    ...each('htu', [...NO_TEXT, ['https://api.example.com/resource']]),
    byUrl('another host', (making) => urlOf(making, { host: 'evil.example' })),
    byUrl('a host that begins alike', (making) => urlOf(making, { host: `${hostOf(making)}.evil.example` })),
    byUrl('a host that ends alike', (making) => urlOf(making, { host: `evil-${hostOf(making)}` })),
    byUrl('a host with a dot after it', (making) => urlOf(making, { host: `${hostOf(making)}.` })),
    byUrl('another port', (making) => urlOf(making, { host: `${hostOf(making)}:8443` })),
    byUrl('the port of http', (making) => urlOf(making, { host: `${hostOf(making)}:80` })),
    byUrl('http', (making) => urlOf(making, { scheme: 'http' })),
    byUrl('wss', (making) => urlOf(making, { scheme: 'wss' })),
    byUrl('another path', ({ origin }) => `${origin}/other`),
    byUrl('a slash after it', ({ url }) => `${url}//`),
    byUrl('one slash after it', ({ url }) => `${url}/`, notOnHandshake),
    byUrl('the path in another case', ({ origin }) => `${origin}/Resource`),
    byUrl('the path of a parent', ({ origin }) => `${new URL(origin).origin}/`, notOnHandshake),
    byUrl('the path of a child', ({ url }) => `${url.replace(/\/$/, '')}/1`),
    byUrl('an escaped slash', ({ origin }) => `${origin}%2Fresource`),
    byUrl('escaped twice', ({ url }) => url.replace(/.$/, (last) => `%25${last.charCodeAt(0).toString(16)}`)),
    byUrl('the path in the query', ({ origin, path }) => `${origin}/x?${path}`),
    byUrl('the host in the fragment', (making) => `https://evil.example/#${hostOf(making)}${making.path}`),
    byRequest(
      'the host that X-Forwarded-Host and Forwarded name',
      { code: 'dpop_proof_invalid', problem: 'htu' },
      (making) => {
        const proof = making.proof({}, { url: urlOf(making, { host: 'evil.example' }) })
        const fields = [
          ['X-Forwarded-Host', 'evil.example'],
          ['X-Forwarded-Proto', 'https'],
          ['Forwarded', 'host=evil.example;proto=https'],
          ['X-Original-URL', '/other'],
          ['DPoP', proof],
        ] as const
        return making.send(making.bound, proof, { fields })
      },
    ),
    byRequest(
      'the proof for another path of the same host',
      { code: 'dpop_proof_invalid', problem: 'htu' },
      (making) => making.send(making.bound, making.proof(), { path: '/other' }),
      notOnHandshake,
    ),
  ],
  goods: [
    goodUrl('a query', ({ url }) => `${url}?a=b`),
    goodUrl('a fragment', ({ url }) => `${url}#a`),
    goodUrl('scheme and host in upper case', (making) =>
      urlOf(making, { scheme: 'HTTPS', host: hostOf(making).toUpperCase() }),
    ),
    goodUrl('the default port', (making) => urlOf(making, { host: `${hostOf(making)}:443` })),
    goodUrl('an escaped unreserved character', ({ url }) => url.replace('resource', '%72esource')),
    goodRequest('a query of the request', (making) =>
      making.send(making.bound, making.proof(), { query: 'a=b' }),
    ),
  ],
}

const HTU_FORM: Rule = {
  name: 'htu that readers understand differently',
  source: 'RFC 9449 section 4.3 (9), RFC 3986 sections 3 and 6.2',
  mutants: [
    byUrl('a user name', (making) => urlOf(making, { host: `user@${hostOf(making)}` })),
    byUrl('a user name that is a host', (making) =>
      urlOf(making, { host: `${hostOf(making)}@evil.example` }),
    ),
    byUrl('a backslash', ({ origin, path }) => `${origin}\\${path.slice(1)}`),
    byUrl('a backslash before the host', ({ url }) => url.replace('//', '\\\\')),
    byUrl('a tab', ({ url }) => url.replace('//', '//\t')),
    byUrl('a newline', ({ url }) => `${url}\n`),
    byUrl('a newline inside', ({ url }) => url.replace('.', '.\n')),
    byUrl('a space before it', ({ url }) => ` ${url}`),
    byUrl('a space after it', ({ url }) => `${url} `),
    byUrl('a NUL', ({ url }) => `${url}\u0000`),
    byUrl('a non-ASCII character', ({ url }) => `${url}\u00e9`),
    byUrl('a letter that looks alike', ({ url }) => url.replace('e', '\u0435')),
    byUrl('a full-width stop in the host', ({ url }) => url.replace('.', '\uff0e')),
    byUrl('one slash', ({ url }) => url.replace('//', '/')),
    byUrl('no slash', ({ url }) => url.replace('//', '')),
    byUrl('three slashes', ({ url }) => url.replace('//', '///')),
    byUrl('no scheme', ({ url }) => url.replace('https:', '')),
    byUrl('a path alone', ({ path }) => path),
    byUrl('a host alone', (making) => hostOf(making)),
    byUrl('another scheme', (making) => urlOf(making, { scheme: 'ftp' })),
    byUrl('two schemes', ({ url }) => `https://${url}`),
    byUrl('a dot segment', ({ origin, path }) => `${origin}/.${path}`),
    byUrl('two dots', ({ origin, path }) => `${origin}/x/..${path}`),
    byUrl('dots at the end', ({ url }) => `${url.replace(/\/$/, '')}/x/..`),
    byUrl('an escaped dot segment', ({ origin, path }) => `${origin}/x/%2e%2e${path}`),
    byUrl('half an escape', ({ url }) => `${url.replace(/\/$/, '')}%4`),
    byUrl('an escape that is none', ({ url }) => `${url.replace(/\/$/, '')}%zz`),
    byUrl('a port that is none', (making) => urlOf(making, { host: `${hostOf(making)}:x` })),
    byUrl('a port that is too large', (making) => urlOf(making, { host: `${hostOf(making)}:65979` })),
    byUrl('an escaped host', ({ url }) => url.replace('.', '%2e')),
  ],
}

const ATH: Rule = {
  name: 'ath is the hash of the token',
  source: 'RFC 9449 sections 4.2 and 4.3 (12)',
  mutants: [
    ...each('ath', NO_TEXT),
    byProof('of another token of the same key', 'ath', ({ unbound }) => withClaims({ ath: sha256(unbound) })),
    byProof('with the scheme', 'ath', ({ bound }) => withClaims({ ath: sha256(`DPoP ${bound}`) })),
    byProof('in hex', 'ath', ({ bound }) =>
      withClaims({ ath: Buffer.from(sha256(bound), 'base64url').toString('hex') }),
    ),
    byProof('with padding', 'ath', ({ bound }) => withClaims({ ath: `${sha256(bound)}=` })),
    byProof('in upper case', 'ath', ({ bound }) => withClaims({ ath: sha256(bound).toUpperCase() })),
    byProof('the token itself', 'ath', ({ bound }) => withClaims({ ath: bound.slice(0, 200) })),
    {
      name: 'the proof of the token before it was refreshed',
      code: 'dpop_proof_invalid',
      problem: 'ath',
      async requests(making) {
        const proof = making.proof()
        const refreshed = await making.token({ cnf: { jkt: making.key.jkt } })
        return [making.send(making.bound, proof), making.send(refreshed, proof)]
      },
    },
  ],
}

const byTime = (name: string, claim: string, seconds: number): Mutant =>
  byProof(name, claim, ({ nowSeconds }) => withClaims({ [claim]: nowSeconds + seconds }))

const goodTime = (name: string, claim: string, seconds: number): Attempt =>
  goodProof(name, ({ nowSeconds }) => withClaims({ [claim]: nowSeconds + seconds }))

/** JSON that no JavaScript value has. */
const rawNumber = (text: string): Mutant =>
  byProof(text, 'iat', (making) => {
    const claims = { jti: crypto.randomUUID(), htm: 'GET', htu: making.url, ath: sha256(making.bound) }
    return { rawClaims: JSON.stringify(claims).replace('{', `{"iat":${text},`) }
  })

const NO_NUMBER = [undefined, null, '1', true, [], {}, 0, -1]

const IAT: Rule = {
  name: 'iat, exp and nbf',
  source: 'RFC 9449 sections 4.2, 4.3 (11) and 11.1, RFC 7519 section 4.1',
  mutants: [
    ...each('iat', NO_NUMBER),
    rawNumber('1e300'),
    rawNumber('1e999'),
    rawNumber('-1e999'),
    byProof('as text', 'iat', ({ nowSeconds }) => withClaims({ iat: String(nowSeconds) })),
    byProof('in milliseconds', 'iat', ({ nowSeconds }) => withClaims({ iat: nowSeconds * 1_000 })),
    byTime('too old', 'iat', -310),
    byTime('too far in the future', 'iat', 40),
    byTime('exp in the past', 'exp', -40),
    byProof('exp as text', 'exp', ({ nowSeconds }) => withClaims({ exp: String(nowSeconds + 60) })),
    byProof('exp null', 'exp', withClaims({ exp: null })),
    byTime('nbf in the future', 'nbf', 40),
    byProof('nbf as text', 'nbf', withClaims({ nbf: '0' })),
    byProof('nonce that is no text', 'nonce', withClaims({ nonce: 1 })),
    byProof('nonce null', 'nonce', withClaims({ nonce: null })),
  ],
  goods: [
    goodTime('old, but not too old', 'iat', -290),
    goodTime('a little in the future', 'iat', 20),
    goodTime('exp in the future', 'exp', 60),
    goodTime('nbf in the past', 'nbf', -60),
    goodProof('a fraction of a second', ({ nowSeconds }) => withClaims({ iat: nowSeconds - 0.5 })),
    goodProof('a nonce that nobody demands', withClaims({ nonce: 'x' })),
  ],
}

const WITH_NONCES: readonly EdgeName[] = ['core', 'worker']

const byNonce = (name: string, nonce: (making: Making) => unknown, problem = 'not_accepted'): Mutant =>
  byProof(name, problem, (making) => withClaims({ nonce: nonce(making) }), { code: 'dpop_nonce_required' })

const NONCE: Rule = {
  name: 'nonce, where nonces are demanded',
  source: 'RFC 9449 sections 4.3 (10), 8, 9 and 11.3',
  setting: 'nonce',
  edges: WITH_NONCES,
  mutants: [
    byNonce('absent', () => undefined, 'missing'),
    byNonce('empty', () => ''),
    byNonce('any text', () => 'nonce'),
    byNonce('another last character', ({ nonce }) =>
      nonce(0).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
    ),
    byNonce('with padding', ({ nonce }) => `${nonce(0)}=`),
    byNonce('three buckets old', ({ nonce }) => nonce(3)),
    byNonce('of yesterday', ({ nonce }) => nonce(720)),
    byNonce('two buckets in the future', ({ nonce }) => nonce(-2)),
    byNonce('made with another key', ({ nonce }) => nonce(0, 'foreign')),
    byNonce('the time of another nonce', ({ nonce }) => {
      const [old, now] = [nonce(3), nonce(0)].map((text) => Buffer.from(text, 'base64url')) as [
        Buffer,
        Buffer,
      ]
      return Buffer.concat([now.subarray(0, 4), old.subarray(4)]).toString('base64url')
    }),
    byProof('that is no text', 'nonce', withClaims({ nonce: 1 })),
    byProof('good, beside another key', 'signature', ({ nonce, otherKey }) => ({
      claims: { nonce: nonce(0) },
      sign: (input) => signWith(otherKey, input),
    })),
    byProof('good, and iat that is no number', 'iat', ({ nonce }) =>
      withClaims({ nonce: nonce(0), iat: '1' }),
    ),
    {
      name: 'good, and the proof was used before',
      code: 'dpop_proof_replayed',
      requests(making) {
        const sent = making.send(making.bound, making.proof({ claims: { nonce: making.nonce(0) } }))
        return [sent, sent]
      },
    },
  ],
  goods: [
    goodProof('of the bucket before', ({ nonce }) => withClaims({ nonce: nonce(1) })),
    goodProof('two buckets old', ({ nonce }) => withClaims({ nonce: nonce(2) })),
    goodProof('made with the key before the rotation', ({ nonce }) =>
      withClaims({ nonce: nonce(0, 'previousKey') }),
    ),
    goodProof('the clock of the client is ten minutes slow', ({ nonce, nowSeconds }) =>
      withClaims({ nonce: nonce(0), iat: nowSeconds - 600 }),
    ),
    goodProof('the clock of the client is ten minutes fast', ({ nonce, nowSeconds }) =>
      withClaims({ nonce: nonce(0), iat: nowSeconds + 600 }),
    ),
  ],
}

/** A good request, and then one with another proof of the same `jti`. */
const replayed = (
  name: string,
  again: (making: Making, proof: string, jti: string) => string,
  more: Partial<Mutant> = {},
): Mutant => ({
  name,
  code: 'dpop_proof_replayed',
  requests(making) {
    const jti = crypto.randomUUID()
    const proof = making.proof({ claims: { jti } })
    return [making.send(making.bound, proof), making.send(making.bound, again(making, proof, jti))]
  },
  ...more,
})

/** The orders of the groups of the curves. FIPS 186-4 appendix D.1.2. */
const ORDERS: Readonly<Partial<Record<ProofAlgorithm, bigint>>> = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: BigInt(`0x${'f'.repeat(48)}c7634d81f4372ddf581a0db248b0a77aecec196accc52973`),
  ES512: BigInt(`0x1${'f'.repeat(64)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`),
}

/** The other signature of ECDSA for the same message: (r, n - s). */
function otherSignature({ algorithm }: Making, proof: string): string {
  const [header, claims, text = ''] = proof.split('.')
  const signature = Buffer.from(text, 'base64url')
  const half = signature.length / 2
  const s = ORDERS[algorithm]! - BigInt(`0x${signature.subarray(half).toString('hex')}`)
  const other = Buffer.from(s.toString(16).padStart(half * 2, '0'), 'hex')
  return [header, claims, Buffer.concat([signature.subarray(0, half), other]).toString('base64url')].join('.')
}

const REPLAY: Rule = {
  name: 'a proof is used once',
  source: 'RFC 9449 section 11.1',
  mutants: [
    replayed('the same proof', (_, proof) => proof),
    replayed('the other signature of ECDSA', otherSignature, {
      algorithms: (algorithm) => ORDERS[algorithm] !== undefined,
    }),
    replayed('another time', ({ proof, nowSeconds }, _, jti) =>
      proof({ claims: { jti, iat: nowSeconds - 1 } }),
    ),
    replayed('another member of the header', ({ proof }, _, jti) =>
      proof({ header: { kid: 'x' }, claims: { jti } }),
    ),
    replayed('members of jwk in another order', ({ proof, key }, _, jti) => {
      const jwk = Object.fromEntries(Object.entries(key.jwk).toReversed())
      return proof({ header: { jwk }, claims: { jti } })
    }),
    replayed('another spelling of htu', ({ proof, url }, _, jti) =>
      proof({ claims: { jti, htu: `${url}?again` } }),
    ),
    {
      name: 'another token of the same key',
      code: 'dpop_proof_replayed',
      async requests(making) {
        const jti = crypto.randomUUID()
        const token = await making.token({ cnf: { jkt: making.key.jkt } })
        return [
          making.send(making.bound, making.proof({ claims: { jti } })),
          making.send(token, making.proof({ claims: { jti } }, { token })),
        ]
      },
    },
    {
      name: 'for another method',
      code: 'dpop_proof_replayed',
      requests(making) {
        const jti = crypto.randomUUID()
        return [
          making.send(making.bound, making.proof({ claims: { jti } })),
          making.send(making.bound, making.proof({ claims: { jti } }, { method: 'POST' }), {
            method: 'POST',
          }),
        ]
      },
      ...notOnHandshake,
    },
  ],
  goods: [
    {
      name: 'the same jti of another key',
      async requests(making) {
        const jti = crypto.randomUUID()
        const { otherKey } = making
        const token = await making.token({ cnf: { jkt: otherKey.jkt } })
        return [
          making.send(making.bound, making.proof({ claims: { jti } })),
          making.send(token, making.proof({ claims: { jti } }, { token }, otherKey)),
        ]
      },
    },
    {
      name: 'jti in another case',
      requests(making) {
        const jti = `jti-${crypto.randomUUID()}`
        return [jti, jti.toUpperCase()].map((text) =>
          making.send(making.bound, making.proof({ claims: { jti: text } })),
        )
      },
    },
  ],
}

export const CLAIM_RULES: readonly Rule[] = [JTI, HTM, HTU, HTU_FORM, ATH, IAT, NONCE, REPLAY]
