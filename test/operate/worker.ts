// The Worker of `npm run test:operate`: the unmodified `createWorker` with a dataset that writes each data point to the
// console, because miniflare's own dataset keeps none.

import { createWorker } from '../../functions/cloudflare/worker.ts'
import type { AnalyticsDataset } from '../../functions/cloudflare/analytics.ts'

const LANEKEEPER_ANALYTICS: AnalyticsDataset = {
  writeDataPoint: (point) => console.log(JSON.stringify({ point })),
}

let worker: ReturnType<typeof createWorker> | undefined

export default {
  fetch(request: Request, env: Record<string, string>, context: never): Response | Promise<Response> {
    worker ??= createWorker(JSON.parse(env['CONFIG']!), { ...env, LANEKEEPER_ANALYTICS })
    return worker.fetch(request, env, context)
  },
}
