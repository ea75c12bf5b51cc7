// Every door there is.

import type { DoorName } from '../cases/row.ts'
import { openCoreDoor } from './core-door.ts'
import type { OpenDoor } from './door.ts'
import { openLambdaDoor } from './lambda-door.ts'
import { openWorkerDoor } from './worker-door.ts'

export const DOORS: Readonly<Record<DoorName, OpenDoor>> = {
  core: (config, env) => openCoreDoor(config, env),
  worker: openWorkerDoor,
  'rest TOKEN': (config, env) => openLambdaDoor(config, env, 'rest TOKEN', 'rest_token'),
  'rest REQUEST': (config, env) => openLambdaDoor(config, env, 'rest REQUEST', 'rest_request'),
  'http 2.0 simple': (config, env) => openLambdaDoor(config, env, 'http 2.0 simple', 'http_2', 'simple'),
  'http 2.0 policy': (config, env) => openLambdaDoor(config, env, 'http 2.0 policy', 'http_2', 'policy'),
  'http 1.0': (config, env) => openLambdaDoor(config, env, 'http 1.0', 'http_1'),
  websocket: (config, env) => openLambdaDoor(config, env, 'websocket', 'websocket'),
}
