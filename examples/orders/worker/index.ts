// The Worker that `wrangler deploy` deploys: lanekeeper.config.ts in front of its origin, and the decision alone as an
// RPC entrypoint for other Workers (docs/cloudflare.md). Only a service binding reaches the latter.
// The environment is read at the top of the module, so a broken configuration never goes live.

// @ts-expect-error -- a module of the Workers runtime; its types would bring ambient globals with them.
import { env, WorkerEntrypoint } from 'cloudflare:workers'
import config from '../../../lanekeeper.config.ts'
import type { AuthorizationRequest } from '../../../shared/index.ts'
import { createWorker, type RpcAnswer } from '../../../functions/cloudflare/worker.ts'

const worker = createWorker(config, env)

export default worker

export class Authorizer extends WorkerEntrypoint {
  declare readonly ctx: { waitUntil(work: Promise<unknown>): void }

  /** Decides about a request of the calling Worker. Never throws; nothing is sent on. */
  authorize(request: AuthorizationRequest): Promise<RpcAnswer> {
    return worker.authorize(request, (work) => this.ctx.waitUntil(work))
  }
}
