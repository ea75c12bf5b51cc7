// All edges, by name.

import type { EdgeName } from '../cases/row.ts'
import { openCoreEdge } from './core-edge.ts'
import type { OpenEdge } from './edge.ts'
import { openLambdaEdge } from './lambda-edge.ts'
import { openWorkerEdge } from './worker-edge.ts'

export const EDGES: Readonly<Record<EdgeName, OpenEdge>> = {
  core: (config, env) => openCoreEdge(config, env),
  worker: openWorkerEdge,
  'rest TOKEN': (config, env) => openLambdaEdge(config, 'rest TOKEN', 'rest_token', 'simple', env),
  'rest REQUEST': (config, env) => openLambdaEdge(config, 'rest REQUEST', 'rest_request', 'simple', env),
  'http 2.0 simple': (config, env) => openLambdaEdge(config, 'http 2.0 simple', 'http_2', 'simple', env),
  'http 2.0 policy': (config, env) => openLambdaEdge(config, 'http 2.0 policy', 'http_2', 'policy', env),
  'http 1.0': (config, env) => openLambdaEdge(config, 'http 1.0', 'http_1', 'simple', env),
  websocket: (config, env) => openLambdaEdge(config, 'websocket', 'websocket', 'simple', env),
}
