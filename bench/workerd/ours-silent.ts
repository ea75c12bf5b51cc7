// The Worker without the log line of each decision.

import { createWorker } from '../../functions/cloudflare/worker.ts'
import { env } from './bindings.ts'

export default createWorker(JSON.parse(env['CONFIG']!), env, { report: () => {} })
