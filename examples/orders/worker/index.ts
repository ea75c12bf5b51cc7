// The Worker that `wrangler deploy` deploys. It enforces lanekeeper.config.ts in front of the origin, and has an RPC
// entrypoint for other Workers that returns the decision only (docs/cloudflare.md). Only a service binding reaches the
// entrypoint. The configuration is resolved when the module is loaded, so a deployment with a wrong one fails.

// @ts-expect-error -- a module of the Workers runtime; its types would bring ambient globals with them.
import { env, WorkerEntrypoint } from 'cloudflare:workers'
import config from '../../../lanekeeper.config.ts'
import type { AuthorizationRequest } from '../../../shared/index.ts'
import { createWorker, type RpcAnswer } from '../../../functions/cloudflare/worker.ts'

const worker = createWorker(config, env)

export default worker

export class Authorizer extends WorkerEntrypoint {
  declare readonly ctx: { waitUntil(work: Promise<unknown>): void }

  /** Decides about a request of the calling Worker. Never throws. Sends nothing to the origin. */
  authorize(request: AuthorizationRequest): Promise<RpcAnswer> {
    return worker.authorize(request, (work) => this.ctx.waitUntil(work))
  }
}
