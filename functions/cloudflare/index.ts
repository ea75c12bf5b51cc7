// The Worker that `wrangler deploy` deploys: lanekeeper.config.ts in front of its origin.
// The environment is read at the top of the module, so a broken configuration never goes live.

// @ts-expect-error -- a module of the Workers runtime; its types would bring ambient globals with them.
import { env } from 'cloudflare:workers'
import config from '../../lanekeeper.config.ts'
import { createWorker } from './worker.ts'

export default createWorker(config, env)
