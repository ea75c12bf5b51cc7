// The child process of the Worker edge. It prints what the Worker logs.

import { startWorkerEdge, type WorkerEdgeOptions } from '../worker-edge.ts'
import { serveParent } from './serve-parent.ts'

serveParent(async (options: Omit<WorkerEdgeOptions, 'onLog'>) => {
  const { close, ...ready } = await startWorkerEdge({ ...options, onLog: (line) => console.log(line) })
  return { ready, close }
})
