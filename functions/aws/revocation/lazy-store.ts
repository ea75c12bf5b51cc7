// A store of revocations that loads its code, and with it the AWS SDK, when it is first asked.

import type { CoreConfig, Ports, RevocationStore } from '../../../shared/edge.ts'
import { loadOnce } from '../load-once.ts'

/** The members of `revocation` that a store is opened with. */
export type StoreSettings = Pick<NonNullable<CoreConfig['revocation']>, 'dynamodb'> & {
  /** Absent: the store adds no entries. */
  readonly maxEntries?: number
}

/** Loads nothing yet. */
export type CreateRevocationStore = (
  settings: StoreSettings,
  ports: Pick<Ports, 'now' | 'crypto'>,
) => RevocationStore

/** `load`: called until it has succeeded once. */
export function createLazyStore(load: () => Promise<RevocationStore>): RevocationStore {
  const loaded = loadOnce(load)
  return {
    find: async (keys) => (await loaded()).find(keys),
    revoke: async (entries, author) => (await loaded()).revoke(entries, author),
    unrevoke: async (names, author) => (await loaded()).unrevoke(names, author),
    list: async (page) => (await loaded()).list(page),
    records: async (page) => (await loaded()).records(page),
  }
}

/** The store in the table that the configuration names. */
export const openDynamoDb: CreateRevocationStore = ({ dynamodb, maxEntries = 0 }, ports) =>
  createLazyStore(async () => {
    const { createDynamoDbStore } = await import('./dynamodb.ts')
    return createDynamoDbStore(dynamodb!, { maxEntries }, ports)
  })
