import { expect, test } from 'vitest'
import { failed, FRESHNESS, NEVER_FETCHED, planKeys, planMiss, fetched } from '../../shared/keys/freshness.ts'
import { fastTime, nowOn } from './clock.ts'
import { LIES } from './lies.ts'
import { createRandom, pickToken, type Wallet } from './mix.ts'
import { durationMs, fetchBound, LONG_SECONDS, phasesFor, speedFor } from './schedule.ts'
import type { DrillToken } from './wallet.ts'

const PHASES = phasesFor(LONG_SECONDS)

test.each([6, 20, 150, 600])('all phases together last %i seconds', (seconds) => {
  const phases = phasesFor(seconds)
  const speed = speedFor(phases, seconds)
  const total = phases.reduce((sum, phase) => sum + durationMs(phase, speed), 0)
  expect(total).toBeCloseTo(seconds * 1000)
})

test('the default is a clock 60 times as fast', () => {
  expect(speedFor(PHASES, 150)).toBeCloseTo(60)
})

test('the server is down for longer than keys may be used, and once for long enough to need the grace', () => {
  const down = PHASES.filter(({ server }) => server === 'down').map(({ minutes }) => minutes)
  expect(down).toEqual([24, 64])
  expect(down[0]).toBeGreaterThan(FRESHNESS.staleWhileRevalidateMs / 60_000)
  expect(down[1]).toBeGreaterThan(FRESHNESS.staleIfErrorMs / 60_000)
})

test('a short run kills, rotates and lies, too, on a clock that processes can follow', () => {
  const short = phasesFor(15)
  expect(short.filter(({ server }) => server === 'down')).toHaveLength(1)
  expect(new Set(short.map(({ publishes }) => publishes)).size).toBe(5)
  expect(short.filter(({ lie }) => lie !== undefined).length).toBeGreaterThan(3)
  expect(speedFor(short, 15)).toBeLessThan(420)
})

test('a long run has every lie', () => {
  const lies = PHASES.flatMap(({ lie }) => lie ?? [])
  expect(lies.sort()).toEqual(Object.keys(LIES).sort())
})

test('a phase that is up after one that was down is a new process', () => {
  const ups = PHASES.filter((_, index) => PHASES[index - 1]?.server === 'down')
  expect(ups.map(({ name, server }) => [name, server])).toEqual([
    ['restarted', 'up'],
    ['restarted again', 'up'],
  ])
})

test('a clock runs from its origin', () => {
  const clock = { originMs: 1_000, speed: 60 }
  expect(fastTime(clock, 1_000)).toBe(1_000)
  expect(fastTime(clock, 2_000)).toBe(61_000)
  expect(nowOn(clock, () => 1_500)()).toBe(31_000)
})

// schedule.ts states the bound by hand; this compares it with the real key store, which fetches as often as it can.
test.each([
  ['an issuer that always fails', () => false],
  ['an issuer that always answers', () => true],
])('%s gets no more fetches than the bound, and nearly as many', (_, succeeds) => {
  for (const seconds of [0, 10, 90, 3_840]) {
    let state = NEVER_FETCHED
    let tries = 0
    for (let now = 0; now <= seconds * 1000; now += 100) {
      const asks =
        planKeys(state, FRESHNESS, now).includes('refresh') || planMiss(state, FRESHNESS, now) === 'refresh'
      if (!asks) continue
      tries++
      state = succeeds() ? fetched(now) : failed(state, now)
    }
    expect(2 * tries).toBeLessThanOrEqual(fetchBound(seconds))
    expect(2 * tries).toBeGreaterThan(fetchBound(seconds) - 20)
  }
})

const token = (kind: string): DrillToken => ({ kind, text: kind, kid: 'k', sound: true, expiresAt: 0 })
const wallet: Wallet = {
  good: ['g1', 'g2', 'g3', 'g4', 'g5', 'g6'].map(token),
  hostile: ['h1', 'h2'].map(token),
}

function draw(seed: number, bursts: boolean, fastMs: number): string[] {
  const random = createRandom(seed)
  return Array.from({ length: 400 }, () => {
    const picked = pickToken(wallet, { bursts, fastMs }, random)
    return typeof picked === 'string' ? picked : picked.kind
  })
}

test('the same seed picks the same tokens, another seed others', () => {
  expect(draw(1, true, 0)).toEqual(draw(1, true, 0))
  expect(draw(2, true, 0)).not.toEqual(draw(1, true, 0))
})

test('every token has its turn, unknown kids only in bursts', () => {
  expect(new Set(draw(1, true, 0))).toEqual(
    new Set(['g1', 'g2', 'g3', 'g4', 'g5', 'g6', 'h1', 'h2', 'unknown kid']),
  )
  expect(draw(1, true, 20_000)).not.toContain('unknown kid')
  expect(draw(1, false, 0)).not.toContain('unknown kid')
})
