// The rows of the tour: what the client asks oauth4webapi for, what is changed before it is sent, and the answer that
// each edge must give. Expected codes are written out and not computed from the table of failures.

import type { Sent, Use } from './api-client.ts'
import { asScheme, withFields, withOtherSignature, withProofOf } from './changes.ts'
import type { EdgeName } from './services.ts'
import type { KeyName, TokenName } from './wallet.ts'

/** Status, and code of the decision. `null`: API Gateway answers without a call of the authorizer. */
export type Answer = readonly [status: number, code: string | null]

/** What a change may use besides the request that the library made. */
export interface Tools {
  /** The request of the row before, as it was sent to this edge. */
  readonly last: Sent
  /** What the library makes instead, without sending it. `path`: at this edge. */
  make(other: Partial<Use> & { readonly path?: string }): Promise<Sent>
  readonly tokenOf: (name: TokenName) => string
}

export interface Row {
  readonly what: string
  readonly method?: 'GET' | 'POST'
  readonly path: '/catalogue' | '/orders' | '/payments'
  readonly token: TokenName
  /** The key that makes the proof. Default: the token is sent as a plain one. */
  readonly key?: KeyName
  readonly change?: (made: Sent, tools: Tools) => Sent | Promise<Sent>
  /** Sent to an instance that has not seen the requests of the rows before. */
  readonly toOtherInstance?: true
  /** Whether the library may send it again with the nonce of the answer. Default true. */
  readonly repeats?: false
  /** Absent: the row is not about that edge. */
  readonly expected: Readonly<Partial<Record<EdgeName, Answer>>>
  /** The challenges of the Worker. Default: none. */
  readonly challenges?: string
  /** What the API must be told of the binding. Default, where the request passes: nothing. */
  readonly sender?: 'dpop'
}

export interface Section {
  readonly title: string
  /** What is done with the stores of used proofs before its rows. */
  readonly stores?: 'stop' | 'start'
  readonly rows: readonly Row[]
}

const ALLOW: Answer = [200, 'access_token']

const PASSES = { worker: ALLOW, rest: ALLOW, http: ALLOW } as const

/** An HTTP API refuses with 403, where its answers are not kept. */
const refuse = (code: string, workerStatus = 401): Row['expected'] => ({
  worker: [workerStatus, code],
  rest: [401, code],
  http: [403, code],
})

const BOTH = 'bearer, dpop'
const INVALID_TOKEN = { bearer: 'bearer invalid_token, dpop', dpop: 'bearer, dpop invalid_token' } as const
const INVALID_PROOF = 'bearer, dpop invalid_dpop_proof'

const PLAIN: Section = {
  title: 'Plain tokens: API Gateway keeps answers about them',
  rows: [
    {
      what: 'a plain token on a route for plain tokens',
      path: '/catalogue',
      token: 'plain',
      expected: { ...PASSES, token: ALLOW },
    },
    {
      what: 'the same again: API Gateway has kept the answer',
      path: '/catalogue',
      token: 'plain',
      expected: { worker: ALLOW, rest: [200, null], http: [200, null] },
    },
    {
      what: 'a bound token with its proof, on that route',
      path: '/catalogue',
      token: 'bound',
      key: 'phone',
      expected: {
        worker: [401, 'credential_scheme'],
        rest: [401, 'credential_scheme'],
        http: [403, 'credential_scheme'],
        token: [401, null],
      },
      challenges: 'bearer',
    },
    {
      what: 'the bound token as a plain one, on that route',
      path: '/catalogue',
      token: 'bound',
      expected: {
        worker: [401, 'sender_constraint_unproven'],
        rest: [401, 'sender_constraint_unproven'],
        http: [401, 'sender_constraint_unproven'],
        token: [401, 'sender_constraint_unproven'],
      },
      challenges: 'bearer invalid_token',
    },
    {
      what: 'the plain token on a route for both',
      path: '/orders',
      token: 'plain',
      expected: PASSES,
    },
    {
      what: 'the same again: API Gateway has kept nothing',
      path: '/orders',
      token: 'plain',
      expected: PASSES,
    },
    {
      what: 'the plain token on a route for bound tokens',
      method: 'POST',
      path: '/payments',
      token: 'plain',
      expected: refuse('sender_constraint_missing'),
      challenges: 'dpop invalid_token',
    },
    {
      what: 'no token on a route for bound tokens',
      method: 'POST',
      path: '/payments',
      token: 'plain',
      change: (made) => withFields(made, { authorization: null }),
      expected: { worker: [401, 'credential_missing'], rest: [401, null], http: [401, null] },
      challenges: 'dpop',
    },
    {
      what: 'no token on a route for both',
      path: '/orders',
      token: 'plain',
      change: (made) => withFields(made, { authorization: null }),
      expected: { worker: [401, 'credential_missing'], rest: [401, null], http: [401, null] },
      challenges: BOTH,
    },
    {
      what: 'the plain token with a proof beside it',
      path: '/orders',
      token: 'plain',
      key: 'phone',
      change: (made) => asScheme('Bearer', made),
      expected: refuse('dpop_proof_unexpected', 400),
      challenges: 'bearer invalid_request, dpop',
    },
    {
      what: 'the plain token with a proof and the scheme DPoP',
      path: '/orders',
      token: 'plain',
      key: 'phone',
      expected: refuse('dpop_scheme_unbound'),
      challenges: INVALID_TOKEN.dpop,
    },
  ],
}

const GOOD: Section = {
  title: 'Bound tokens as they should be used',
  rows: [
    {
      what: 'a proof without a nonce: the Worker demands one',
      path: '/orders',
      token: 'bound',
      key: 'newPhone',
      repeats: false,
      expected: { worker: [401, 'dpop_nonce_required'], rest: ALLOW, http: ALLOW },
      challenges: 'dpop use_dpop_nonce',
      sender: 'dpop',
    },
    {
      what: 'the library has kept the nonce, and asks again',
      path: '/orders',
      token: 'bound',
      key: 'newPhone',
      repeats: false,
      expected: PASSES,
      sender: 'dpop',
    },
    { what: 'GET', path: '/orders', token: 'bound', key: 'phone', expected: PASSES, sender: 'dpop' },
    {
      what: 'POST, on a route for bound tokens',
      method: 'POST',
      path: '/payments',
      token: 'bound',
      key: 'phone',
      expected: PASSES,
      sender: 'dpop',
    },
    {
      what: 'another user agent, with an Ed25519 key',
      method: 'POST',
      path: '/payments',
      token: 'laptop',
      key: 'laptop',
      expected: PASSES,
      sender: 'dpop',
    },
    {
      what: 'an opaque token: introspection names the key',
      path: '/orders',
      token: 'opaque',
      key: 'phone',
      expected: PASSES,
      sender: 'dpop',
    },
    {
      what: 'the clock of the client is ten minutes slow',
      path: '/orders',
      token: 'bound',
      key: 'slowPhone',
      // With a nonce the time of the edge counts.
      expected: { worker: ALLOW, rest: [401, 'dpop_proof_invalid'], http: [403, 'dpop_proof_invalid'] },
      sender: 'dpop',
    },
    {
      what: 'the clock of the client is ten minutes fast',
      path: '/orders',
      token: 'bound',
      key: 'fastPhone',
      expected: { worker: ALLOW, rest: [401, 'dpop_proof_invalid'], http: [403, 'dpop_proof_invalid'] },
      sender: 'dpop',
    },
  ],
}

const WITHOUT_PROOF: Section = {
  title: 'A stolen token, without the key',
  rows: [
    {
      what: 'the bound token as a plain one',
      path: '/orders',
      token: 'bound',
      expected: refuse('sender_constraint_unproven'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      what: 'the same, on a route for bound tokens',
      method: 'POST',
      path: '/payments',
      token: 'bound',
      expected: refuse('sender_constraint_unproven'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      what: 'as a plain one, with a good proof beside it',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: (made) => asScheme('Bearer', made),
      expected: refuse('sender_constraint_unproven'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      what: 'with the scheme DPoP and no proof',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: (made) => withFields(made, { dpop: null }),
      expected: refuse('dpop_proof_missing'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'with a proof by the key of the thief',
      path: '/orders',
      token: 'bound',
      key: 'laptop',
      expected: refuse('dpop_key_mismatch'),
      challenges: INVALID_TOKEN.dpop,
    },
    {
      what: 'the token itself as the proof',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: (made, { tokenOf }) => withFields(made, { dpop: tokenOf('bound') }),
      expected: refuse('dpop_proof_invalid'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'an opaque token as a plain one',
      path: '/orders',
      token: 'opaque',
      expected: refuse('sender_constraint_unproven'),
      challenges: INVALID_TOKEN.bearer,
    },
    {
      what: 'an opaque token with the scheme DPoP and no proof',
      path: '/orders',
      token: 'opaque',
      key: 'phone',
      change: (made) => withFields(made, { dpop: null }),
      expected: refuse('dpop_proof_missing'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'an opaque token with a proof by the key of the thief',
      path: '/orders',
      token: 'opaque',
      key: 'laptop',
      expected: refuse('dpop_key_mismatch'),
      challenges: INVALID_TOKEN.dpop,
    },
  ],
}

const STOLEN_PROOF: Section = {
  title: 'A stolen request: token and proof of its owner',
  rows: [
    {
      what: 'the owner sends it',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      expected: PASSES,
      sender: 'dpop',
    },
    {
      what: 'the thief sends the same',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: (_, { last }) => last,
      expected: refuse('dpop_proof_replayed'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'to another instance: it has a memory of its own',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: (_, { last }) => last,
      toOtherInstance: true,
      expected: PASSES,
      sender: 'dpop',
    },
    {
      what: 'the owner sends it, on a route with replay: strong',
      method: 'POST',
      path: '/payments',
      token: 'bound',
      key: 'phone',
      expected: PASSES,
      sender: 'dpop',
    },
    {
      what: 'the thief sends the same to another instance',
      method: 'POST',
      path: '/payments',
      token: 'bound',
      key: 'phone',
      change: (_, { last }) => last,
      toOtherInstance: true,
      expected: refuse('dpop_proof_replayed'),
      challenges: 'dpop invalid_dpop_proof',
    },
    {
      what: 'the proof for another method',
      method: 'POST',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: async (made, { make }) => withProofOf(made, await make({ method: 'GET' })),
      expected: refuse('dpop_proof_invalid'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'the proof for another path',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: async (made, { make }) => withProofOf(made, await make({ path: '/payments' })),
      expected: refuse('dpop_proof_invalid'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'the proof for another API',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: async (made, { make }) =>
        withProofOf(made, await make({ url: 'https://api.thief.example/orders' })),
      expected: refuse('dpop_proof_invalid'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'the proof for another token of the same key',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: async (made, { make, tokenOf }) => withProofOf(made, await make({ token: tokenOf('newer') })),
      expected: refuse('dpop_proof_invalid'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'the signature of the proof changed',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: withOtherSignature,
      expected: refuse('dpop_proof_invalid'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'two proofs in one request',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: async (made, { make }) =>
        withFields(made, { dpop: [String(made.fields['dpop']), String((await make({})).fields['dpop'])] }),
      expected: refuse('dpop_proof_invalid'),
      challenges: INVALID_PROOF,
    },
    {
      what: 'a nonce that the Worker did not make',
      path: '/orders',
      token: 'bound',
      key: 'inventive',
      repeats: false,
      expected: { worker: [401, 'dpop_nonce_required'] },
      challenges: 'dpop use_dpop_nonce',
    },
  ],
}

const WRONG_TOKEN: Section = {
  title: 'A good proof with the wrong token',
  rows: [
    {
      what: 'the ID token',
      path: '/orders',
      token: 'idToken',
      key: 'phone',
      expected: refuse('id_token'),
      challenges: INVALID_TOKEN.dpop,
    },
    {
      what: 'an expired token',
      path: '/orders',
      token: 'expired',
      key: 'phone',
      expected: refuse('token_expired'),
      challenges: INVALID_TOKEN.dpop,
    },
    {
      // No access token has a key in its header.
      what: 'the proof as the token',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      change: (made) => withFields(made, { authorization: `DPoP ${String(made.fields['dpop'])}` }),
      expected: refuse('header_member_refused'),
      challenges: INVALID_TOKEN.dpop,
    },
    {
      what: 'a token that lacks the scope',
      path: '/orders',
      token: 'scopeless',
      key: 'phone',
      expected: {
        worker: [403, 'insufficient_scope'],
        rest: [403, 'insufficient_scope'],
        http: [403, 'insufficient_scope'],
      },
      challenges: 'bearer, dpop insufficient_scope',
    },
  ],
}

const STRONG = { method: 'POST', path: '/payments', token: 'bound', key: 'phone' } as const

const OUTAGE: Section = {
  title: 'The stores of used proofs are out of reach',
  stores: 'stop',
  rows: [
    {
      ...STRONG,
      what: 'a good request on a route with replay: strong',
      expected: {
        worker: [503, 'replay_unavailable'],
        rest: [500, 'replay_unavailable'],
        http: [500, 'replay_unavailable'],
      },
    },
    {
      what: 'a good request on another route',
      path: '/orders',
      token: 'bound',
      key: 'phone',
      expected: PASSES,
      sender: 'dpop',
    },
  ],
}

const RETURN: Section = {
  title: 'The stores are back',
  stores: 'start',
  rows: [
    { ...STRONG, what: 'a good request with a new proof', expected: PASSES, sender: 'dpop' },
    {
      ...STRONG,
      what: 'the thief sends the same to another instance',
      change: (_, { last }) => last,
      toOtherInstance: true,
      expected: refuse('dpop_proof_replayed'),
      challenges: 'dpop invalid_dpop_proof',
    },
  ],
}

export const SECTIONS: readonly Section[] = [
  PLAIN,
  GOOD,
  WITHOUT_PROOF,
  STOLEN_PROOF,
  WRONG_TOKEN,
  OUTAGE,
  RETURN,
]
