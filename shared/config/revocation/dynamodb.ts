// `revocation.dynamodb` and `dpop.replay.dynamodb`: the table of a store, for AWS.

import { isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'

/** A table of Amazon DynamoDB. */
export interface DynamoDbConfig {
  readonly table: string
  /** Default: that of the function. */
  readonly region?: string
}

export const dynamoDbMeanings = (): Meanings<keyof DynamoDbConfig> => ({
  table: { absent: 'required by the Lambda', meaning: 'the table of the store' },
  region: { absent: 'that of the function', meaning: 'its region' },
})

export function checkDynamoDb(value: unknown, path: string, addProblem: AddProblem): DynamoDbConfig | null {
  if (value === undefined) return null
  const given = objectAt(value, path, addProblem, ['table', 'region'])
  const { table, region } = given
  if (!isNonEmptyString(table) || !/^[A-Za-z0-9_.-]{3,255}$/.test(table))
    addProblem(`${path}.table`, table === undefined ? 'is missing' : 'must be the name of a table')
  if (region !== undefined && (!isNonEmptyString(region) || !/^[a-z0-9-]+$/.test(region)))
    addProblem(`${path}.region`, 'must be the name of a region')
  return { table: String(table), ...(region === undefined ? {} : { region: String(region) }) }
}
