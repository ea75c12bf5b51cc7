// The nonces of proofs, where the edge demands them: each row is one proof with a bound token for GET /orders. Every
// row that passes has a twin that differs in one thing and is refused. RFC 9449 sections 8, 9 and 11.3.

import type { FailureDetail } from '../../shared/index.ts'
import { BUCKET_SECONDS, nonceBy } from '../support/dpop-nonces.ts'
import type { BoundRequest } from '../support/dpop-world.ts'
import { allow, refused, USER, type Expectation } from './row.ts'

/** The secrets of the nonces: in use, of before the rotation, of before that, and of nobody. */
export interface NonceKeys {
  readonly key: string
  readonly previous: string
  readonly yesterday: string
  readonly foreign: string
}

export interface NonceRow {
  readonly id: string
  /** `now`: of the edge, in seconds. */
  readonly request: (keys: NonceKeys, now: number) => BoundRequest
  readonly expect: Expectation
  readonly detail?: FailureDetail
}

const PASSES = allow({ ...USER, sender: 'dpop' })
const REQUIRED = refused('dpop_nonce_required')
const MISSING = { problem: 'missing' }
const NOT_ACCEPTED = { problem: 'not_accepted' }

/** Buckets before or after that of the edge. */
const made =
  (name: keyof NonceKeys, buckets = 0): NonceRow['request'] =>
  (keys, now) => ({ nonce: nonceBy(keys[name], now + buckets * BUCKET_SECONDS) })

const row = (
  id: string,
  request: NonceRow['request'],
  expect: Expectation,
  detail?: FailureDetail,
): NonceRow => ({ id: `nonce/${id}`, request, expect, ...(detail && { detail }) })

/** A proof whose claim `nonce` is any value. */
const withValue =
  (nonce: unknown): NonceRow['request'] =>
  () => ({ change: { claims: { nonce } } })

/** A proof by a clock that is off, with the nonce of the edge or without. */
const byClock =
  (seconds: number, hasNonce: boolean): NonceRow['request'] =>
  ({ key }, now) => ({
    change: { claims: { iat: now + seconds } },
    ...(hasNonce ? { nonce: nonceBy(key, now) } : {}),
  })

export const NONCE_ROWS: readonly NonceRow[] = [
  row('current', made('key'), PASSES),
  row('current, absent', () => ({}), REQUIRED, MISSING),
  row('two buckets old', made('key', -2), PASSES),
  row('two buckets old, three', made('key', -3), REQUIRED, NOT_ACCEPTED),
  row('of an instance whose clock is ahead', made('key', 1), PASSES),
  row('of an instance whose clock is ahead, by two buckets', made('key', 2), REQUIRED, NOT_ACCEPTED),
  row('of the previous key', made('previous'), PASSES),
  row("of the previous key, of yesterday's", made('yesterday'), REQUIRED, NOT_ACCEPTED),
  row('of the previous key, three buckets old', made('previous', -3), REQUIRED, NOT_ACCEPTED),
  row('foreign', made('foreign'), REQUIRED, NOT_ACCEPTED),
  row('of the authorization server', withValue('eyJ7S_zG.eyJH0-Z.HX4w-7v'), REQUIRED, NOT_ACCEPTED),
  row('empty', withValue(''), REQUIRED, NOT_ACCEPTED),
  row('a number', withValue(7), refused('dpop_proof_invalid'), { problem: 'nonce' }),
  row('null', withValue(null), refused('dpop_proof_invalid'), { problem: 'nonce' }),
  row(
    'the current one in a list',
    ({ key }, now) => ({ change: { claims: { nonce: [nonceBy(key, now)] } } }),
    refused('dpop_proof_invalid'),
    { problem: 'nonce' },
  ),
  row('a clock ten minutes ahead', byClock(600, true), PASSES),
  row('a clock ten minutes ahead, absent', byClock(600, false), REQUIRED, MISSING),
  row('a clock ten minutes behind', byClock(-600, true), PASSES),
  row('a clock ten minutes behind, absent', byClock(-600, false), REQUIRED, MISSING),
  row(
    'no time at all',
    ({ key }, now) => ({ nonce: nonceBy(key, now), change: { claims: { iat: undefined } } }),
    refused('dpop_proof_invalid'),
    { problem: 'iat' },
  ),
  row(
    'absent, and the proof is for another method',
    () => ({ change: { claims: { htm: 'POST' } } }),
    refused('dpop_proof_invalid'),
    { problem: 'htm' },
  ),
]
