// The ports of a run, one after the other from the first one. A service has the same place whatever else runs.

import { createServer } from 'node:net'
import { Stop } from '../../cli/stop.ts'
import type { ApiName } from './choose-authorizers.ts'
import type { DevEdge, DevPorts } from './edges.ts'

export interface DevPlaces extends DevPorts {
  readonly issuer: number
  readonly origin: number
}

const NAMES = [
  'worker',
  'rest',
  'http',
  'webSocket',
  'issuer',
  'origin',
] as const satisfies readonly (keyof DevPlaces)[]

const TITLES: Readonly<Record<keyof DevPlaces, string>> = {
  worker: 'Worker',
  rest: 'REST API',
  http: 'HTTP API',
  webSocket: 'WebSocket API',
  issuer: 'local issuer',
  origin: 'origin',
}

export const DEFAULT_PORT = 4400
export const PORT_COUNT = NAMES.length

/** In the order of their ports. */
export const SERVICES_TEXT: string = NAMES.map((name) => TITLES[name]).join(', ')

export const portsFrom = (first: number): DevPlaces =>
  Object.fromEntries(NAMES.map((name, index) => [name, first + index])) as unknown as DevPlaces

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

interface Wanted {
  readonly edges: readonly DevEdge[]
  readonly apis: readonly ApiName[] | null
}

function isNeeded(name: keyof DevPlaces, { edges, apis }: Wanted): boolean {
  if (name === 'worker') return edges.includes('cloudflare')
  if (name === 'issuer' || name === 'origin') return true
  return edges.includes('aws') && (apis?.includes(name === 'webSocket' ? 'websocket' : name) ?? true)
}

/** @throws {Stop} with each port that is in use (exit code 1). */
export async function demandFreePorts(wanted: Wanted, places: DevPlaces): Promise<void> {
  const needed = NAMES.filter((name) => isNeeded(name, wanted))
  const free = await Promise.all(needed.map((name) => isFree(places[name])))
  const busy = needed.filter((_, index) => !free[index])
  if (busy.length === 0) return
  const other = places.worker + (places.worker > 60_000 ? -1_000 : 1_000)
  const named = busy.map((name) => `${places[name]} (${TITLES[name]})`).join(', ')
  const [what, are] = busy.length === 1 ? ['Port', 'is'] : ['Ports', 'are']
  throw new Stop(`${what} ${named} ${are} in use; choose others with --port ${other}.`, 1)
}
