// What the tests of the store rely on: dynalite lets exactly one of many racing conditional writes win, and reads are
// consistent.

import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDynalite, type Dynalite } from '../../../support/dynalite.ts'

let server: Dynalite

beforeAll(async () => {
  server = await startDynalite()
})

afterAll(() => server.close())

const RACES = 1_000

const racers = (run: (racer: number) => Promise<unknown>) =>
  Promise.all(
    Array.from({ length: RACES }, (_, racer) =>
      run(racer).then(
        () => ({ racer, outcome: 'won' }),
        (error: Error) => ({ racer, outcome: error.name }),
      ),
    ),
  )

const itemAt = async (pk: string) =>
  (
    await server.client.send(
      new GetItemCommand({
        TableName: server.table,
        Key: { pk: { S: pk }, sk: { S: 'x' } },
        ConsistentRead: true,
      }),
    )
  ).Item

const put = (pk: string, racer: number, condition?: string) =>
  server.client.send(
    new PutItemCommand({
      TableName: server.table,
      Item: { pk: { S: pk }, sk: { S: 'x' }, racer: { N: String(racer) } },
      ConditionExpression: condition,
    }),
  )

test('one of 1,000 racing conditional puts wins, and its item stays', async () => {
  const outcomes = await racers((racer) => put('race', racer, 'attribute_not_exists(pk)'))
  const won = outcomes.filter(({ outcome }) => outcome === 'won')
  expect(won).toHaveLength(1)
  expect(outcomes.filter(({ outcome }) => outcome === 'ConditionalCheckFailedException')).toHaveLength(
    RACES - 1,
  )
  expect(await itemAt('race')).toMatchObject({ racer: { N: String(won[0]!.racer) } })
})

test('without the condition every put wins', async () => {
  const outcomes = await racers((racer) => put('open', racer))
  expect(outcomes.filter(({ outcome }) => outcome === 'won')).toHaveLength(RACES)
})

test('1,000 racing additions are all counted', async () => {
  await racers(() =>
    server.client.send(
      new UpdateItemCommand({
        TableName: server.table,
        Key: { pk: { S: 'count' }, sk: { S: 'x' } },
        UpdateExpression: 'ADD entries :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    ),
  )
  expect(await itemAt('count')).toMatchObject({ entries: { N: String(RACES) } })
})

test('a bound in the condition is not passed', async () => {
  const outcomes = await racers(() =>
    server.client.send(
      new UpdateItemCommand({
        TableName: server.table,
        Key: { pk: { S: 'bound' }, sk: { S: 'x' } },
        UpdateExpression: 'ADD entries :one',
        ConditionExpression: 'attribute_not_exists(entries) OR entries < :max',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':max': { N: '7' } },
      }),
    ),
  )
  expect(outcomes.filter(({ outcome }) => outcome === 'won')).toHaveLength(7)
})
