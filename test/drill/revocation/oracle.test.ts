import { describe, expect, test } from 'vitest'
import { judge, type Answered, type Outage, type World } from './oracle.ts'

const WORLD: World = {
  edge: 'cloudflare',
  outages: [],
  clockSets: [],
  bound: { seconds: 60, reachableSeconds: 6 },
  times: { refreshSeconds: 5, staleSeconds: 60 },
  isBusy: false,
}

const REVOKED = { attemptedAt: 9_000, revokedAt: 10_000 }

const answered = (more: Partial<Answered>): Answered => ({
  written: null,
  verdict: 'allow',
  sentAt: 100_000,
  answeredAt: 100_010,
  refusedAt: null,
  knownAt: 99_000,
  ...more,
})

const at = (sentAt: number): Pick<Answered, 'sentAt' | 'answeredAt'> => ({ sentAt, answeredAt: sentAt + 10 })

const KILLED: Outage = {
  fault: 'killed',
  startedAt: 100_000,
  confirmedAt: 100_100,
  endingAt: 220_000,
  endedAt: 221_000,
}

describe('an allow', () => {
  test.each([
    ['of a token that is never revoked', {}, 'right'],
    ['before anybody revokes it', { written: { attemptedAt: null, revokedAt: null } }, 'right'],
    ['within the bound', { written: REVOKED, ...at(16_050) }, 'right'],
    ['beyond the bound', { written: REVOKED, ...at(16_051) }, 'revoked, allowed'],
    [
      'where no store said that it is revoked',
      { written: { attemptedAt: 9_000, revokedAt: null }, ...at(90_000) },
      'right',
    ],
    ['after a refusal', { written: REVOKED, ...at(11_000), refusedAt: 10_500 }, 'refused, allowed again'],
  ] as const)('%s', (_, more, finding) => {
    expect(judge(WORLD, answered(more))).toBe(finding)
  })

  const broken: World = { ...WORLD, outages: [KILLED] }

  test.each([
    [
      'within the longer bound',
      { written: { attemptedAt: 95_000, revokedAt: 96_000 }, ...at(156_050) },
      'right',
    ],
    [
      'beyond it',
      { written: { attemptedAt: 95_000, revokedAt: 96_000 }, ...at(156_051) },
      'revoked, allowed',
    ],
    ['of a token that is never revoked, from news', at(160_150), 'right'],
    ['of such a token when no news can be young enough', at(160_151), 'no news, allowed'],
    ['of such a token while the store may be back', { sentAt: 219_000, answeredAt: 220_000 }, 'right'],
    [
      'long after it',
      { written: { attemptedAt: 230_000, revokedAt: 230_000 }, ...at(236_051) },
      'revoked, allowed',
    ],
  ] as const)('in an outage: %s', (_, more, finding) => {
    expect(judge(broken, answered(more))).toBe(finding)
  })

  test('a busy machine may take the longest time of all, and no longer', () => {
    const busy = { ...WORLD, isBusy: true }
    expect(judge(busy, answered({ written: REVOKED, ...at(70_050) }))).toBe('right')
    expect(judge(busy, answered({ written: REVOKED, ...at(70_051) }))).toBe('revoked, allowed')
  })
})

describe('a refusal', () => {
  test.each([
    ['of a token that is never revoked', {}, 'not revoked, refused'],
    [
      'before anybody revokes it',
      { written: { attemptedAt: 100_011, revokedAt: null } },
      'not revoked, refused',
    ],
    ['while it is being revoked', { written: { attemptedAt: 100_010, revokedAt: null } }, 'right'],
    ['afterwards', { written: REVOKED }, 'right'],
  ] as const)('%s', (_, more, finding) => {
    expect(judge(WORLD, answered({ ...more, verdict: 'revoked' }))).toBe(finding)
  })
})

describe('a 503', () => {
  const find = (world: Partial<World>, more: Partial<Answered>) =>
    judge({ ...WORLD, ...world }, answered({ ...more, verdict: 'unavailable' }))
  const outages = [KILLED]

  test('while the store answers', () => expect(find({}, {})).toBe('unavailable'))

  test('of a Worker in an outage, before and after its news can be too old', () => {
    expect(find({ outages }, { sentAt: 152_000, answeredAt: 152_999 })).toBe('unavailable')
    expect(find({ outages }, { sentAt: 152_000, answeredAt: 153_000 })).toBe('right')
    expect(find({ outages }, at(224_000))).toBe('right')
    expect(find({ outages }, at(224_001))).toBe('unavailable')
  })

  test('of a Lambda in an outage, by what it remembers of the token', () => {
    expect(find({ outages, edge: 'aws' }, { ...at(110_000), knownAt: null })).toBe('right')
    expect(find({ outages, edge: 'aws' }, { ...at(110_000), knownAt: 99_000 })).toBe('unavailable')
    expect(find({ outages, edge: 'aws' }, { ...at(110_000), knownAt: 50_000 })).toBe('right')
  })

  test('after the clock was set: while a refresh is under way, and in an outage until its end', () => {
    const clockSets = [{ startedAt: 110_000, endedAt: 110_020 }]
    expect(find({ clockSets }, at(109_980))).toBe('unavailable')
    expect(find({ clockSets }, at(111_020))).toBe('right')
    expect(find({ clockSets }, at(111_021))).toBe('unavailable')
    expect(find({ clockSets, outages }, at(120_000))).toBe('right')
    expect(find({ clockSets, outages }, at(109_980))).toBe('unavailable')
  })
})

test('any other answer is none', () => {
  expect(judge(WORLD, answered({ verdict: 'other' }))).toBe('no verdict')
})
