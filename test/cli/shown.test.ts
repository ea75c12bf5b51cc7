// Foreign text on a terminal and in JSON.

import { expect, test } from 'vitest'
import { shown, shownJson } from '../../cli/shown.ts'

test.each([
  ['alice@example.com', 'alice@example.com'],
  ['Zoë 漢字 👩', 'Zoë 漢字 👩'],
  ['a\nb\tc', 'a\\u{a}b\\u{9}c'],
  ['\u001b[31m', '\\u{1b}[31m'],
  ['\u009b31m\u007f', '\\u{9b}31m\\u{7f}'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  ['\u2028\u2029\ufeff', '\\u{2028}\\u{2029}\\u{feff}'],
  ['\ud800', '\\u{d800}'],
  ['\u{e0001}', '\\u{e0001}'],
])('%j', (text, expected) => {
  expect(shown(text)).toBe(expected)
  const json = shownJson({ text })
  expect(JSON.parse(json)).toEqual({ text })
  if (text !== expected) expect(json).not.toContain(text)
})
