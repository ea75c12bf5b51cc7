// The store of used proofs in DynamoDB: a proof is new once, whoever asks, and a lost answer makes nobody's proof used.
// It never answers where it cannot tell. Runs against dynalite, and with `npm run test:moto` against moto_server.

import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDynamoDbReplays, KEPT_AFTER_SECONDS } from '../../../../functions/aws/replay/dynamodb.ts'
import type { ReplayStore } from '../../../../shared/edge.ts'
import { createReplayTable, startDynalite, type Dynalite } from '../../../support/dynalite.ts'
import { startMotoTable, type RevocationTable } from '../../../support/moto-dynamodb.ts'
import { elapse, until as eventually } from '../../../support/time.ts'

const MOTO = process.env['MOTO_SERVER']
const NOW = 1_800_000_000
const TABLE = 'lanekeeper-replays'

let server: RevocationTable
let now: number
let run: string
let store: ReplayStore

beforeAll(async () => {
  server = MOTO === undefined ? await startDynalite() : await startMotoTable(MOTO)
  await createReplayTable(server.client, TABLE)
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
})

afterAll(async () => {
  await server.close()
  vi.unstubAllEnvs()
})

/** A store as an instance of a function has it. */
const open = (table = TABLE, endpoint?: string): ReplayStore =>
  createDynamoDbReplays({ table, endpoint }, { now: () => now * 1_000 })

/** A name that no other test has. */
const nameOf = (id: string): Uint8Array => createHash('sha256').update(`${run} ${id}`).digest()

beforeEach(() => {
  run = randomUUID()
  now = NOW
  store = open()
})

async function itemOf(name: Uint8Array) {
  const { Items = [] } = await server.client.send(new ScanCommand({ TableName: TABLE }))
  return Items.find(({ pk }) => pk!.S === Buffer.from(name).toString('base64url'))
}

test('a proof is new once, for whichever instance asks first', async () => {
  const other = open()
  expect(await store.insert(nameOf('a'), NOW + 330)).toBe(true)
  expect(await store.insert(nameOf('a'), NOW + 330)).toBe(false)
  expect(await other.insert(nameOf('a'), NOW + 330)).toBe(false)
  expect(await other.insert(nameOf('b'), NOW + 330)).toBe(true)
  expect(await store.insert(nameOf('b'), NOW + 330)).toBe(false)
})

test('an item has the name, the time after which DynamoDB may delete it, and random text', async () => {
  await store.insert(nameOf('a'), NOW + 330)
  expect(await itemOf(nameOf('a'))).toEqual({
    pk: { S: Buffer.from(nameOf('a')).toString('base64url') },
    expires: { N: String(NOW + 330 + KEPT_AFTER_SECONDS) },
    claim: { S: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  })
})

test('an item that DynamoDB has not deleted yet counts no more once it has expired', async () => {
  const ask = () => store.insert(nameOf('a'), now + 330)
  expect(await ask()).toBe(true)
  now = NOW + 330 + KEPT_AFTER_SECONDS
  expect(await ask()).toBe(false)
  now++
  expect([await ask(), await ask()]).toEqual([true, false])
  expect(await itemOf(nameOf('a'))).toMatchObject({ expires: { N: String(now + 330 + KEPT_AFTER_SECONDS) } })
})

test('of 100 concurrent uses of a proof through ten instances exactly one is new', async () => {
  const stores = Array.from({ length: 10 }, () => open())
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_, use) => stores[use % 10]!.insert(nameOf('race'), NOW + 330)),
  )
  expect(outcomes.filter((isNew) => isNew === true)).toHaveLength(1)
  expect(outcomes.filter((isNew) => isNew === false)).toHaveLength(99)
})

test('a table that is not there is no new proof', async () => {
  await expect(open('no-such-table').insert(nameOf('a'), NOW + 330)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  expect(await store.insert(nameOf('a'), NOW + 330)).toBe(true)
})

/** A server before DynamoDB that passes requests on and breaks off the next answers. */
async function openLossy(): Promise<{
  readonly endpoint: string
  readonly requests: () => number
  lose(answers: number): void
  close(): Promise<void>
}> {
  let requests = 0
  let lost = 0
  const proxy = createServer((request, response) => {
    requests++
    const isLost = lost > 0
    if (isLost) lost--
    const passed = sendRequest(
      server.endpoint,
      { method: request.method, path: request.url, headers: request.headers },
      (answer) => {
        if (!isLost) {
          response.writeHead(answer.statusCode!, answer.headers)
          answer.pipe(response)
          return
        }
        answer.resume().on('end', () => response.destroy())
      },
    )
    request.pipe(passed)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    requests: () => requests,
    lose: (answers) => void (lost = answers),
    async close() {
      proxy.close()
      proxy.closeAllConnections()
      await once(proxy, 'close')
    },
  }
}

describe('an answer that is lost', () => {
  let lossy: Awaited<ReturnType<typeof openLossy>>
  beforeEach(async () => {
    lossy = await openLossy()
  })
  afterEach(() => lossy.close())

  test('makes the SDK ask again, which is no second use', async () => {
    const behind = open(TABLE, lossy.endpoint)
    lossy.lose(1)
    expect(await behind.insert(nameOf('a'), NOW + 330)).toBe(true)
    expect(lossy.requests()).toBe(2)
    expect(await behind.insert(nameOf('a'), NOW + 330)).toBe(false)
    expect(await store.insert(nameOf('a'), NOW + 330)).toBe(false)
  })

  test('of a proof that was used before makes it no new one', async () => {
    await store.insert(nameOf('a'), NOW + 330)
    lossy.lose(1)
    expect(await open(TABLE, lossy.endpoint).insert(nameOf('a'), NOW + 330)).toBe(false)
    expect(lossy.requests()).toBe(2)
  })

  test('twice is a rejection', async () => {
    lossy.lose(2)
    await expect(open(TABLE, lossy.endpoint).insert(nameOf('a'), NOW + 330)).rejects.toThrow()
    expect(lossy.requests()).toBe(2)
  })
})

describe.skipIf(MOTO !== undefined)('a table that does not answer is no new proof', () => {
  const dynalite = () => server as Dynalite
  afterEach(() => dynalite().setMode('answer'))

  test('one request is made for each insert', async () => {
    const before = dynalite().operations.length
    await store.insert(nameOf('a'), NOW + 330)
    expect(dynalite().operations.slice(before)).toEqual(['PutItem'])
  })

  test('throttled, it is asked twice', async () => {
    dynalite().setMode('throttle')
    const before = dynalite().operations.length
    await expect(store.insert(nameOf('a'), NOW + 330)).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
    })
    expect(dynalite().operations.slice(before)).toEqual(['PutItem', 'PutItem'])
    dynalite().setMode('answer')
    expect(await store.insert(nameOf('a'), NOW + 330)).toBe(true)
  })

  test('held up, it is waited for three seconds', async () => {
    dynalite().setMode('hold')
    const before = dynalite().operations.length
    let outcome: string | undefined
    void store.insert(nameOf('a'), NOW + 330).catch(({ name }: Error) => (outcome = name))
    await eventually(() => dynalite().operations.length > before)
    elapse(2_999)
    await new Promise((resolve) => setImmediate(resolve))
    expect(outcome).toBeUndefined()
    elapse(1)
    await eventually(() => outcome !== undefined)
    expect(outcome).toBe('AbortError')
  })

  test('out of reach', async () => {
    await dynalite().stop()
    await expect(store.insert(nameOf('a'), NOW + 330)).rejects.toThrow()
    await dynalite().start()
    expect(await store.insert(nameOf('a'), NOW + 330)).toBe(true)
  })
})
