// Edge 1 as a process of its own. What the Worker logs is what this process prints.

import { startWorkerEdge, type WorkerEdgeOptions } from '../worker-edge.ts'
import { serveParent } from './serve-parent.ts'

serveParent(async (options: Omit<WorkerEdgeOptions, 'onLog'>) => {
  const { close, ...ready } = await startWorkerEdge({ ...options, onLog: (line) => console.log(line) })
  return { ready, close }
})
