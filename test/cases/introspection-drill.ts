// Faults of an introspection endpoint, as data: what the server answers and what time it is, then the verdicts and the
// number of requests that the server has received. The same rows run on Node, in workerd and through the Lambda
// handler, for introspection and for a provider's own token check.

import type { FailureCode } from '../../shared/index.ts'
import type { IssuerAnswer } from '../support/opaque-issuer.ts'

/** What the server answers about a new token. */
export type ServerBehaviour =
  | 'good'
  | 'junk'
  | 'hangs'
  | 'fails'
  | 'refuses us'
  | 'refuses us or it'
  | 'wants 20 s'
  | 'wants an hour'
  | 'wants time'
  | 'cannot read it'
  | 'says too much'
  | 'says nonsense'

export const ANSWERS: Readonly<Record<Exclude<ServerBehaviour, 'good'>, IssuerAnswer>> = {
  junk: { status: 404, json: { active: false } },
  hangs: { after: new Promise(() => {}) },
  fails: { status: 500 },
  'refuses us': { status: 401, json: { error: 'invalid_client' } },
  'refuses us or it': { status: 401, body: 'Failed to authenticate user' },
  'wants 20 s': { status: 429, headers: { 'retry-after': '20' } },
  'wants an hour': { status: 429, headers: { 'retry-after': '3600' } },
  'wants time': { status: 429 },
  'cannot read it': { status: 422 },
  'says too much': { json: { filler: 'x'.repeat(70_000) } },
  'says nonsense': { body: '{"active":' },
}

export type Verdict = FailureCode | 'access_token'

export type DrillStep =
  | { readonly at: number }
  /** From now on the server answers `allowance` requests, until `until` milliseconds after the row began. */
  | { readonly allowance: number; readonly until: number }
  | {
      /** Number of requests that are sent at once, each with a token of its own. */
      readonly count: number
      readonly server: ServerBehaviour
      /** The tokens do not have the form of the provider's tokens. */
      readonly odd?: true
      /** Number of tokens that were active when they were first sent, and are sent again together with the others. */
      readonly again?: number
      /** How often each verdict comes out. */
      readonly verdicts: Readonly<Partial<Record<Verdict, number>>>
      /** Introspection requests that the server has received since the row began. */
      readonly calls: number
      /** The longest Retry-After of the answers with 503, in seconds. */
      readonly wait?: number
    }

export type RequestStep = Extract<DrillStep, { count: number }>

export interface IntrospectionDrillRow {
  readonly id: string
  /** The one introspection method that the row tests. Default: every method. */
  readonly reader?: string
  readonly steps: readonly DrillStep[]
}

const SECOND = 1_000

/** After this time, no answer about a token is cached any longer. */
const FORGOTTEN = 61 * SECOND
const HOUR = 3_600 * SECOND

const requestStep = (
  count: number,
  server: ServerBehaviour,
  verdicts: RequestStep['verdicts'],
  calls: number,
  wait?: number,
  more: Pick<RequestStep, 'odd' | 'again'> = {},
): DrillStep => ({ count, server, verdicts, calls, ...(wait === undefined ? {} : { wait }), ...more })

const fails = (count: number, calls: number): DrillStep =>
  requestStep(count, 'fails', { introspection_status: count }, calls)
const passes = (count: number, calls: number): DrillStep =>
  requestStep(count, 'good', { access_token: count }, calls)
const refusedWhileOpen = (count: number, calls: number, wait: number): DrillStep =>
  requestStep(count, 'good', { introspection_held: count }, calls, wait)

const refusesSome = (count: number, calls: number, wait?: number): DrillStep =>
  requestStep(count, 'refuses us or it', { introspection_credentials_refused: count }, calls, wait)

/** The server asks for a pause of some seconds: no request is sent during the pause, and one at a time after it. */
const limitRow = (server: ServerBehaviour, seconds: number): IntrospectionDrillRow => ({
  id: `a server that ${server}`,
  steps: [
    requestStep(1, server, { introspection_rate_limited: 1 }, 1, seconds),
    refusedWhileOpen(50, 1, seconds),
    { at: seconds * SECOND - 1 },
    refusedWhileOpen(1, 1, 1),
    { at: seconds * SECOND },
    passes(1, 2),
    passes(20, 22),
  ],
})

/** Tokens with such answers do not open the circuit breaker for other tokens. */
const junkRow = (server: ServerBehaviour, code: FailureCode): IntrospectionDrillRow => ({
  id: `60 tokens of which the server ${server === 'junk' ? 'knows nothing' : server}`,
  steps: [
    requestStep(60, server, { [code]: 60 }, 60),
    passes(1, 61),
    requestStep(60, server, { [code]: 60 }, 121),
    passes(1, 122),
  ],
})

/** Made-up tokens, sent between tokens that were active before. */
const junk = (
  count: number,
  introspected: number,
  code: FailureCode,
  calls: number,
  wait = 0,
  odd = false,
): DrillStep =>
  requestStep(
    count,
    'junk',
    {
      ...(introspected === 0 ? {} : { token_inactive: introspected }),
      ...(introspected === count ? {} : { [code]: count - introspected }),
    },
    calls,
    wait,
    odd ? { odd: true } : {},
  )

const again = (count: number, calls: number): DrillStep =>
  requestStep(0, 'good', { access_token: count }, calls, undefined, { again: count })

/** What a caller without a token can do to callers with a token. */
const MADE_UP: readonly IntrospectionDrillRow[] = [
  {
    id: '300 made-up tokens at once leave calls to tokens that were active',
    steps: [
      passes(5, 5),
      { at: FORGOTTEN },
      requestStep(
        300,
        'hangs',
        { introspection_timeout: 192, introspection_busy: 108, access_token: 5 },
        202,
        undefined,
        { again: 5 },
      ),
    ],
  },
  {
    id: '300 concurrent tokens that were never active leave no calls to each other',
    steps: [
      passes(5, 5),
      { at: FORGOTTEN },
      requestStep(305, 'hangs', { introspection_timeout: 192, introspection_busy: 113 }, 197, 1),
    ],
  },
  {
    id: '499 made-up tokens leave a quarter of the allowance to tokens that were active',
    steps: [
      { allowance: 500, until: HOUR },
      passes(5, 5),
      ...[105, 205, 305].map((calls) => junk(100, 100, 'introspection_held', calls)),
      junk(100, 70, 'introspection_held', 375, 30),
      junk(99, 0, 'introspection_held', 375, 30),
      requestStep(1, 'good', { introspection_held: 1 }, 375, 30),
      { at: FORGOTTEN },
      again(5, 380),
      { at: 50 * 60 * SECOND },
      again(5, 385),
      { at: HOUR - 10 * SECOND },
      requestStep(1, 'good', { introspection_held: 1 }, 385, 10),
      { at: HOUR },
      { allowance: 500, until: 2 * HOUR },
      passes(1, 386),
      passes(20, 406),
    ],
  },
  {
    id: 'a token that was active counts as new once it is inactive',
    steps: [
      { allowance: 8, until: HOUR },
      passes(2, 2),
      { at: FORGOTTEN },
      requestStep(0, 'junk', { token_inactive: 1 }, 3, undefined, { again: 1 }),
      passes(3, 6),
      { at: 2 * FORGOTTEN },
      requestStep(0, 'good', { introspection_held: 1 }, 6, 30, { again: 1 }),
    ],
  },
  {
    id: 'made-up tokens of another form leave half of calls and allowance to the others',
    reader: 'the check of GitHub',
    steps: [
      { allowance: 500, until: HOUR },
      passes(5, 5),
      junk(200, 128, 'introspection_busy', 133, 1, true),
      junk(200, 117, 'introspection_held', 250, 30, true),
      // A token of another form is not refused; a smaller share of the allowance is reserved for it.
      passes(1, 251),
      { at: HOUR },
      { allowance: 500, until: 2 * HOUR },
      requestStep(1, 'good', { access_token: 1 }, 252, undefined, { odd: true }),
    ],
  },
]

export const INTROSPECTION_DRILL_ROWS: readonly IntrospectionDrillRow[] = [
  ...MADE_UP,
  {
    id: '1,000 tokens at once, and no answer',
    steps: [
      requestStep(1_000, 'hangs', { introspection_timeout: 192, introspection_busy: 808 }, 192, 1),
      refusedWhileOpen(100, 192, 1),
      { at: SECOND },
      requestStep(5, 'hangs', { introspection_timeout: 1, introspection_held: 4 }, 193, 2),
      refusedWhileOpen(20, 193, 2),
      { at: 3 * SECOND },
      passes(1, 194),
      passes(100, 294),
    ],
  },
  {
    id: 'failures in a row open the breaker, for longer each time, and others do not',
    steps: [
      ...[fails(4, 4), passes(1, 5), fails(4, 9), { at: 10 * SECOND - 1 }, passes(1, 10)],
      // The server has just answered, so a caller who makes it fail does not open the circuit breaker for others.
      ...[fails(20, 30), passes(1, 31), fails(5, 36), { at: 20 * SECOND - 2 }, fails(20, 56)],
      { at: 20 * SECOND - 1 },
      fails(5, 61),
      refusedWhileOpen(50, 61, 1),
      ...[1, 3, 7, 15, 31, 61].flatMap((seconds, index): DrillStep[] => [
        { at: (20 + seconds) * SECOND - 2 },
        refusedWhileOpen(1, 61 + index, 1),
        { at: (20 + seconds) * SECOND - 1 },
        fails(1, 62 + index),
        refusedWhileOpen(20, 62 + index, Math.min(30, 2 ** (index + 1))),
      ]),
      { at: 111 * SECOND },
      passes(1, 68),
      ...[fails(20, 88), passes(1, 89)],
    ],
  },
  {
    id: 'refused credentials are not sent again and again',
    steps: [
      passes(3, 3),
      requestStep(1, 'refuses us', { introspection_credentials_refused: 1 }, 4, 10),
      refusedWhileOpen(50, 4, 10),
      { at: 10 * SECOND - 1 },
      refusedWhileOpen(1, 4, 1),
      { at: 10 * SECOND },
      requestStep(5, 'refuses us', { introspection_credentials_refused: 1, introspection_held: 4 }, 5, 10),
      refusedWhileOpen(20, 5, 10),
      { at: 20 * SECOND },
      passes(1, 6),
      passes(20, 26),
    ],
  },
  {
    id: 'one token with 401 does not open the breaker, and a second one only if no other token got an answer',
    reader: 'introspection',
    steps: [
      refusesSome(1, 1),
      passes(3, 4),
      refusesSome(60, 64),
      passes(1, 65),
      refusesSome(1, 66),
      { at: 10 * SECOND - 1 },
      refusesSome(1, 67),
      { at: 10 * SECOND },
      refusesSome(1, 68, 10),
      refusedWhileOpen(50, 68, 10),
      { at: 20 * SECOND - 1 },
      refusedWhileOpen(1, 68, 1),
      { at: 20 * SECOND },
      requestStep(
        5,
        'refuses us or it',
        { introspection_credentials_refused: 1, introspection_held: 4 },
        69,
        10,
      ),
      refusedWhileOpen(20, 69, 10),
      { at: 30 * SECOND },
      passes(1, 70),
      refusesSome(20, 90),
      passes(20, 110),
    ],
  },
  {
    id: 'two tokens with 401, and no other answer',
    reader: 'introspection',
    steps: [
      refusesSome(1, 1),
      refusesSome(1, 2, 10),
      refusedWhileOpen(50, 2, 10),
      { at: 10 * SECOND },
      passes(1, 3),
    ],
  },
  {
    id: 'while the breaker is open after 401, a token that was active before is introspected, and closes it',
    reader: 'introspection',
    steps: [
      passes(1, 1),
      { at: FORGOTTEN },
      refusesSome(1, 2),
      refusesSome(1, 3, 10),
      refusedWhileOpen(20, 3, 10),
      again(1, 4),
      passes(20, 24),
      refusesSome(20, 44),
    ],
  },
  {
    id: 'after a requested pause, one token with 401 does not open the breaker',
    reader: 'introspection',
    steps: [
      requestStep(1, 'wants 20 s', { introspection_rate_limited: 1 }, 1, 20),
      { at: 20 * SECOND },
      refusesSome(1, 2),
      passes(20, 22),
    ],
  },
  limitRow('wants 20 s', 20),
  limitRow('wants an hour', 30),
  limitRow('wants time', 30),
  junkRow('junk', 'token_inactive'),
  junkRow('cannot read it', 'introspection_status'),
  junkRow('says too much', 'introspection_too_large'),
  junkRow('says nonsense', 'introspection_malformed'),
]
