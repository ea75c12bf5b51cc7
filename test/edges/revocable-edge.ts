// Edges with a store of revocations that the test writes to.

import { vi } from 'vitest'
import { assembleFromSteps } from '../../shared/authorizer.ts'
import { STEPS } from '../../shared/steps.ts'
import { webCrypto, type LanekeeperConfig } from '../../shared/index.ts'
import type { RevocationStore } from '../../shared/revocation/store.ts'
import { createDynamoDbStore } from '../../functions/aws/revocation/dynamodb.ts'
import { startDynalite } from '../support/dynalite.ts'
import { createMemoryRevocations } from '../support/memory-revocations.ts'
import { compileCore, coreEdgeOf } from './core-edge.ts'
import type { Edge, Variables } from './edge.ts'
import { openLambdaArtefact, openLambdaEdge } from './lambda-edge.ts'
import { openCreatedWorkerEdge, openWorkerEdge, type WorkerEdge } from './worker-edge.ts'

export interface RevocableEdge {
  readonly edge: Edge
  readonly store: Pick<RevocationStore, 'revoke' | 'unrevoke'>
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

/** The Worker in workerd, bound to the Durable Object of the store Worker. */
const workerWith =
  (open: (config: LanekeeperConfig, env: Variables) => Promise<WorkerEdge>): OpenRevocableEdge =>
  async (config, env) => {
    const edge = await open(config, env)
    return { edge, store: edge.store!, close: () => edge.close() }
  }

export const openRevocableWorker = workerWith(openWorkerEdge)
export const openRevocableCreatedWorker = workerWith(openCreatedWorkerEdge)

/** The Lambda with events of a REST API, and a table of dynalite. */
const lambdaWith =
  (open: (config: LanekeeperConfig, env: Variables) => Promise<Edge>): OpenRevocableEdge =>
  async (config, env) => {
    const server = await startDynalite(config.revocation!.dynamodb!.table)
    for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
    const edge = await open(config, { ...env, ...server.env })
    const store = createDynamoDbStore(
      { ...config.revocation!.dynamodb!, endpoint: server.endpoint },
      { maxEntries: 1_000 },
      { now: Date.now, crypto: webCrypto },
    )
    return {
      edge,
      store,
      async close() {
        await Promise.all([edge.close(), server.close()])
        vi.unstubAllEnvs()
      },
    }
  }

export const openRevocableLambda = lambdaWith((config, env) =>
  openLambdaArtefact(config, 'rest REQUEST', 'rest_request', env),
)
export const openRevocableCreatedLambda = lambdaWith((config, env) =>
  openLambdaEdge(config, 'rest REQUEST', 'rest_request', 'simple', env),
)
