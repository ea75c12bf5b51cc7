// Part of the Lambda: the store of used DPoP proofs in DynamoDB. The SDK is loaded for the first proof of a route with
// `replay: 'strong'`.

import type { LambdaParts } from '../planned-handler.ts'
import { openReplays } from '../replay/lazy-store.ts'

export const replays: LambdaParts = { replays: openReplays }
