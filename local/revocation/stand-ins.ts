// Stand-ins on loopback: DynamoDB (dynalite), and a relay of logout tokens, because a client of the authorization
// server has one address for them.

import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { text } from 'node:stream/consumers'

const HOST = '127.0.0.1'

/** A server that can be stopped and started again. */
export interface StandIn {
  start(): Promise<void>
  stop(): Promise<void>
}

async function listen(port: number, listener: RequestListener): Promise<StandIn> {
  const server: Server = createServer(listener)
  const standIn = {
    start: async () => void (await once(server.listen(port, HOST), 'listening')),
    async stop() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  await standIn.start()
  return standIn
}

/** The environment of the AWS SDK. `ports`: of DynamoDB and of the management of API Gateway. */
export const awsEnvironment = (ports: { readonly dynamodb: number; readonly management: number }) => ({
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'an access key for a stand-in',
  AWS_ENDPOINT_URL_DYNAMODB: `http://${HOST}:${ports.dynamodb}`,
  AWS_ENDPOINT_URL_API_GATEWAY: `http://${HOST}:${ports.management}`,
  AWS_ENDPOINT_URL_APIGATEWAYV2: `http://${HOST}:${ports.management}`,
})

const KINDS = ['HASH', 'RANGE'] as const

/**
 * DynamoDB with a table. `keys`: the names of its keys; those of examples/revocation/table.yml by default. It keeps its
 * entries while it is stopped.
 */
export async function startDynamoDb(
  port: number,
  table: string,
  keys: readonly string[] = ['pk', 'sk'],
): Promise<StandIn> {
  const [answer] = dynalite({ createTableMs: 0 }).listeners('request') as [RequestListener]
  const standIn = await listen(port, answer)
  const client = new DynamoDBClient({
    endpoint: `http://${HOST}:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'an access key for a stand-in' },
  })
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      KeySchema: keys.map((name, index) => ({ AttributeName: name, KeyType: KINDS[index]! })),
    }),
  )
  client.destroy()
  return standIn
}

/** Sends each logout token to every receiver. Answers 200 if all of them do, else 503. */
export const startLogoutRelay = (port: number, receivers: readonly string[]): Promise<StandIn> =>
  listen(port, async (request, response) => {
    const body = await text(request)
    const headers = { 'content-type': request.headers['content-type'] ?? '' }
    const answers = await Promise.all(
      receivers.map((url) =>
        fetch(url, { method: 'POST', headers, body }).then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    )
    response.writeHead(answers.every((status) => status === 200) ? 200 : 503).end()
  })
