// A store of used DPoP proofs that loads its code, and with it the AWS SDK, when it is first asked.

import type { CoreConfig, Ports, ReplayStore } from '../../../shared/edge.ts'
import { loadOnce } from '../load-once.ts'

/** Loads nothing yet. */
export type CreateReplayStore = (
  settings: Pick<NonNullable<CoreConfig['dpop']>, 'replay'>,
  ports: Pick<Ports, 'now'>,
) => ReplayStore

/** The store in the table that the configuration names. */
export const openReplays: CreateReplayStore = ({ replay }, ports) => {
  const loaded = loadOnce(async () => {
    const { createDynamoDbReplays } = await import('./dynamodb.ts')
    return createDynamoDbReplays(replay.dynamodb!, ports)
  })
  return { insert: async (name, until) => (await loaded()).insert(name, until) }
}
