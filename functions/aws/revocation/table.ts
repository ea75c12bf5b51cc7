// One DynamoDB table, as the store uses it: each request with a time limit, a condition that does not hold as a value,
// and consistent reads. Amazon DynamoDB API reference, 2012-08-10.

import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
  type QueryCommandInput,
  type ScanCommandInput,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb'
import { toKey, type Item, type ItemKey } from './items.ts'

export interface DynamoDbTable {
  readonly table: string
  /** Default: that of the function (`AWS_REGION`). */
  readonly region?: string | undefined
  /** Default: that of the region. */
  readonly endpoint?: string | undefined
}

/** For how long a request to the API waits for a look-up, both attempts together. */
const FIND_MS = 1_000

/** The same for everything else. */
const OTHER_MS = 5_000

/** Most keys in one BatchGetItem. */
const MAX_KEYS = 100

export interface Update {
  readonly expression: string
  /** It is made only if this holds. */
  readonly condition?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, AttributeValue>>
}

export interface ItemPage {
  readonly items: readonly Item[]
  /** Where the next page begins. */
  readonly next: ItemKey | null
}

export interface Table {
  /** The items under these keys, in no order. The keys must differ. */
  find(keys: readonly ItemKey[]): Promise<readonly Item[]>
  get(key: ItemKey): Promise<Item | null>
  /** `false`: there is such an item already. */
  add(item: Item): Promise<boolean>
  /** `false`: the condition does not hold. */
  update(key: ItemKey, update: Update): Promise<boolean>
  /** The item that was there. */
  remove(key: ItemKey): Promise<Item | null>
  /** The items of a partition, from the last sort key to the first. `before`: exclusive. */
  latest(pk: string, before: string | null, limit: number): Promise<ItemPage>
  /** The items whose partition key has the prefix. */
  scan(prefix: string, from: ItemKey | null): Promise<ItemPage>
}

const toItemKey = (key: Item | undefined): ItemKey | null =>
  key === undefined ? null : { pk: key['pk']!.S!, sk: key['sk']!.S! }

async function isConditionMet(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}

/** Every method rejects with what the SDK throws. */
export function openTable({ table: TableName, region, endpoint }: DynamoDbTable): Table {
  const client = new DynamoDBClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 2,
  })
  const within = (ms: number) => ({ abortSignal: AbortSignal.timeout(ms) })

  async function findOnce(keys: readonly Item[], limit: ReturnType<typeof within>) {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: {
          [TableName]: {
            Keys: [...keys],
            ConsistentRead: true,
            ProjectionExpression: 'pk, #n, #u',
            ExpressionAttributeNames: { '#n': 'notBefore', '#u': 'until' },
          },
        },
      }),
      limit,
    )
    return { items: Responses?.[TableName] ?? [], left: UnprocessedKeys?.[TableName]?.Keys ?? [] }
  }

  /** DynamoDB may leave keys out of an answer where it is busy. They are asked for once more. */
  async function findSome(keys: readonly ItemKey[]): Promise<readonly Item[]> {
    const limit = within(FIND_MS)
    const first = await findOnce(keys.map(toKey), limit)
    if (first.left.length === 0) return first.items
    const second = await findOnce(first.left, limit)
    if (second.left.length > 0) throw new Error('DynamoDB left keys unprocessed twice')
    return [...first.items, ...second.items]
  }

  const toPage = ({
    Items,
    LastEvaluatedKey,
  }: Pick<ScanCommandOutput, 'Items' | 'LastEvaluatedKey'>): ItemPage => ({
    items: Items ?? [],
    next: toItemKey(LastEvaluatedKey),
  })

  return {
    async find(keys) {
      const parts = Array.from({ length: Math.ceil(keys.length / MAX_KEYS) }, (_, index) =>
        keys.slice(index * MAX_KEYS, (index + 1) * MAX_KEYS),
      )
      return (await Promise.all(parts.map(findSome))).flat()
    },

    async get(key) {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName, Key: toKey(key), ConsistentRead: true }),
        within(OTHER_MS),
      )
      return item ?? null
    },

    add: (item) =>
      isConditionMet(
        client.send(
          new PutItemCommand({ TableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
          within(OTHER_MS),
        ),
      ),

    update: (key, { expression, condition, names, values }) =>
      isConditionMet(
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: toKey(key),
            UpdateExpression: expression,
            ConditionExpression: condition,
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: values,
          }),
          within(OTHER_MS),
        ),
      ),

    async remove(key) {
      const { Attributes } = await client.send(
        new DeleteItemCommand({ TableName, Key: toKey(key), ReturnValues: 'ALL_OLD' }),
        within(OTHER_MS),
      )
      return Attributes ?? null
    },

    async latest(pk, before, limit) {
      const input: QueryCommandInput = {
        TableName,
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: limit,
        KeyConditionExpression: before === null ? 'pk = :pk' : 'pk = :pk AND sk < :before',
        ExpressionAttributeValues: {
          ':pk': { S: pk },
          ...(before === null ? {} : { ':before': { S: before } }),
        },
      }
      return toPage(await client.send(new QueryCommand(input), within(OTHER_MS)))
    },

    async scan(prefix, from) {
      const input: ScanCommandInput = {
        TableName,
        ConsistentRead: true,
        FilterExpression: 'begins_with(pk, :prefix)',
        ExpressionAttributeValues: { ':prefix': { S: prefix } },
        ...(from === null ? {} : { ExclusiveStartKey: toKey(from) }),
      }
      return toPage(await client.send(new ScanCommand(input), within(OTHER_MS)))
    },
  }
}
