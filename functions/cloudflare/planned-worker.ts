// Starts the Worker that `lanekeeper build` has compiled: fills the environment into its plan and puts its parts
// together. It imports no part, so an artefact has those alone that its plan uses.

import {
  assemble,
  createWebCrypto,
  fill,
  stampOf,
  type Parts,
  type Plan,
  type Ports,
} from '../../shared/edge.ts'
import type { FetchParts } from '../fetch/handler.ts'
import type { FetchConfig } from '../fetch/send-on.ts'
import { createWorkerFor, type Worker } from './create-worker.ts'
import { createWorkerPorts, type WorkerEnv } from './worker-ports.ts'

/** What fills the slots of this edge. A slot that the plan does not use may be empty. */
export interface WorkerParts extends FetchParts {
  /** For `revocation`: its store. */
  readonly revocations?: (config: FetchConfig, env: WorkerEnv) => NonNullable<Ports['revocations']>
  /** For `dpop.replay.durableObject`: its store. */
  readonly replays?: (config: FetchConfig, env: WorkerEnv) => NonNullable<Ports['replays']>
}

/**
 * The Worker for a plan.
 *
 * @throws {ConfigError} if the plan is for another edge, stage or version, or the environment lacks what it names.
 */
export function startWorker(plan: Plan, env: WorkerEnv, parts: Parts, workerParts: WorkerParts): Worker {
  const config = fill(plan, 'cloudflare', env, parts) as FetchConfig
  const ports = createWorkerPorts(env, {}, stampOf(plan))
  const store = workerParts.revocations && { revocations: workerParts.revocations(config, env) }
  const proofs = workerParts.replays && { replays: workerParts.replays(config, env) }
  const crypto = createWebCrypto(parts.keyTypes)
  const authorizer = assemble(config, { ...ports, ...store, ...proofs, crypto }, parts)
  return createWorkerFor(authorizer, ports, env, workerParts)
}
