// Tables for a terminal: the last column is broken between words, and no other text changes.

import { expect, test } from 'vitest'
import { layOut, layOutWithin } from '../../cli/table.ts'

const ROWS = [
  ['a', 'one two three four five six seven eight nine ten eleven twelve'],
  ['bb', 'short'],
]

test('a text that is too long goes on below, beside nothing', () => {
  expect(layOutWithin(44, ['x', 'text'], ROWS).split('\n').slice(2)).toEqual([
    'a   one two three four five six seven eight',
    '    nine ten eleven twelve',
    'bb  short',
  ])
})

test('with enough room it is the same as layOut', () => {
  expect(layOutWithin(100, ['x', 'text'], ROWS)).toBe(layOut(['x', 'text'], ROWS))
})

test('a word that is too long has a line of its own, and is not broken', () => {
  const word = 'w'.repeat(60)
  expect(
    layOutWithin(50, ['text'], [[`a ${word} b`]])
      .split('\n')
      .slice(2),
  ).toEqual(['a', word, 'b'])
})
