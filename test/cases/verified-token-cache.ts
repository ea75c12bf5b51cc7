// A token that is sent again, as data: what has changed meanwhile, and the verdict. `remembered` says whether the
// verdict came from the cache, without a new check of the signature: the cache may change nothing else, above all not
// the code.

import { allow, deny, refused, USER, type CaseRequest, type Expectation } from './row.ts'
import type { Published } from './key-drill.ts'
import type { Members } from '../support/test-issuer.ts'

export const CACHE_BYTES = 65_536
/** Number of other tokens that leave no room for a token that was cached before. */
const FLOOD = 60

export const DRILL_AUDIENCE = 'https://api.test.example'
export const DRILL_RESOURCE = 'https://edge.test.example/resource'

/** Who signed, and the times in seconds from the beginning of the row. */
export interface DrillToken {
  readonly key?: 'first' | 'next'
  readonly withoutKid?: true
  readonly iat?: number
  readonly exp?: number
  readonly nbf?: number
  readonly claims?: Members
}

export type CacheStep =
  | { readonly at: number }
  | { readonly publish: readonly Exclude<Published, 'three others' | 'of another algorithm'>[] }
  | { readonly fail: true }
  | { readonly mend: true }
  /** Sends `flood` new tokens, each of them `times` times. */
  | { readonly flood: number; readonly times: number }
  | {
      /** Name of the token; the same text every time. */
      readonly ask: string
      readonly as?: Pick<CaseRequest, 'method' | 'path'>
      /** A change to the text of the token. */
      readonly spelled?: (token: string) => string
      readonly expect: Expectation
      readonly remembered: boolean
      /** Whether the log has the same token fingerprint as for the first token of the row, or another one. */
      readonly named?: 'first' | 'other'
    }

export interface CacheRow {
  readonly id: string
  readonly tokens: Readonly<Record<string, DrillToken>>
  readonly steps: readonly CacheStep[]
}

const MINUTE = 60
const ALLOWED = allow(USER)

type SendStep = Extract<CacheStep, { readonly ask: string }>
const sendStep = (
  token: string,
  remembered: boolean,
  expect: Expectation,
  more: Partial<SendStep> = {},
): SendStep => ({
  ask: token,
  expect,
  remembered,
  ...more,
})
const uncached = (token: string, expect: Expectation = ALLOWED, more: Partial<SendStep> = {}) =>
  sendStep(token, false, expect, more)
const cached = (token: string, expect: Expectation = ALLOWED, more: Partial<SendStep> = {}) =>
  sendStep(token, true, expect, more)
const to = (method: string, path: string) => ({ as: { method, path } })

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Shifts the last character by so many places. An ES256 signature of 64 bytes leaves its last 4 bits unused. */
const shifted = (by: number) => (token: string) =>
  token.slice(0, -1) + ALPHABET[(ALPHABET.indexOf(token.at(-1)!) + by) % 64]!

/** The token with its signature changed as bytes. */
const resigned = (change: (signature: Buffer) => void) => (token: string) => {
  const at = token.lastIndexOf('.') + 1
  const signature = Buffer.from(token.slice(at), 'base64url')
  change(signature)
  return token.slice(0, at) + signature.toString('base64url')
}

/** The token with one bit of its signature changed. */
const flipped = (bit: number) => resigned((signature) => void (signature[bit >> 3]! ^= 0x80 >> (bit & 7)))

/** The order of the group of P-256. FIPS 186-5; SP 800-186 section 3.2.1.3. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other ECDSA signature for the same text and key: s becomes n - s. */
export const mirrored = resigned((signature) => {
  const other = ORDER - BigInt(`0x${signature.toString('hex', 32)}`)
  signature.write(other.toString(16).padStart(64, '0'), 32, 'hex')
})

const one = (id: string, steps: readonly CacheStep[], token: DrillToken = {}): CacheRow => ({
  id,
  tokens: { it: token },
  steps,
})

/** A refused token is refused for the same reason again, without a new check of its signature. */
const staysRefused = (id: string, token: DrillToken, expect: Expectation): CacheRow =>
  one(`${id}, again`, [uncached('it', expect), cached('it', expect), cached('it', expect)], token)

export const CACHE_ROWS: readonly CacheRow[] = [
  one('the same token again', [uncached('it'), cached('it'), cached('it')]),
  {
    id: 'another token of the same client',
    tokens: { it: {}, other: {} },
    steps: [uncached('it'), uncached('other'), cached('it'), cached('other')],
  },
  one('a route that demands more', [
    uncached('it'),
    cached('it', deny('insufficient_scope', 403, 403), to('POST', '/orders')),
    cached('it'),
    cached('it', deny('insufficient_scope', 403, 403), to('POST', '/orders')),
  ]),
  one('a method that has no rule', [
    uncached('it'),
    uncached('it', deny('method_unknown', 403, 403), to('DELETE', '/orders')),
    cached('it'),
  ]),
  one('a route for another client', [
    uncached('it'),
    cached('it', deny('client_not_allowed', 403, 403), to('GET', '/partners')),
  ]),
  one(
    'a route for holders of another claim, another type of details, another sign-in',
    [
      uncached('it', ALLOWED, to('GET', '/acme')),
      cached('it', deny('claim_condition_unmet', 403, 403), to('GET', '/umbrella')),
      cached('it', deny('authorization_details_lacking', 403, 403), to('GET', '/payments')),
      cached('it', refused('insufficient_user_authentication'), to('GET', '/vault')),
    ],
    { claims: { org_id: 'acme' } },
  ),
  one('a route for another resource', [
    uncached('it'),
    cached('it', refused('audience_mismatch'), to('GET', '/resource')),
  ]),
  one('a route for another issuer', [
    uncached('it'),
    sendStep('it', false, refused('issuer_not_allowed'), to('GET', '/elsewhere')),
    cached('it'),
  ]),
  one(
    'a route that wants a fresh sign-in, when it is no longer fresh',
    [
      uncached('it', ALLOWED, to('GET', '/transfers')),
      { at: 60 },
      cached('it', ALLOWED, to('GET', '/transfers')),
      { at: 120 },
      cached('it', refused('insufficient_user_authentication'), to('GET', '/transfers')),
    ],
    { claims: { auth_time: 0 } },
  ),
  one('expiry between two requests', [
    uncached('it'),
    { at: 604.9 },
    cached('it'),
    { at: 605 },
    cached('it', refused('token_expired')),
    uncached('it', refused('token_expired')),
  ]),
  one(
    'not yet valid after a clock was set back',
    [
      uncached('it'),
      { at: -4 },
      cached('it'),
      { at: -6 },
      cached('it', refused('token_not_yet_valid')),
      { at: 0 },
      cached('it'),
    ],
    { iat: -100, nbf: 0 },
  ),
  one(
    'issued in the future after a clock was set back',
    [uncached('it'), { at: -6 }, cached('it', refused('token_issued_in_future'))],
    { iat: 0 },
  ),
  one(
    'not yet valid, and then it is',
    [uncached('it', refused('token_not_yet_valid')), { at: 60 }, cached('it')],
    {
      nbf: 60,
    },
  ),
  staysRefused('another audience', { claims: { aud: 'https://x.test' } }, refused('audience_mismatch')),
  staysRefused('another client', { claims: { client_id: 'client-9' } }, refused('client_mismatch')),
  staysRefused('too long a life', { exp: 86_400 }, refused('token_lifetime')),
  staysRefused(
    'bound to its sender',
    { claims: { cnf: { jkt: 'x' } } },
    refused('sender_constraint_unproven'),
  ),
  staysRefused('no scope', { claims: { scope: '' } }, deny('insufficient_scope', 403, 403)),
  {
    id: 'an ID token is never cached',
    tokens: { it: { claims: { nonce: 'n' } } },
    steps: [uncached('it', refused('id_token')), uncached('it', refused('id_token'))],
  },
  {
    id: 'a malformed claims set is never cached',
    tokens: { it: { claims: { jti: 7 } } },
    steps: [uncached('it', refused('claim_malformed')), uncached('it', refused('claim_malformed'))],
  },
  {
    id: 'a withdrawn key takes its tokens along with the fetch that shows it',
    tokens: { it: {}, next: { key: 'next' } },
    steps: [
      uncached('it'),
      { publish: ['next'] },
      { at: MINUTE },
      cached('it'),
      uncached('next'),
      uncached('it', refused('key_unknown')),
      cached('next'),
    ],
  },
  {
    id: 'a key that was withdrawn and comes back verifies anew',
    tokens: { it: { exp: 3_000 }, next: { key: 'next', exp: 3_000 } },
    steps: [
      uncached('it'),
      { publish: ['next'] },
      { at: MINUTE },
      uncached('next'),
      { publish: ['first', 'next'] },
      { at: 3 * MINUTE },
      uncached('it'),
      cached('it'),
      cached('next'),
    ],
  },
  {
    id: 'without a kid, the key that verified it decides among those that fit',
    tokens: { it: { withoutKid: true, exp: 3_000 }, next: { withoutKid: true, key: 'next', exp: 3_000 } },
    steps: [
      { publish: ['next', 'first'] },
      uncached('it'),
      uncached('next'),
      cached('it'),
      cached('next'),
      { publish: ['next'] },
      { at: 25 * MINUTE },
      cached('next'),
      uncached('it', refused('signature_invalid')),
      uncached('it', refused('signature_invalid')),
    ],
  },
  one(
    'another key under the same kid',
    [
      uncached('it'),
      { publish: ['next under the kid of the first'] },
      { at: 25 * MINUTE },
      uncached('it', refused('signature_invalid')),
      uncached('it', refused('signature_invalid')),
    ],
    { exp: 3_000 },
  ),
  one(
    'the same key again after a refresh',
    [
      uncached('it'),
      { publish: ['next', 'first'] },
      { at: 25 * MINUTE },
      cached('it'),
      { at: 50 * MINUTE },
      cached('it'),
    ],
    { exp: 3_590 },
  ),
  one(
    'an issuer that is down: as long as its keys are good, and no longer',
    [
      uncached('it'),
      { fail: true },
      { at: 25 * MINUTE },
      cached('it'),
      { at: 59 * MINUTE },
      cached('it'),
      { at: 60 * MINUTE },
      uncached('it', deny('keys_unavailable', 503, 500)),
      { mend: true },
      { at: 61 * MINUTE },
      cached('it'),
    ],
    { exp: 4_000 },
  ),
  one('a changed signature', [
    uncached('it'),
    uncached('it', refused('signature_invalid'), { spelled: shifted(16) }),
    uncached('it', refused('signature_invalid'), { spelled: shifted(32) }),
    cached('it'),
  ]),
  ...[0, 255, 256, 440, 511].map((bit) =>
    one(`a cached token with bit ${bit} of its signature changed`, [
      uncached('it'),
      cached('it'),
      uncached('it', refused('signature_invalid'), { spelled: flipped(bit), named: 'first' }),
      cached('it'),
    ]),
  ),
  {
    id: 'the other signature of the same text: another entry of the cache, and the same name in the log',
    tokens: { it: {}, other: {} },
    steps: [
      uncached('it'),
      uncached('it', ALLOWED, { spelled: mirrored, named: 'first' }),
      cached('it', ALLOWED, { named: 'first' }),
      cached('it', ALLOWED, { spelled: mirrored, named: 'first' }),
      uncached('other', ALLOWED, { named: 'other' }),
      cached('other', ALLOWED, { named: 'other' }),
    ],
  },
  one('the same signature in a spelling that is not canonical', [
    uncached('it'),
    uncached('it', refused('token_malformed'), { spelled: shifted(1) }),
    uncached('it', refused('token_malformed'), { spelled: (token) => `${token}=` }),
    uncached('it', refused('token_malformed'), { spelled: (token) => `${token}.` }),
    cached('it'),
  ]),
  one('without its signature', [
    uncached('it'),
    uncached('it', refused('signature_invalid'), {
      spelled: (token) => token.slice(0, token.lastIndexOf('.') + 1),
    }),
    cached('it'),
  ]),
  one('a token of 1 MB that begins like it', [
    uncached('it'),
    uncached('it', refused('token_too_large'), { spelled: (token) => token + 'A'.repeat(1_000_000) }),
    cached('it'),
  ]),
  one('others, by the dozen: once each they displace nothing, and twice each what is not used meanwhile', [
    uncached('it'),
    { flood: FLOOD, times: 1 },
    cached('it'),
    { flood: FLOOD, times: 2 },
    uncached('it'),
    // The cache is nearly full by now, so the token was only cached when it came for the second time.
    uncached('it'),
    cached('it'),
  ]),
]
