// The capabilities of each kind of API: the shipped deployment is packaged, run and observed once, and no cell of the
// table in docs/aws.md is written by hand.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { packageAws } from '../../cli/build.ts'
import { expectTable, HTTP, REST, table, WEBSOCKET } from '../docs/made-table.ts'
import { observeCapabilities } from '../support/capabilities.ts'

let observed: string[][]

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-docs-'))
  try {
    const files = await packageAws(['local'], directory, new AbortController().signal)
    observed = await observeCapabilities(JSON.parse(await readFile(files.get('local')!, 'utf8')))
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('the table says what was observed', () =>
  expectTable('docs/aws.md', 'capabilities', table(['', 'REST API', 'HTTP API', 'WebSocket API'], observed)))

test('the statuses of the decisions table are those that the APIs answer', () => {
  const statuses = Object.fromEntries(
    observed.map(([name, ...cells]) => [name, cells.map((cell) => cell.slice(0, 3))]),
  )
  const columns = [REST, HTTP, WEBSOCKET]
  expect(statuses['an invalid token']).toEqual(columns.map(({ unauthorized }) => unauthorized))
  expect(statuses['a missing scope']).toEqual(columns.map(({ forbidden }) => forbidden))
  expect(statuses['keys not available']).toEqual(columns.map(({ failure }) => failure))
})
