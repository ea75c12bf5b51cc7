// Every door there is.

import type { DoorName } from '../cases/row.ts'
import { openCoreDoor } from './core-door.ts'
import type { OpenDoor } from './door.ts'
import { openLambdaDoor } from './lambda-door.ts'
import { openWorkerDoor } from './worker-door.ts'

export const DOORS: Readonly<Record<DoorName, OpenDoor>> = {
  core: (config, env) => openCoreDoor(config, env),
  worker: openWorkerDoor,
  'rest TOKEN': (config, env) => openLambdaDoor(config, 'rest TOKEN', 'rest_token', 'simple', env),
  'rest REQUEST': (config, env) => openLambdaDoor(config, 'rest REQUEST', 'rest_request', 'simple', env),
  'http 2.0 simple': (config, env) => openLambdaDoor(config, 'http 2.0 simple', 'http_2', 'simple', env),
  'http 2.0 policy': (config, env) => openLambdaDoor(config, 'http 2.0 policy', 'http_2', 'policy', env),
  'http 1.0': (config, env) => openLambdaDoor(config, 'http 1.0', 'http_1', 'simple', env),
  websocket: (config, env) => openLambdaDoor(config, 'websocket', 'websocket', 'simple', env),
}
