// The oracle, tested by hand: what was served when, and which verdicts are then right. One minute of its clock is one
// second here.

import { describe, expect, test } from 'vitest'
import { ageOf, possibleVerdicts, type TimedRequest, type Attempt, type Verdict } from './oracle.ts'

const CLOCK = { originMs: 0, speed: 60 }
const T = 1_000_000

/** Real milliseconds at a minute of the fast clock after T. */
const at = (minutes: number): number => T + minutes * 1000

const served = (minutes: number, ...kids: string[]): Attempt => ({
  startedAt: at(minutes) - 20,
  offeredAt: at(minutes) - 10,
  takenBy: at(minutes),
  outcome: new Map(kids.map((kid) => (kid.startsWith('!') ? [kid.slice(1), 'unusable'] : [kid, 'usable']))),
})

const failedTry = (minutes: number): Attempt => ({
  startedAt: at(minutes) - 20,
  offeredAt: null,
  takenBy: at(minutes),
  outcome: 'failed',
})

const requestAt = (minutes: number, about: Partial<TimedRequest> = {}): TimedRequest => ({
  kid: 'a',
  sound: true,
  expiresAt: (T * 60) / 1000 + 7_200,
  sentAt: at(minutes),
  answeredAt: at(minutes) + 5,
  ...about,
})

const HELD = [served(0, 'a')]
const DOWN = [served(0, 'a'), failedTry(11)]

interface Row {
  readonly name: string
  readonly attempts: readonly Attempt[]
  readonly request: TimedRequest
  readonly right: readonly Verdict[]
}

const ROWS: readonly Row[] = [
  { name: 'a held key allows', attempts: HELD, request: requestAt(5), right: ['allow'] },
  {
    name: 'and never what is not sound',
    attempts: HELD,
    request: requestAt(5, { sound: false }),
    right: ['deny'],
  },
  {
    name: 'and not what has expired',
    attempts: HELD,
    request: requestAt(5, { expiresAt: (T * 60) / 1000 }),
    right: ['deny'],
  },
  {
    name: 'a token that expires during the request may be either',
    attempts: HELD,
    request: requestAt(5, { expiresAt: (T * 60) / 1000 + 300 - 30 }),
    right: ['allow', 'deny'],
  },
  {
    name: 'what is refused before a key is looked for is refused without keys, too',
    attempts: [failedTry(0)],
    request: requestAt(1, { kid: null, sound: false }),
    right: ['deny'],
  },
  {
    name: 'no keys and a failure is 503',
    attempts: [failedTry(0)],
    request: requestAt(1),
    right: ['unavailable'],
  },
  {
    name: 'no keys and no failure is no excuse for anything',
    attempts: [],
    request: requestAt(1),
    right: [],
  },
  {
    name: 'stale keys allow while the issuer fails',
    attempts: DOWN,
    request: requestAt(30),
    right: ['allow'],
  },
  { name: 'to the end of the grace', attempts: DOWN, request: requestAt(59.8), right: ['allow'] },
  { name: 'and not beyond', attempts: DOWN, request: requestAt(60.2), right: ['unavailable'] },
  {
    name: 'a kid that one set lacks is asked for again after the cool-down',
    attempts: HELD,
    request: requestAt(0.7, { kid: 'b' }),
    right: [],
  },
  {
    name: 'a kid that two sets in a row lack is unknown for twice as long',
    attempts: [served(0, 'a'), served(1, 'a')],
    request: requestAt(1.7, { kid: 'b' }),
    right: ['deny'],
  },
  {
    name: 'and no longer',
    attempts: [served(0, 'a'), served(1, 'a')],
    request: requestAt(2.2, { kid: 'b' }),
    right: [],
  },
  {
    name: 'sets before one that had it do not count',
    attempts: [served(0, 'a'), served(1, 'b'), served(2, 'a')],
    request: requestAt(2.7, { kid: 'b' }),
    right: [],
  },
  {
    name: 'there is an end, however many lack it',
    attempts: [0, 1, 2, 3, 4, 5].map((minutes) => served(minutes, 'a')),
    request: requestAt(7.2, { kid: 'b' }),
    right: [],
  },
  {
    name: 'a kid that is not in a young set is unknown',
    attempts: HELD,
    request: requestAt(0.2, { kid: 'b' }),
    right: ['deny'],
  },
  {
    name: 'a kid that is not in an old set must be asked for, so nothing is right without a fetch',
    attempts: HELD,
    request: requestAt(5, { kid: 'b' }),
    right: [],
  },
  {
    name: 'and is found if it has been published',
    attempts: [served(0, 'a'), served(5, 'a', 'b')],
    request: requestAt(4.9, { kid: 'b', answeredAt: at(5) + 100 }),
    right: ['allow'],
  },
  {
    name: 'or is unknown',
    attempts: [served(0, 'a'), served(5, 'a')],
    request: requestAt(4.9, { kid: 'b', answeredAt: at(5) + 100 }),
    right: ['deny'],
  },
  {
    name: 'a kid that is not held cannot be told while the issuer fails',
    attempts: DOWN,
    request: requestAt(12, { kid: 'b' }),
    right: ['unavailable'],
  },
  {
    name: 'a key that was removed is refused once the removal was fetched',
    attempts: [served(0, 'a'), served(5, 'b')],
    request: requestAt(5.3),
    right: ['deny'],
  },
  {
    name: 'and may be either while it is fetched',
    attempts: [served(0, 'a'), served(5, 'b')],
    request: requestAt(4.9, { answeredAt: at(5) + 100 }),
    right: ['allow', 'deny'],
  },
  {
    name: 'a set that was offered and not yet taken may be either',
    attempts: [served(0, 'a'), { ...served(5, 'b'), takenBy: null }],
    request: requestAt(6),
    right: ['allow', 'deny'],
  },
  {
    name: 'but not for ever',
    attempts: [served(0, 'a'), { ...served(5, 'b'), takenBy: null }, served(12, 'b')],
    request: requestAt(12.2),
    right: ['deny'],
  },
  {
    name: 'an unusable key refuses its tokens',
    attempts: [served(0, '!a')],
    request: requestAt(0.3),
    right: ['deny'],
  },
  {
    name: 'while the issuer fails, too',
    attempts: [served(0, '!a'), failedTry(11)],
    request: requestAt(12),
    right: ['deny'],
  },
  {
    name: 'and no longer than keys may be used',
    attempts: [served(0, '!a'), failedTry(11)],
    request: requestAt(60.2),
    right: ['unavailable'],
  },
  {
    name: 'and must be asked for again when the set is old',
    attempts: [served(0, '!a')],
    request: requestAt(5),
    right: [],
  },
]

test.each(ROWS.map((row) => [row.name, row] as const))('%s', (_, row) => {
  expect([...possibleVerdicts(row.request, row.attempts, CLOCK)].sort()).toEqual([...row.right].sort())
})

describe('the age of the keys', () => {
  test.each([
    [5, HELD, 'fresh'],
    [9.99, HELD, null],
    [15, DOWN, 'stale, refreshed behind'],
    [30, DOWN, 'stale, if error'],
    [61, DOWN, 'unavailable'],
    [61, HELD, null],
    [1, [], null],
  ] as const)('%d minutes after the fetch', (minutes, attempts, age) => {
    expect(ageOf(requestAt(minutes), attempts, CLOCK)).toBe(age)
  })
})
