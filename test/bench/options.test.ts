import { expect, test } from 'vitest'
import { readOptions } from '../../bench/options.ts'
import { ROW_NAMES } from '../../bench/rows.ts'

const ALL = ROW_NAMES.map(({ name }) => name)

test('an option that is not given has its default', () => {
  expect(readOptions([])).toEqual({
    quick: false,
    rows: ALL,
    json: null,
    updateReadme: false,
    profile: null,
    install: false,
  })
})

test('given options are used; rows stay in the order of the table', () => {
  const given = ['--quick', '--only', 'bundle', '--only', 'seen', '--json', 'out.json']
  expect(readOptions(given)).toMatchObject({ quick: true, rows: ['seen', 'bundle'], json: 'out.json' })
  expect(readOptions(['--update-readme'])).toMatchObject({ updateReadme: true, rows: ALL })
  expect(readOptions(['--profile', 'seen'])).toMatchObject({ profile: 'seen' })
})

test('--help ends with 0, and names every row', () => {
  const help = expect.objectContaining({ exitCode: 0 })
  expect(() => readOptions(['--help'])).toThrow(help)
  for (const name of ALL)
    expect(() => readOptions(['--help'])).toThrow(
      expect.objectContaining({ message: expect.stringContaining(` ${name} `) }),
    )
})

test.each([
  [['--only', 'speed'], '--only must be one of unseen, seen, worker-seen'],
  [['--profile', 'speed'], '--profile must be one of unseen, seen, worker-seen'],
  [['--json', ''], '--json needs the name of a file.'],
  [['--json'], "Option '--json <value>' argument missing"],
  [['--quick=yes'], "Option '--quick' does not take an argument"],
  [['--rounds', '9'], "Unknown option '--rounds'"],
  [['seen'], "Unexpected argument 'seen'"],
  [['--profile', 'seen', '--quick'], '--profile goes alone'],
  [['--update-readme', '--only', 'seen'], '--update-readme needs every row'],
])('%j is refused with what to change', (args, text) => {
  expect(() => readOptions(args)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(text), exitCode: 2 }),
  )
})
