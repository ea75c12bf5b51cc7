// The stores of used proofs, as the driver breaks them.

import { startBreakableTable, startBreakableWorker, type StoresOptions } from '../breakable-stores.ts'
import { BINDING, STORE_SCRIPT, TABLE } from './config.ts'

export const startStoreWorker = (options: StoresOptions) =>
  startBreakableWorker(options, {
    name: STORE_SCRIPT,
    entry: 'test/drill/dpop/entries/store.ts',
    bindings: {},
    binding: BINDING,
    className: 'ReplayStore',
  })

export const startDynamoDb = (options: Pick<StoresOptions, 'onSpawn'>) =>
  startBreakableTable(options, { table: TABLE, kind: 'replays' })
