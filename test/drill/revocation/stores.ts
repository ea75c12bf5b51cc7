// Both stores as the driver sees them: what writes to them, and what breaks them.

import { createDynamoDbStore } from '../../../functions/aws/revocation/dynamodb.ts'
import { nodeCryptoSync } from '../../../functions/node/crypto.ts'
import { resolveConfig } from '../../../shared/index.ts'
import { toEntries, type RevocationRequest } from '../../../shared/edge.ts'
import { dynamoDbEnvironment } from '../../support/dynalite.ts'
import {
  startBreakableTable,
  startBreakableWorker,
  type BreakableStore,
  type StoresOptions,
} from '../breakable-stores.ts'
import { ADMIN_SECRETS, BINDING, STORE_SCRIPT, TABLE } from './config.ts'

/** A store under its faults. */
export interface DrillStore extends BreakableStore {
  /** Writes entries. `false`: it did not say that they are stored. */
  revoke(requests: readonly RevocationRequest[]): Promise<boolean>
}

/** The store Worker, which is written to through its admin endpoint. */
export async function startStoreWorker(options: StoresOptions): Promise<DrillStore> {
  const store = await startBreakableWorker(options, {
    name: STORE_SCRIPT,
    entry: 'test/drill/revocation/entries/store.ts',
    bindings: ADMIN_SECRETS,
    binding: BINDING,
    className: 'RevocationStore',
  })
  return {
    ...store,
    async revoke(requests) {
      const answer = await fetch(`${store.url()}/revoke`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${ADMIN_SECRETS.STORE_REVOKE}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ by: 'drill', requests }),
        signal: AbortSignal.timeout(10_000),
      }).catch(() => null)
      await answer?.body?.cancel()
      return answer?.status === 200
    },
  }
}

/** DynamoDB, which is written to through the store of the package. */
export async function startDynamoDb({
  config,
  onSpawn,
}: StoresOptions): Promise<DrillStore & { readonly endpoint: string }> {
  const table = await startBreakableTable({ onSpawn }, { table: TABLE, kind: 'revocations' })
  const { endpoint } = table
  Object.assign(process.env, dynamoDbEnvironment(endpoint))
  const { issuers, revocation } = resolveConfig(config)
  const ports = { now: () => Date.now(), crypto: nodeCryptoSync }
  const store = createDynamoDbStore({ table: TABLE, endpoint }, revocation!, ports)
  return {
    ...table,
    async revoke(requests) {
      const entries = requests.flatMap((one) => {
        const made = toEntries(one, [...issuers.values()], Math.floor(Date.now() / 1000))
        if ('problem' in made) throw new Error(made.problem)
        return made
      })
      return store.revoke(entries, { by: 'drill' }).then(
        (outcomes) => outcomes.every((outcome) => outcome === 'stored' || outcome === 'known'),
        () => false,
      )
    },
  }
}
