// Proofs that were used before: RFC 9449 section 11.1. What names a proof is its key and its `jti`, and a proof that
// was refused for another reason uses nothing up. Also the answers that come before the proof is looked at.

import { makeProof, sha256, signWith, type ProofChange } from '../../support/dpop-proofs.ts'
import { OTHER_AUDIENCE, type CaseWorld } from '../../support/case-world.ts'
import { allow, deny, refused, reported, USER, type CaseRequest, type Expectation } from '../row.ts'
import { now } from '../time.ts'
import { mirrored } from '../verified-token-cache.ts'
import {
  BASE,
  BOUND,
  keyOf,
  none,
  ofIssuer,
  REPLAYED,
  requestOf,
  row,
  type Given,
  type More,
  UNPROVEN,
} from './row.ts'
import type { SenderRow } from '../sender-row.ts'

/** Requests whose proofs have the same `jti`, which no other row has. */
const sameJti = (
  id: string,
  expect: Expectation,
  [...given]: readonly Given[],
  more: More = {},
): SenderRow => ({
  ...row(id, expect, {}, more),
  requests: (world) => {
    const jti = crypto.randomUUID()
    return Promise.all(given.map((one) => requestOf(world, { ...one, remake: () => ({ jti }) })))
  },
})

/** The same request again, changed. */
const again = (
  id: string,
  expect: Expectation,
  change: (request: CaseRequest, world: CaseWorld) => CaseRequest = (request) => request,
  more: More = {},
): SenderRow => ({
  ...row(id, expect, {}, more),
  async requests(world) {
    const first = await requestOf(world, {})
    return [first, change(first, world)]
  },
})

const withProof = (request: CaseRequest, change: (proof: string) => string): CaseRequest => ({
  ...request,
  fields: request.fields!.map(([name, proof]) => [name, change(proof)]),
})

const SEEN_BY = { detail: { seen_by: 'instance' } }

const REPLAYS: readonly SenderRow[] = [
  again('a proof again', REPLAYED, undefined, SEEN_BY),
  again(
    'a proof again, with the other spelling of its signature',
    REPLAYED,
    (it) => withProof(it, mirrored),
    SEEN_BY,
  ),
  again('a proof again, for a query that differs', REPLAYED, (it) => ({ ...it, query: 'page=2' }), SEEN_BY),
  sameJti('a jti again in another proof of the same key', REPLAYED, [{}, {}], SEEN_BY),
  sameJti('a jti again for another route', REPLAYED, [{}, { path: '/admin' }], SEEN_BY),
  sameJti('a jti again with a token of another issuer', REPLAYED, [{}, { issuer: 'intro' }], SEEN_BY),
  sameJti('a jti again of another client', BOUND, [{}, { key: 'second' }]),
  sameJti('a jti again of a client with another kind of key', BOUND, [{}, { key: 'EdDSA' }]),
  row('a new proof for the same token', BOUND),
]

/** The token of an accepted request again, with what is made for it. */
const sameToken = (
  id: string,
  expect: Expectation,
  change: (token: string) => Pick<CaseRequest, 'authorization' | 'fields'>,
  given: Given = {},
): SenderRow => ({
  ...row(
    `the same token again, ${id}`,
    expect,
    {},
    { before: given.issuer ? ofIssuer(given.issuer) : BOUND },
  ),
  async requests(world) {
    const first = await requestOf(world, given)
    const token = first.authorization[0]!.split(' ')[1]!
    return [first, { ...first, ...change(token) }]
  },
})

const proofOf = (name: 'ES256' | 'second', token: string, change?: ProofChange) =>
  [['DPoP', makeProof(keyOf(name), { url: `${BASE}/orders`, token }, change)]] as const

/** A token is remembered, and its binding is proven for each request. */
const REMEMBERED: readonly SenderRow[] = ([{}, { issuer: 'intro' }] as const).flatMap((given: Given) => {
  const { issuer = 'main' } = given
  const again = (id: string, expect: Expectation, change: Parameters<typeof sameToken>[2]) =>
    sameToken(`of ${issuer}: ${id}`, expect, change, given)
  const withDpop = (token: string) => [`DPoP ${token}`]
  return [
    again('with a new proof', ofIssuer(issuer), (token) => ({
      authorization: withDpop(token),
      fields: proofOf('ES256', token),
    })),
    again('without a proof', refused('dpop_proof_missing'), (token) => ({
      authorization: withDpop(token),
      fields: [],
    })),
    again('as Bearer', UNPROVEN, (token) => ({ authorization: [`Bearer ${token}`], fields: [] })),
    again('as Bearer, with a new proof', UNPROVEN, (token) => ({
      authorization: [`Bearer ${token}`],
      fields: proofOf('ES256', token),
    })),
    again('with a proof of another key', refused('dpop_key_mismatch'), (token) => ({
      authorization: withDpop(token),
      fields: proofOf('second', token),
    })),
    again('with a proof that another key has signed', refused('dpop_proof_invalid'), (token) => ({
      authorization: withDpop(token),
      fields: proofOf('ES256', token, { sign: (input) => signWith(keyOf('second'), input) }),
    })),
    again('with a proof for another token', refused('dpop_proof_invalid'), (token) => ({
      authorization: withDpop(token),
      fields: proofOf('ES256', `${token}x`),
    })),
  ]
})

/** The first is refused for this reason, and the second has the same `jti`. */
const notUsedUp = (what: string, before: Expectation, given: Given): SenderRow =>
  sameJti(`a jti is not used up by ${what}`, BOUND, [given, {}], { before })

const invalid = refused('dpop_proof_invalid')
const EXPIRED: Given = { claims: { iat: 1, exp: 2 } }

const NOT_USED_UP: readonly SenderRow[] = [
  notUsedUp('an expired token', refused('token_expired'), EXPIRED),
  notUsedUp('a token for another API', refused('audience_mismatch'), { claims: { aud: OTHER_AUDIENCE } }),
  notUsedUp('an ID token', refused('id_token'), { claims: { nonce: 'n' } }),
  notUsedUp('a token that is not active', refused('token_inactive'), {
    issuer: 'intro',
    claims: { active: false },
  }),
  notUsedUp('a bound token as Bearer', UNPROVEN, { scheme: 'Bearer ' }),
  notUsedUp('an unbound token', refused('dpop_scheme_unbound'), { isUnbound: true }),
  notUsedUp('a token of another key', refused('dpop_key_mismatch'), { cnf: { jkt: sha256('') } }),
  notUsedUp('a wrong method', invalid, { proof: { claims: { htm: 'POST' } } }),
  notUsedUp('a wrong URL', invalid, { url: 'https://evil.example/orders' }),
  notUsedUp('a wrong token', invalid, { proofFor: (token) => `${token}x` }),
  notUsedUp('a wrong time', invalid, { proof: () => ({ claims: { iat: now() - 301 } }) }),
  notUsedUp('a wrong signature', invalid, { proof: { sign: () => Buffer.alloc(64, 1) } }),
  notUsedUp('two proofs', invalid, {
    fields: (proof) => [
      ['DPoP', proof],
      ['DPoP', proof],
    ],
  }),
  notUsedUp('a path that no rule covers', deny('route_unknown', 403, 403), { path: '/nowhere' }),
  sameJti('a jti is used up by a request that its scope refuses', REPLAYED, [{ path: '/write' }, {}], {
    before: deny('insufficient_scope', 403, 403),
  }),
]

/** The refusal of the token comes before that of its proof, and the proof before the scope. */
const ORDER: readonly SenderRow[] = [
  row('expired, with a good proof', refused('token_expired'), EXPIRED),
  row(
    'expired, without a proof',
    refused('token_expired'),
    { ...EXPIRED, fields: none },
    {
      onToken: refused('token_expired'),
    },
  ),
  row('expired, as Bearer', refused('token_expired'), { ...EXPIRED, scheme: 'Bearer ' }),
  row('for another API, with a good proof', refused('audience_mismatch'), {
    claims: { aud: OTHER_AUDIENCE },
  }),
  row('lacking a scope, with a good proof', deny('insufficient_scope', 403, 403), { path: '/write' }),
  row('lacking a scope, without a proof', refused('dpop_proof_missing'), { path: '/write', fields: none }),
  row('a token that is none', refused('token_opaque'), { authorization: () => ['DPoP nonsense'] }),
  row('a path that no rule covers', deny('route_unknown', 403, 403), { path: '/nowhere' }),
]

/** One kind of token in place of another. */
const CONFUSED: readonly SenderRow[] = [
  row(
    'an access token as its own proof',
    invalid,
    { fields: (_, token) => [['DPoP', token]] },
    { detail: { problem: 'typ' } },
  ),
  {
    ...row('a proof as an access token', refused('header_member_refused')),
    async requests(world) {
      const request = await requestOf(world, {})
      const [[, proof]] = request.fields as unknown as [[string, string]]
      return [{ ...request, authorization: [`DPoP ${proof}`] }]
    },
  },
  row('a signed proof of the issuer as an access token', refused('dpop_proof'), {
    claims: { htm: 'GET', htu: 'https://api.test.example/orders', cnf: undefined },
  }),
]

const trying = (given: Given): Given => ({ path: '/trial', ...given })

const REPORTED: readonly SenderRow[] = [
  row('report-only: a good proof', allow({ ...USER, sender: 'dpop' }), trying({})),
  row('report-only: a wrong proof', reported('dpop_proof_invalid'), trying({ url: 'https://evil.example/' })),
  row('report-only: no proof', reported('dpop_proof_missing'), trying({ fields: none })),
  row(
    'report-only: as Bearer',
    reported('sender_constraint_unproven'),
    trying({ scheme: 'Bearer ', fields: none }),
    {
      onToken: reported('sender_constraint_unproven'),
    },
  ),
  row('report-only: unbound as DPoP', reported('dpop_scheme_unbound'), trying({ isUnbound: true })),
]

export const REPLAY_ROWS: readonly SenderRow[] = [
  ...REPLAYS,
  ...REMEMBERED,
  ...NOT_USED_UP,
  ...ORDER,
  ...CONFUSED,
  ...REPORTED,
]
