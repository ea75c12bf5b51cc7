// The store of used DPoP proofs in one DynamoDB table, through the AWS SDK: one conditional PutItem for each proof,
// which is atomic. RFC 9449 section 11.1. Refuses to answer where the table cannot be reached. Only what needs the
// store imports this, when it first needs it. Amazon DynamoDB API reference, 2012-08-10.

import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { STORE_WAIT_MS, type Ports, type ReplayStore } from '../../../shared/edge.ts'

export interface ReplayTable {
  readonly table: string
  /** Default: that of the function (`AWS_REGION`). */
  readonly region?: string | undefined
  /** Default: that of the region. */
  readonly endpoint?: string | undefined
}

/**
 * For how long a request to the API waits, both attempts together: as long as the first request of an instance does.
 */
const WAIT_MS = 3 * STORE_WAIT_MS

/** A name stays for this long after `until`: the clocks of functions and of DynamoDB differ. */
export const KEPT_AFTER_SECONDS = 300

const seconds = (value: number) => ({ N: String(value) })

/**
 * A store in a table with the partition key `pk`, a string, and no sort key. An item has `expires`, which
 * `TimeToLiveSpecification` names, and `claim`: random text, by which an insert that the SDK makes again, because the
 * answer was lost, is known to be the same. The SDK finds its credentials and region as always. Creates no table.
 */
export function createDynamoDbReplays(
  { table, region, endpoint }: ReplayTable,
  { now }: Pick<Ports, 'now'>,
): ReplayStore {
  const client = new DynamoDBClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 2,
  })
  return {
    async insert(name, until) {
      const claim = { S: crypto.randomUUID() }
      const command = new PutItemCommand({
        TableName: table,
        Item: {
          pk: { S: Buffer.from(name).toString('base64url') },
          expires: seconds(until + KEPT_AFTER_SECONDS),
          claim,
        },
        // DynamoDB deletes an item up to days after it has expired.
        ConditionExpression: 'attribute_not_exists(pk) OR expires < :now OR claim = :claim',
        ExpressionAttributeValues: { ':now': seconds(Math.floor(now() / 1000)), ':claim': claim },
      })
      try {
        await client.send(command, { abortSignal: AbortSignal.timeout(WAIT_MS) })
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        throw error
      }
    },
  }
}
