// Starts the store Worker that `lanekeeper build --edge store` has compiled: its admin endpoint, and the class of its
// Durable Object.

import {
  createEntryKeys,
  createSafeReport,
  createWebCrypto,
  fill,
  stampOf,
  type Parts,
  type Plan,
} from '../../../shared/edge.ts'
import type { DurableObjectNamespaceLike } from '../durable-objects.ts'
import { createDurableObjectStore } from '../revocations.ts'
import { createWorkerSecrets } from '../secrets.ts'
import { createAdmin, type Admin } from './admin.ts'
import { openStore } from './open-store.ts'
import { createRevocationObject, type DurableObjectBase } from './revocation-object.ts'
import type { StoreConfig } from './store-config.ts'

/** The store Worker. */
export interface StoreWorker {
  /** The default export: it has the admin endpoint. */
  readonly worker: Admin
  readonly RevocationStore: ReturnType<typeof createRevocationObject>
}

const randomText = (): string => crypto.randomUUID()

/**
 * The store Worker for a plan. `Base`: `DurableObject` of the runtime.
 *
 * @throws {ConfigError} if the plan is for another edge, stage or version, or the environment lacks what it names.
 */
export function startStore(
  plan: Plan,
  env: Readonly<Record<string, unknown>>,
  parts: Parts,
  Base: DurableObjectBase,
): StoreWorker {
  const { issuers, revocation } = fill(plan, 'store', env, parts) as unknown as StoreConfig
  const { maxEntries, durableObject, admin } = revocation
  const now = (): number => Date.now()
  const report = createSafeReport(
    (event) => console.log(JSON.stringify({ door: 'store', ...event })),
    stampOf(plan),
  )
  const keys = createEntryKeys(createWebCrypto([]))
  return {
    worker: createAdmin({
      admin,
      issuers,
      store: createDurableObjectStore(env[durableObject] as DurableObjectNamespaceLike),
      ports: { now, report, secrets: createWorkerSecrets(env) },
    }),
    RevocationStore: createRevocationObject(
      Base,
      (database) => openStore(database, { keys, limits: { maxEntries }, session: randomText(), now, report }),
      now,
    ),
  }
}
