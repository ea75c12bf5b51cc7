// Part of the Lambda: the store of revocations in DynamoDB. The SDK is loaded when the first token is looked up.

import type { LambdaParts } from '../planned-handler.ts'
import { openDynamoDb } from '../revocation/lazy-store.ts'

export const dynamodb: LambdaParts = { revocations: openDynamoDb }
