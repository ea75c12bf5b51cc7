// All edges, by name. The core, the Worker and the REST API with events of type REQUEST run what `lanekeeper build`
// compiles; the other kinds of API share all code but the reader of events, and compile when they start.

import type { EdgeName } from '../cases/row.ts'
import { openCoreEdge } from './core-edge.ts'
import type { OpenEdge } from './edge.ts'
import { openLambdaArtefact, openLambdaEdge } from './lambda-edge.ts'
import { openCreatedWorkerEdge, openWorkerEdge } from './worker-edge.ts'

export const EDGES: Readonly<Record<EdgeName, OpenEdge>> = {
  core: (config, env) => openCoreEdge(config, env),
  worker: openWorkerEdge,
  'rest TOKEN': (config, env) => openLambdaEdge(config, 'rest TOKEN', 'rest_token', 'simple', env),
  'rest REQUEST': (config, env) => openLambdaArtefact(config, 'rest REQUEST', 'rest_request', env),
  'http 2.0 simple': (config, env) => openLambdaEdge(config, 'http 2.0 simple', 'http_2', 'simple', env),
  'http 2.0 policy': (config, env) => openLambdaEdge(config, 'http 2.0 policy', 'http_2', 'policy', env),
  'http 1.0': (config, env) => openLambdaEdge(config, 'http 1.0', 'http_1', 'simple', env),
  websocket: (config, env) => openLambdaEdge(config, 'websocket', 'websocket', 'simple', env),
}

/** `createWorker` and `createHandler`, for the edges that are artefacts in `EDGES`. */
export const CREATED_EDGES = {
  worker: openCreatedWorkerEdge,
  'rest REQUEST': (config, env) => openLambdaEdge(config, 'rest REQUEST', 'rest_request', 'simple', env),
} satisfies Partial<Record<EdgeName, OpenEdge>>
