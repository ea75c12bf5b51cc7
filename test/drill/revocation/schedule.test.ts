import { expect, test } from 'vitest'
import { STORE_WAIT_MS } from '../../../shared/revocation/waits.ts'
import { CLOCK_STEPS, phasesFor, SLOW_MS, timesFor, USUAL_SECONDS } from './schedule.ts'

test('the usual drill has the default settings, and kills the stores for 30 and 120 seconds', () => {
  expect(timesFor(USUAL_SECONDS)).toEqual({ refreshSeconds: 5, staleSeconds: 60 })
  const phases = phasesFor(USUAL_SECONDS)
  expect(phases.filter(({ fault }) => fault === 'killed').map(({ seconds }) => seconds)).toEqual([30, 120])
  expect(phases.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(USUAL_SECONDS)
})

test.each([10, 20, 60, 150, 300, 3_600])(
  'of %i seconds: the first outage is shorter than staleSeconds and the second one longer, with the clocks set back in it',
  (seconds) => {
    const { refreshSeconds, staleSeconds } = timesFor(seconds)
    const [short, long] = phasesFor(seconds).filter(({ fault }) => fault === 'killed')
    expect(short!.seconds).toBeLessThan(staleSeconds)
    expect(short!.setBack).toBeUndefined()
    expect(long!.seconds).toBeGreaterThan(staleSeconds)
    const { afterMs, byMs } = long!.setBack!
    expect(afterMs).toBeLessThan(staleSeconds * 1000)
    // The news would be old enough for 503 by now, and is too young by the clock that was set back.
    expect(byMs).toBeGreaterThan(1_000)
    expect(byMs).toBeLessThan(afterMs)
    expect(staleSeconds).toBeGreaterThan(refreshSeconds)
  },
)

test('a slow store is slower than an edge waits, and no clock stays wrong', () => {
  expect(SLOW_MS).toBeGreaterThan(STORE_WAIT_MS)
  expect(CLOCK_STEPS.at(-1)).toBe(0)
  expect(CLOCK_STEPS.some((step, index) => index > 0 && step < CLOCK_STEPS[index - 1]!)).toBe(true)
})
