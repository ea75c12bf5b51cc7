// The Worker as it is deployed, with the configuration in a variable: every decision writes its log line to the
// console.

import { createWorker } from '../../functions/cloudflare/worker.ts'
import { env } from './bindings.ts'

export default createWorker(JSON.parse(env['CONFIG']!), env)
