// DynamoDB for the tests: dynalite, which speaks its protocol and holds its tables in memory, behind a server that can
// be stopped, throttled and held up without losing a table. The real SDK calls it.

import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const REGION = 'eu-west-1'

/** The environment of a Lambda for the SDK, with the endpoint of the service in place of AWS. */
export const dynamoDbEnvironment = (endpoint: string) => ({
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'an access key for a stand-in',
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
})

export const clientFor = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'an access key for a stand-in' },
  })

/** Creates a table of revocations: the keys of examples/revocation/table.yml. */
export async function createRevocationTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  )
}

/** Creates a table of used DPoP proofs: the key of docs/dpop.md. */
export async function createReplayTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  )
}

/**
 * `throttle`: it answers that the table has no capacity left. `hold`: it answers nothing until the mode changes; the
 * requests are lost then.
 */
export type DynaliteMode = 'answer' | 'throttle' | 'hold'

export interface Dynalite {
  readonly endpoint: string
  readonly table: string
  readonly client: DynamoDBClient
  /** For the SDK of the code under test. */
  readonly env: ReturnType<typeof dynamoDbEnvironment>
  /** The operation of every request so far, such as `BatchGetItem`. */
  readonly operations: readonly string[]
  setMode(mode: DynaliteMode): void
  /** Answers the next requests itself, with one of these bodies each. */
  answerNext(...bodies: readonly object[]): void
  /** Ends every connection at once, and keeps its port: no other test may get it. The tables stay. */
  stop(): Promise<void>
  /** Answers again. */
  start(): Promise<void>
  close(): Promise<void>
}

const THROTTLED = {
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
}

const operationOf = ({ headers }: IncomingMessage): string =>
  String(headers['x-amz-target']).replace(/^.*\./, '')

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body))
}

/** `table`: created at once. `port`: default any. */
export async function startDynalite(table = 'lanekeeper-revocations', port = 0): Promise<Dynalite> {
  const inner = dynalite({ createTableMs: 0 })
  const [answer] = inner.listeners('request') as [RequestListener]
  const operations: string[] = []
  const held: ServerResponse[] = []
  let mode: DynaliteMode = 'answer'
  const queue: object[] = []

  const server = createServer((request, response) => {
    const operation = operationOf(request)
    operations.push(operation)
    const drained = (next: () => void) => void request.resume().on('end', next)
    if (mode === 'hold') held.push(response)
    else if (mode === 'throttle') drained(() => send(response, 400, THROTTLED))
    else if (queue.length === 0) answer(request, response)
    else drained(() => send(response, 200, queue.shift()!))
  })
  const listen = async (at: number) => {
    await once(server.listen(at, '127.0.0.1'), 'listening')
  }
  let isStopped = false
  server.on('connection', (socket) => void (isStopped && socket.destroy()))
  await listen(port)
  const at = (server.address() as AddressInfo).port
  const endpoint = `http://127.0.0.1:${at}`
  const client = clientFor(endpoint)
  await createRevocationTable(client, table)

  return {
    endpoint,
    table,
    client,
    env: dynamoDbEnvironment(endpoint),
    operations,
    setMode(next) {
      mode = next
      for (const response of held.splice(0)) response.destroy()
    },
    answerNext: (...bodies) => void queue.push(...bodies),
    async stop() {
      isStopped = true
      server.closeAllConnections()
    },
    async start() {
      isStopped = false
    },
    async close() {
      client.destroy()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
