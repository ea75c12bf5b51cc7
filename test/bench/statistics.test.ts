import { describe, expect, test } from 'vitest'
import { addedTo, compare, isMet, ratioOf, worst, type Group, type Target } from '../../bench/result.ts'
import { median, orderOf, quantile, ratiosOf, spreadOf } from '../../bench/statistics.ts'

test('the median is the one in the middle, or lies between the two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 2, 9])).toBe(3)
  expect(median([7])).toBe(7)
})

test('quartiles lie between samples in proportion, and samples keep their order', () => {
  const samples = [40, 10, 30, 20]
  expect(spreadOf(samples)).toEqual({ median: 25, q1: 17.5, q3: 32.5 })
  expect(quantile(samples, 0)).toBe(10)
  expect(quantile(samples, 1)).toBe(40)
  expect(samples).toEqual([40, 10, 30, 20])
})

test('no samples have no quantile', () => {
  expect(() => median([])).toThrow(RangeError)
})

test('a ratio is formed within its round, and needs both sides', () => {
  expect(ratiosOf([10, 30], [20, 10])).toEqual([0.5, 3])
  expect(() => ratiosOf([1, 2], [1])).toThrow(RangeError)
})

test.each([1, 2, 3, 4, 9, 12])(
  'with %i items each follows each other one equally often, and at each position',
  (count) => {
    const names = 'abcdefghijkl'.slice(0, count).split('')
    const rounds = Array.from({ length: 2 * count }, (_, round) => orderOf(names, round))
    const seen = new Map<string, number>()
    const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
    for (const order of rounds) {
      expect(order.toSorted()).toEqual(names)
      for (const [place, name] of order.entries()) {
        note(`${name}${place}`)
        if (place > 0) note(`${name} after ${order[place - 1]}`)
      }
    }
    expect(seen.size).toBe(count * count + count * (count - 1))
    expect(new Set(seen.values())).toEqual(new Set([2]))
  },
)

const group = (title: string, ours: readonly number[], floor: readonly number[]): Group => ({
  title,
  unit: 'per second',
  reference: 'floor',
  contestants: [
    { name: 'ours', samples: ours },
    { name: 'floor', samples: floor },
  ],
})

describe('results', () => {
  // With one slow round of the machine, the median of the ratios is not the ratio of the medians.
  const steady = group('steady', [80, 8, 90], [100, 10, 100])
  const slow = group('slow', [50, 5, 60], [100, 10, 100])

  test('the ratio is the median of the ratios', () => {
    expect(compare(steady, 'ours', 'floor')).toEqual([0.8, 0.8, 0.9])
    expect(ratioOf(steady, 'ours', 'floor').median).toBe(0.8)
  })

  test('what a contestant adds is the median of the differences', () => {
    expect(addedTo(steady, 'ours', 'floor')).toBe(10)
  })

  test('a target uses the group with the worst ratio', () => {
    expect(worst([steady, slow], 'ours', 'floor').title).toBe('slow')
    expect(worst([slow, steady], 'ours', 'floor').title).toBe('slow')
  })

  test('the ratio of a contestant that did not run is an error', () => {
    expect(() => compare(steady, 'ours', 'nobody')).toThrow('nobody is not in "steady"')
  })

  test.each([
    [{ least: 0.9 }, 0.9, true],
    [{ least: 0.9 }, 0.89, false],
    [{ most: 1.5 }, 1.5, true],
    [{ most: 1.5 }, 1.51, false],
  ])('%j and %d: %s', (bound, value, met) => {
    const reached = { median: value, q1: 0, q3: 9 }
    expect(isMet({ what: '', bound, unit: '×', reached } as Target)).toBe(met)
  })
})
