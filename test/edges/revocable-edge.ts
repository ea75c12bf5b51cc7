// Edges with a store of revocations that the test writes to.

import { assembleFromSteps } from '../../shared/authorizer.ts'
import { STEPS } from '../../shared/steps.ts'
import { webCrypto, type LanekeeperConfig } from '../../shared/index.ts'
import type { RevocationStore } from '../../shared/revocation/store.ts'
import { createMemoryRevocations } from '../support/memory-revocations.ts'
import { compileCore, coreEdgeOf } from './core-edge.ts'
import type { Edge, Variables } from './edge.ts'

export interface RevocableEdge {
  readonly edge: Edge
  readonly store: RevocationStore
  close(): Promise<void>
}

export type OpenRevocableEdge = (config: LanekeeperConfig, env: Variables) => Promise<RevocableEdge>

/** The core with the snapshot of a store in memory. */
export const openRevocableCore: OpenRevocableEdge = async (config, env) => {
  const store = createMemoryRevocations()
  const create = await compileCore(config, env, ['revocation-snapshots'])
  const edge = coreEdgeOf((ports) => create({ ...ports, crypto: webCrypto, revocations: store }), env)
  return { edge, store, close: () => edge.close() }
}

/** The core with steps of which a test has replaced some. */
export const openRevocableCoreFromSteps =
  (steps: Partial<typeof STEPS>): OpenRevocableEdge =>
  async (config, env) => {
    const store = createMemoryRevocations()
    const edge = coreEdgeOf(
      (ports) => assembleFromSteps(config, { ...ports, revocations: store }, { env }, { ...STEPS, ...steps }),
      env,
    )
    return { edge, store, close: () => edge.close() }
  }
