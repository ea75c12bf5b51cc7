// examples/bound/table.yml has the key that the store of used proofs uses, and a right for exactly what functions call.

import { DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ROOT } from '../../../../cli/build.ts'
import { createDynamoDbReplays } from '../../../../functions/aws/replay/dynamodb.ts'
import { createReplayTable, startDynalite, type Dynalite } from '../../../support/dynalite.ts'

const TEMPLATE = readFileSync(join(ROOT, 'examples/bound/table.yml'), 'utf8')
const TABLE = 'lanekeeper-replays'
const NAME = new Uint8Array(32)
const now = 1_800_000_000

/** A resource of the template: its lines. */
const sectionOf = (name: string): string =>
  new RegExp(`^  ${name}:\\n(?: {4,}.*\\n|\\s*\\n)+`, 'm').exec(TEMPLATE)![0]

let server: Dynalite

beforeAll(async () => {
  server = await startDynalite()
  await createReplayTable(server.client, TABLE)
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
})

afterAll(async () => {
  await server.close()
  vi.unstubAllEnvs()
})

const insert = () => createDynamoDbReplays({ table: TABLE }, { now: () => now * 1000 }).insert(NAME, now + 60)

test('the key and the attribute of the time to live', async () => {
  const table = sectionOf('Table')
  const keys = [...table.matchAll(/AttributeName: (\w+)\n\s*KeyType: (\w+)/g)]
  const { Table } = await server.client.send(new DescribeTableCommand({ TableName: TABLE }))
  expect(keys.map(([, AttributeName, KeyType]) => ({ AttributeName, KeyType }))).toEqual(Table!.KeySchema)
  expect(await insert()).toBe(true)
  const { Items = [] } = await server.client.send(new ScanCommand({ TableName: TABLE }))
  const [, attribute] = /TimeToLiveSpecification:\n\s*AttributeName: (\w+)\n\s*Enabled: true/.exec(table)!
  expect(Items).toMatchObject([{ [attribute!]: { N: expect.any(String) } }])
})

test('a function may do what it calls, and nothing else', async () => {
  const before = server.operations.length
  await insert()
  const used = [...new Set(server.operations.slice(before))].toSorted()
  const allowed = [...sectionOf('AuthorizerPolicy').matchAll(/- dynamodb:(\w+)/g)].map(
    ([, action]) => action!,
  )
  expect(allowed.toSorted()).toEqual(used)
})
