// The Worker in front of an origin: the handler of functions/fetch/ with the ports of Cloudflare. Decides nothing.

import type { Authorizer } from '../../shared/edge.ts'
import { createFetchHandler, type FetchParts } from '../fetch/handler.ts'
import type { FetchConfig } from '../fetch/send-on.ts'
import { createCopyRequest, createSend } from './origin.ts'
import { CLOUDFLARE_FACTS } from './request.ts'
import { createRpc, type RpcAnswer } from './rpc.ts'
import type { createWorkerPorts, WorkerEnv } from './worker-ports.ts'

interface ExecutionContextLike {
  waitUntil(work: Promise<unknown>): void
}

/** A Worker: `fetch` answers requests, and `authorize` only decides, for an RPC entrypoint. */
export interface Worker {
  /** Answers a request. Never rejects. Without `context`, work that outlives the response runs on unattended. */
  fetch(request: Request, env?: unknown, context?: ExecutionContextLike): Promise<Response>
  /** Decides about a request of another Worker. Never rejects. Sends nothing to the origin. */
  authorize(...about: Parameters<Authorizer['authorize']>): Promise<RpcAnswer>
}

/** Creates the Worker for an authorizer, which has `ports`. `env`: where the service binding of the origin is. */
export function createWorkerFor(
  authorizer: Authorizer<FetchConfig>,
  ports: ReturnType<typeof createWorkerPorts>,
  env: WorkerEnv,
  parts: FetchParts,
): Worker {
  const { config } = authorizer
  const runtime = {
    ...CLOUDFLARE_FACTS,
    copyRequest: createCopyRequest(config),
    send: createSend(config, env, (request) => ports.fetch(request)),
  }
  const handle = createFetchHandler(authorizer, ports, runtime, parts, ports.stamp)
  return {
    fetch: (request, _env, context) => handle(request, context && ((work) => context.waitUntil(work))),
    authorize: createRpc(authorizer),
  }
}
