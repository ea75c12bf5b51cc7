// examples/revocation/table.yml has the keys that the store uses, and rights for exactly what each function calls.

import { DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ROOT } from '../../../../cli/build.ts'
import { createDynamoDbStore } from '../../../../functions/aws/revocation/dynamodb.ts'
import { webCrypto } from '../../../../shared/index.ts'
import { createEntryKeys } from '../../../../shared/revocation/entry-keys.ts'
import { startDynalite, type Dynalite } from '../../../support/dynalite.ts'

const TEMPLATE = readFileSync(join(ROOT, 'examples/revocation/table.yml'), 'utf8').replaceAll(
  /#(?!\*).*$/gm,
  '',
)

/** A resource of the template: its lines. */
const sectionOf = (name: string): string =>
  new RegExp(`^  ${name}:\\n(?: {4,}.*\\n|\\s*\\n)+`, 'm').exec(TEMPLATE)![0]

const actionsOf = (policy: string): string[] =>
  [...sectionOf(policy).matchAll(/- dynamodb:(\w+)/g)].map(([, action]) => action!)

const leadingKeysOf = (policy: string): RegExp[] =>
  [...sectionOf(policy).matchAll(/LeadingKeys: \[(.*)\]/g)]
    .flatMap(([, keys]) => keys!.replaceAll("'", '').split(', '))
    .map((pattern) => new RegExp(`^${pattern.replace('*', '.*')}$`))

let server: Dynalite

beforeAll(async () => {
  server = await startDynalite()
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
})

afterAll(async () => {
  await server.close()
  vi.unstubAllEnvs()
})

const now = 1_800_000_000
const open = (maxEntries = 100) =>
  createDynamoDbStore({ table: server.table }, { maxEntries }, { now: () => now * 1000, crypto: webCrypto })

const NAME = { kind: 'sub', issuer: 'https://login.example.com', id: 'ada' } as const
const entry = (notBefore: number) => ({ ...NAME, notBefore, until: notBefore + 60 })

/** What a function calls. */
async function operationsOf(work: () => Promise<unknown>): Promise<string[]> {
  const before = server.operations.length
  await work()
  return [...new Set(server.operations.slice(before))].toSorted()
}

test('the keys and the attribute of the time to live', async () => {
  const table = sectionOf('Table')
  const keys = [...table.matchAll(/AttributeName: (\w+)\n\s*KeyType: (\w+)/g)]
  const { Table } = await server.client.send(new DescribeTableCommand({ TableName: server.table }))
  expect(keys.map(([, AttributeName, KeyType]) => ({ AttributeName, KeyType }))).toEqual(Table!.KeySchema)
  await open().revoke([entry(now)], { by: 'ada' })
  const { Items = [] } = await server.client.send(new ScanCommand({ TableName: server.table }))
  const [, attribute] = /TimeToLiveSpecification:\n\s*AttributeName: (\w+)\n\s*Enabled: true/.exec(table)!
  const timed = Items.filter((item) => attribute! in item)
  expect(timed.map(({ pk }) => pk!.S!.slice(0, 2))).toEqual(['e#'])
})

test('an authorizer may read entries alone', async () => {
  const { keyOf } = createEntryKeys(webCrypto)
  const used = await operationsOf(() => open().find([keyOf(NAME.kind, NAME.issuer, NAME.id)]))
  expect(actionsOf('AuthorizerPolicy')).toEqual(used)
  expect(leadingKeysOf('AuthorizerPolicy')).toEqual([/^e#.*$/])
})

test('a receiver may add entries and records, and count the entries of a full table', async () => {
  const store = open()
  const used = await operationsOf(async () => {
    await store.revoke([entry(now + 1)], { by: 'receiver' })
    await store.revoke([{ ...entry(now), id: 'other' }], { by: 'receiver' })
    expect(await open(1).revoke([{ ...entry(now), id: 'third' }], { by: 'receiver' })).toEqual(['full'])
  })
  expect(actionsOf('ReceiverPolicy').toSorted()).toEqual(used)
  const { Items = [] } = await server.client.send(new ScanCommand({ TableName: server.table }))
  const patterns = leadingKeysOf('ReceiverPolicy')
  const strange = Items.map(({ pk }) => pk!.S!).filter((pk) => !patterns.some((pattern) => pattern.test(pk)))
  expect(strange).toEqual([])
  expect(patterns.filter((pattern) => !Items.some(({ pk }) => pattern.test(pk!.S!)))).toEqual([])
})

test('an operator may do all of it, and delete entries but no record', async () => {
  const store = open()
  const used = await operationsOf(async () => {
    await store.revoke([entry(now + 2)], { by: 'ada' })
    await store.unrevoke([NAME], { by: 'ada' })
    await store.list()
    await store.records()
  })
  expect(actionsOf('OperatorPolicy').toSorted()).toEqual([...new Set([...used, 'BatchGetItem'])].toSorted())
  expect(leadingKeysOf('OperatorPolicy')).toEqual([/^e#.*$/])
})
