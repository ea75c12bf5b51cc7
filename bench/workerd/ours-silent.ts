// The Worker, but for the line that every decision leaves on the console.

import { createWorker } from '../../functions/cloudflare/worker.ts'
import { env } from './bindings.ts'

export default createWorker(JSON.parse(env['CONFIG']!), env, { report: () => {} })
