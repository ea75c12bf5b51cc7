// Everything that can go wrong with an endpoint that is asked about tokens, as data: what it answers and what time it
// is, then the verdicts and the number of calls the server has seen. The same rows run on Node, in workerd and through
// the Lambda handler, for introspection and for a provider's own check.

import type { FailureCode } from '../../shared/index.ts'
import type { Told } from '../support/opaque-issuer.ts'

/** What the server says about a token that nobody has seen before. */
export type Saying =
  | 'good'
  | 'junk'
  | 'hangs'
  | 'fails'
  | 'refuses us'
  | 'wants 20 s'
  | 'wants an hour'
  | 'wants time'
  | 'cannot read it'
  | 'says too much'
  | 'says nonsense'

export const SAYINGS: Readonly<Record<Exclude<Saying, 'good'>, Told>> = {
  junk: { status: 404, json: { active: false } },
  hangs: { after: new Promise(() => {}) },
  fails: { status: 500 },
  'refuses us': { status: 401 },
  'wants 20 s': { status: 429, headers: { 'retry-after': '20' } },
  'wants an hour': { status: 429, headers: { 'retry-after': '3600' } },
  'wants time': { status: 429 },
  'cannot read it': { status: 422 },
  'says too much': { json: { filler: 'x'.repeat(70_000) } },
  'says nonsense': { body: '{"active":' },
}

export type Verdict = FailureCode | 'access_token'

export type AskStep =
  | { readonly at: number }
  | {
      /** Asked about at once, each with a token of its own. */
      readonly about: number
      readonly saying: Saying
      /** How many there are of each. */
      readonly verdicts: Readonly<Partial<Record<Verdict, number>>>
      /** Calls that the server has seen since the row began. */
      readonly calls: number
      /** What callers who got 503 were told to wait, the longest; seconds. */
      readonly wait?: number
    }

export interface AskRow {
  readonly id: string
  readonly steps: readonly AskStep[]
}

const SECOND = 1_000

const ask = (
  about: number,
  saying: Saying,
  verdicts: Extract<AskStep, { about: number }>['verdicts'],
  calls: number,
  wait?: number,
): AskStep => ({ about, saying, verdicts, calls, ...(wait === undefined ? {} : { wait }) })

const fails = (count: number, calls: number): AskStep =>
  ask(count, 'fails', { introspection_status: count }, calls)
const passes = (count: number, calls: number): AskStep => ask(count, 'good', { access_token: count }, calls)
const held = (count: number, calls: number, wait: number): AskStep =>
  ask(count, 'good', { introspection_held: count }, calls, wait)

/** Wants to be left alone for some seconds: nobody is asked before, and one call at a time after. */
const limitRow = (saying: Saying, seconds: number): AskRow => ({
  id: `a server that ${saying}`,
  steps: [
    ask(1, saying, { introspection_rate_limited: 1 }, 1, seconds),
    held(50, 1, seconds),
    { at: seconds * SECOND - 1 },
    held(1, 1, 1),
    { at: seconds * SECOND },
    passes(1, 2),
    passes(20, 22),
  ],
})

/** Whoever sends such tokens closes the gate for nobody. */
const junkRow = (saying: Saying, code: FailureCode): AskRow => ({
  id: `60 tokens of which the server ${saying === 'junk' ? 'knows nothing' : saying}`,
  steps: [
    ask(60, saying, { [code]: 60 }, 60),
    passes(1, 61),
    ask(60, saying, { [code]: 60 }, 121),
    passes(1, 122),
  ],
})

export const ASK_ROWS: readonly AskRow[] = [
  {
    id: '1,000 tokens at once, and no answer',
    steps: [
      ask(1_000, 'hangs', { introspection_timeout: 256, introspection_busy: 744 }, 256, 1),
      held(100, 256, 1),
      { at: SECOND },
      ask(5, 'hangs', { introspection_timeout: 1, introspection_held: 4 }, 257, 2),
      held(20, 257, 2),
      { at: 3 * SECOND },
      passes(1, 258),
      passes(100, 358),
    ],
  },
  {
    id: 'failures in a row close the gate, for longer each time, and others do not',
    steps: [
      ...[fails(4, 4), passes(1, 5), fails(4, 9), { at: 10 * SECOND - 1 }, passes(1, 10)],
      // It has just answered: whoever makes it fail keeps nobody else out.
      ...[fails(20, 30), passes(1, 31), fails(5, 36), { at: 20 * SECOND - 2 }, fails(20, 56)],
      { at: 20 * SECOND - 1 },
      fails(5, 61),
      held(50, 61, 1),
      ...[1, 3, 7, 15, 31, 61].flatMap((seconds, index): AskStep[] => [
        { at: (20 + seconds) * SECOND - 2 },
        held(1, 61 + index, 1),
        { at: (20 + seconds) * SECOND - 1 },
        fails(1, 62 + index),
        held(20, 62 + index, Math.min(30, 2 ** (index + 1))),
      ]),
      { at: 111 * SECOND },
      passes(1, 68),
      ...[fails(20, 88), passes(1, 89)],
    ],
  },
  {
    id: 'credentials that are refused are not shown again and again',
    steps: [
      passes(3, 3),
      ask(1, 'refuses us', { introspection_credentials_refused: 1 }, 4, 10),
      held(50, 4, 10),
      { at: 10 * SECOND - 1 },
      held(1, 4, 1),
      { at: 10 * SECOND },
      ask(5, 'refuses us', { introspection_credentials_refused: 1, introspection_held: 4 }, 5, 10),
      held(20, 5, 10),
      { at: 20 * SECOND },
      passes(1, 6),
      passes(20, 26),
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
