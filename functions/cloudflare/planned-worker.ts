// Starts the Worker that `lanekeeper build` has compiled: fills the environment into its plan and puts its parts
// together. It imports no part, so an artefact has those alone that its plan uses.

import { assemble, createWebCrypto, fill, stampOf, type Parts, type Plan } from '../../shared/edge.ts'
import type { FetchParts } from '../fetch/handler.ts'
import type { FetchConfig } from '../fetch/send-on.ts'
import { createWorkerFor, type Worker } from './create-worker.ts'
import { createWorkerPorts, type WorkerEnv } from './worker-ports.ts'

/**
 * The Worker for a plan.
 *
 * @throws {ConfigError} if the plan is for another edge, stage or version, or the environment lacks what it names.
 */
export function startWorker(plan: Plan, env: WorkerEnv, parts: Parts, fetchParts: FetchParts): Worker {
  const config = fill(plan, 'cloudflare', env, parts) as FetchConfig
  const ports = createWorkerPorts(env, {}, stampOf(plan))
  const crypto = createWebCrypto(parts.keyTypes)
  return createWorkerFor(assemble(config, { ...ports, crypto }, parts), ports, env, fetchParts)
}
