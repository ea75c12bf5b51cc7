// The key in a proof: public, of the right type and strong, and the one that the token is bound to. RFC 9449 section
// 4.3 (7), RFC 7517 section 4, RFC 7638.

import { sha256, thumbprintOf, type ProofAlgorithm } from '../../support/dpop-proofs.ts'
import { EXPONENT_ONE, forgeExponentOne, forgeSmallOrder, SMALL_ORDER } from '../../support/hostile-keys.ts'
import type { Members } from '../../support/test-issuer.ts'
import { refused } from '../row.ts'
import { now } from '../time.ts'
import { encode, uncanonical } from './form.ts'
import { accepted, BASE, keyOf, row, wrong, type Given } from './row.ts'
import type { SenderRow } from '../sender-row.ts'

const withJwk = (jwk: () => unknown, more: Given = {}): Given => ({ ...more, jwk })

/** The key with further or other members. */
const withMember = (members: Members, key: ProofAlgorithm = 'ES256'): Given =>
  withJwk(() => ({ ...keyOf(key).jwk, ...members }), { key })

const badKey = (id: string, key: string, given: Given): SenderRow =>
  wrong('jwk', id, given, { detail: { problem: 'jwk', key } })

const longN = () => {
  const n = Buffer.from(keyOf('RS256').jwk['n'] as string, 'base64url')
  return Buffer.concat([Buffer.from([0]), n]).toString('base64url')
}

export const KEY_ROWS: readonly SenderRow[] = [
  accepted('jwk with members that nobody knows', withMember({ 'x-note': 'mine', kid: 'one' })),
  accepted('jwk with its alg', withMember({ alg: 'ES256' })),
  accepted('jwk with use sig', withMember({ use: 'sig' })),
  accepted('jwk with key_ops verify', withMember({ key_ops: ['verify'] })),
  badKey('with another alg', 'no_algorithm', withMember({ alg: 'ES384' })),
  badKey('with use enc', 'not_for_signatures', withMember({ use: 'enc' })),
  badKey('with key_ops sign', 'not_for_signatures', withMember({ key_ops: ['sign'] })),
  badKey('with key_ops that are no list', 'not_for_signatures', withMember({ key_ops: 'verify' })),
  badKey(
    'none',
    'not_a_key',
    withJwk(() => undefined),
  ),
  badKey(
    'null',
    'not_a_key',
    withJwk(() => null),
  ),
  badKey(
    'a list',
    'not_a_key',
    withJwk(() => [keyOf('ES256').jwk]),
  ),
  badKey(
    'a string',
    'not_a_key',
    withJwk(() => JSON.stringify(keyOf('ES256').jwk)),
  ),
  badKey(
    'an empty object',
    'no_algorithm',
    withJwk(() => ({})),
  ),
  badKey(
    'private',
    'private',
    withJwk(() => keyOf('ES256').privateJwk),
  ),
  badKey(
    'private, of RSA',
    'private',
    withJwk(() => keyOf('RS256').privateJwk, { key: 'RS256' }),
  ),
  badKey('with an empty private member', 'private', withMember({ d: '' })),
  ...['p', 'q', 'dp', 'dq', 'qi', 'oth'].map((name) =>
    badKey(`with ${name} alone`, 'private', withMember({ [name]: 'AA' }, 'RS256')),
  ),
  badKey('with k', 'private', withMember({ k: 'AA' })),
  badKey(
    'symmetric',
    'private',
    withJwk(() => ({ kty: 'oct', k: encode('secret') })),
  ),
  badKey(
    'symmetric without k',
    'symmetric',
    withJwk(() => ({ kty: 'oct' })),
  ),
  badKey(
    'of another type than alg',
    'no_algorithm',
    withJwk(() => keyOf('RS256').jwk),
  ),
  badKey(
    'of another curve than alg',
    'no_algorithm',
    withJwk(() => keyOf('ES384').jwk),
  ),
  badKey(
    'off the curve',
    'off_curve',
    withJwk(() => ({ ...keyOf('ES256').jwk, y: keyOf('ES256').jwk['x'] })),
  ),
  badKey('zero', 'off_curve', withMember({ x: 'A'.repeat(43), y: 'A'.repeat(43) })),
  badKey(
    'too long',
    'wrong_length',
    withJwk(() => ({ ...keyOf('ES256').jwk, x: `AAAA${keyOf('ES256').jwk['x']}` })),
  ),
  badKey(
    'padded',
    'malformed',
    withJwk(() => ({ ...keyOf('ES256').jwk, x: `${keyOf('ES256').jwk['x']}=` })),
  ),
  badKey('with x as a number', 'malformed', withMember({ x: 1 })),
  badKey(
    'with x in a list',
    'malformed',
    withJwk(() => ({ ...keyOf('ES256').jwk, x: [keyOf('ES256').jwk['x']] })),
  ),
  badKey(
    'not canonical',
    'malformed',
    withJwk(() => ({ ...keyOf('ES256').jwk, x: uncanonical(keyOf('ES256').jwk['x'] as string) })),
  ),
  badKey(
    'RSA of 1 024 bits',
    'rsa_size',
    withJwk(() => keyOf('weak').jwk, { key: 'weak' }),
  ),
  badKey(
    'RSA with a zero before n',
    'malformed',
    withJwk(() => ({ ...keyOf('RS256').jwk, n: longN() }), { key: 'RS256' }),
  ),
  badKey(
    'RSA with a zero before e',
    'malformed',
    withJwk(() => ({ ...keyOf('RS256').jwk, e: 'AAEAAQ' }), { key: 'RS256' }),
  ),
  badKey('RSA with e = 1, and the signature that anybody makes', 'rsa_exponent', {
    cnf: { jkt: thumbprintOf(EXPONENT_ONE) },
    fields: async (_, token) => [['DPoP', await forgeExponentOne(...forged(EXPONENT_ONE, token))]],
  }),
  badKey('a point of small order, and the signature that anybody makes', 'small_order', {
    cnf: { jkt: thumbprintOf(SMALL_ORDER) },
    fields: (_, token) => [['DPoP', forgeSmallOrder(...forged(SMALL_ORDER, token))]],
  }),
  row('the key of another client, with a right signature', refused('dpop_key_mismatch'), {
    ...{ key: 'second', cnf: () => ({ jkt: keyOf('ES256').jkt }) },
  }),
]

/** The members of a proof that is good but for its key. */
function forged({ kid: _, ...jwk }: Members, token: string): [Members, Members] {
  return [
    { typ: 'dpop+jwt', jwk },
    { jti: crypto.randomUUID(), htm: 'GET', htu: `${BASE}/orders`, iat: now(), ath: sha256(token) },
  ]
}
