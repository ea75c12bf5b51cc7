// Keys in the plan (`keys.bundled`), as data: which keys the issuer had when the edge was built, what has happened
// since, then the verdicts and the number of fetches. A platform that is frozen after its answer fetches with the second
// request, and every other one behind the first. The same rows run on the core, the Worker in workerd and the Lambda.

/** Which key signed, and under which `kid`. Tokens with the same name are one token; `again`: another token. */
export type BundledSigner =
  | 'first'
  | 'first again'
  | 'next'
  | 'next under the kid of the first'
  | 'stranger under the kid of the first'
  | 'stranger'
  | 'first without kid'
  | 'next without kid'
  | 'stranger without kid'
  | 'other issuer'
  | 'other issuer, signed by the first'

export type PublishedKey = 'first' | 'next' | 'next under the kid of the first'

interface Verdicts {
  readonly [verdict: string]: number
}

export type BundledStep =
  /** Milliseconds since the build. */
  | { readonly at: number }
  | { readonly publish: readonly PublishedKey[] }
  /** Both issuers answer with 500. */
  | { readonly fail: true }
  | { readonly mend: true }
  /** The issuer answers no fetch until it is released. */
  | { readonly hold: true }
  | { readonly release: true }
  /** Waits until this many fetches of key sets have ended since the start of the row. */
  | { readonly settle: number }
  /** Sends the tokens at once. `fetches`: from both issuers since the start of the row, once they have settled. */
  | {
      readonly ask: readonly BundledSigner[]
      readonly verdicts: Verdicts
      /** That many requests have been received; unstated: not checked, because one may be on its way. */
      readonly fetches?: number
    }

export interface BundledRow {
  readonly id: string
  /** The keys when the edge was built; `null`: they are not in the plan. */
  readonly built: readonly PublishedKey[] | null
  /** Platforms that go on after the answer, and those that are frozen then. Default: the same steps. */
  readonly steps: readonly BundledStep[]
  readonly frozen?: readonly BundledStep[]
}

export const MAX_AGE_MS = 86_400_000

const SECOND = 1_000

const ask = (
  signer: BundledSigner | readonly BundledSigner[],
  verdicts: Verdicts | string,
  fetches?: number,
): BundledStep => {
  const signers = typeof signer === 'string' ? [signer] : signer
  return {
    ask: signers,
    verdicts: typeof verdicts === 'string' ? { [verdicts]: signers.length } : verdicts,
    ...(fetches === undefined ? {} : { fetches }),
  }
}

const TEN = Array.from({ length: 10 }, (): BundledSigner => 'first')

/** The first request is answered by the bundled keys, and the second one by what was fetched. */
const twoRequests = (
  before: readonly BundledStep[],
  signers: readonly [BundledSigner, BundledSigner],
  verdicts: readonly [string, string],
): Pick<BundledRow, 'steps' | 'frozen'> => ({
  steps: [...before, ask(signers[0], verdicts[0]), { settle: 1 }, ask(signers[1], verdicts[1], 1)],
  frozen: [...before, ask(signers[0], verdicts[0], 0), ask(signers[1], verdicts[1], 1)],
})

export const BUNDLED_ROWS: readonly BundledRow[] = [
  {
    id: 'a key of the build that is still published',
    built: ['first'],
    ...twoRequests([], ['first', 'first'], ['allow', 'allow']),
  },
  {
    id: 'a key of the build that is still published, another token',
    built: ['first'],
    ...twoRequests([], ['first', 'first again'], ['allow', 'allow']),
  },
  {
    id: 'a key withdrawn since the build',
    built: ['first'],
    ...twoRequests([{ publish: ['next'] }], ['first', 'first'], ['allow', 'key_unknown']),
  },
  {
    id: 'a key withdrawn since the build, another token',
    built: ['first'],
    ...twoRequests([{ publish: ['next'] }], ['first', 'first again'], ['allow', 'key_unknown']),
  },
  {
    id: 'a key withdrawn since the build, without a kid',
    built: ['first'],
    ...twoRequests(
      [{ publish: ['next'] }],
      ['first without kid', 'first without kid'],
      ['allow', 'signature_invalid'],
    ),
  },
  {
    id: 'a key withdrawn before a build without keys',
    built: null,
    steps: [{ publish: ['next'] }, ask('first', 'key_unknown', 1)],
  },
  {
    id: 'the issuer is down at the start',
    built: ['first'],
    ...twoRequests([{ fail: true }], ['first', 'first'], ['allow', 'keys_unavailable']),
  },
  {
    id: 'the issuer is down at the start, and then no longer',
    built: ['first'],
    steps: [
      { fail: true },
      ask('first', 'allow'),
      { settle: 1 },
      ask('first', 'keys_unavailable', 1),
      { mend: true },
      { at: 2 * SECOND },
      ask('first', 'allow', 2),
    ],
    frozen: [
      { fail: true },
      ask('first', 'allow', 0),
      ask('first', 'keys_unavailable', 1),
      { mend: true },
      { at: 2 * SECOND },
      ask('first', 'allow', 2),
    ],
  },
  {
    id: 'the issuer is down at the start, without keys in the plan',
    built: null,
    steps: [{ fail: true }, ask('first', 'keys_unavailable', 1)],
  },
  {
    id: 'the last moment of their age',
    built: ['first'],
    ...twoRequests(
      [{ publish: ['next'] }, { at: MAX_AGE_MS - 1 }],
      ['first', 'first'],
      ['allow', 'key_unknown'],
    ),
  },
  {
    id: 'too old',
    built: ['first'],
    steps: [{ publish: ['next'] }, { at: MAX_AGE_MS }, ask('first', 'key_unknown', 1)],
  },
  {
    id: 'too old, and the issuer is down',
    built: ['first'],
    steps: [{ fail: true }, { at: MAX_AGE_MS }, ask('first', 'keys_unavailable', 1)],
  },
  {
    id: 'too old, and still published',
    built: ['first'],
    steps: [{ at: MAX_AGE_MS }, ask('first', 'allow', 1)],
  },
  {
    id: 'a clock that was set back to before the build',
    built: ['first'],
    steps: [{ publish: ['next'] }, { at: -1 }, ask('first', 'key_unknown', 1)],
  },
  {
    id: 'a clock that shows the time of the build',
    built: ['first'],
    ...twoRequests([{ publish: ['next'] }, { at: 0 }], ['first', 'first'], ['allow', 'key_unknown']),
  },
  {
    id: 'a clock that was set back and does not bring the keys back',
    built: ['first'],
    steps: [
      { publish: ['next'] },
      { at: MAX_AGE_MS },
      ask('first', 'key_unknown', 1),
      { at: 0 },
      ask('first', 'key_unknown'),
    ],
  },
  {
    id: 'a new kid is fetched before the answer',
    built: ['first'],
    steps: [
      { publish: ['first', 'next'] },
      ask('next', 'allow', 1),
      ask('first', 'allow', 1),
      ask('stranger', 'key_unknown', 1),
    ],
  },
  {
    id: 'an unknown kid is fetched before the answer',
    built: ['first'],
    steps: [ask('stranger', 'key_unknown', 1), ask('first', 'allow', 1)],
  },
  {
    id: 'a new kid, and the issuer is down',
    built: ['first'],
    steps: [
      { publish: ['first', 'next'] },
      { fail: true },
      ask('next', 'keys_unavailable', 1),
      ask('first', 'keys_unavailable', 1),
    ],
  },
  {
    id: 'another key under the same kid',
    built: ['first'],
    steps: [
      { publish: ['next under the kid of the first'] },
      ask('next under the kid of the first', 'allow', 1),
      ask('first', 'signature_invalid', 1),
    ],
  },
  {
    id: 'a forged token under a bundled kid',
    built: ['first'],
    steps: [ask('stranger under the kid of the first', 'signature_invalid', 1), ask('first', 'allow', 1)],
  },
  {
    id: 'a forged token under a bundled kid, and the issuer is down',
    built: ['first'],
    steps: [{ fail: true }, ask('stranger under the kid of the first', 'keys_unavailable', 1)],
  },
  {
    id: 'a new key without a kid',
    built: ['first'],
    steps: [{ publish: ['next'] }, ask('next without kid', 'allow', 1)],
  },
  {
    id: 'a forged token without a kid',
    built: ['first'],
    steps: [ask('stranger without kid', 'signature_invalid', 1)],
  },
  {
    id: 'another issuer has no keys in the plan: it is asked before the answer',
    built: ['first'],
    steps: [ask('other issuer', 'allow', 1)],
  },
  {
    id: 'another issuer, whose token the first key signed',
    built: ['first'],
    steps: [ask('other issuer, signed by the first', 'signature_invalid', 1)],
  },
  {
    id: 'both issuers are down, and one has keys in the plan',
    built: ['first'],
    steps: [{ fail: true }, ask('other issuer', 'keys_unavailable', 1), ask('first', 'allow')],
  },
  {
    id: 'ten first requests at once',
    built: ['first'],
    steps: [
      { publish: ['next'] },
      { hold: true },
      ask(TEN, 'allow'),
      ask(TEN, 'allow'),
      { release: true },
      { settle: 1 },
      ask(TEN, 'key_unknown', 1),
    ],
    frozen: [{ publish: ['next'] }, ask(TEN, { allow: 1, key_unknown: 9 }, 1)],
  },
  {
    id: 'ten first requests at once, and the key is still published',
    built: ['first'],
    steps: [{ hold: true }, ask(TEN, 'allow'), { release: true }, { settle: 1 }, ask(TEN, 'allow', 1)],
    frozen: [ask(TEN, 'allow', 1)],
  },
  {
    id: 'ten first requests at once, and the issuer is down',
    built: ['first'],
    steps: [
      { fail: true },
      { at: SECOND },
      ask('first', 'allow'),
      { settle: 1 },
      ask(TEN, 'keys_unavailable', 1),
    ],
    frozen: [{ fail: true }, ask(TEN, { allow: 1, keys_unavailable: 9 }, 1)],
  },
]
