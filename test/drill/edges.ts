// Both edges of the drill, as `lanekeeper build` compiles them, each in processes of its own: the Worker in workerd in
// front of the real orders server, and the local API Gateway with the Lambda functions. Three instances: the REST and the
// HTTP API have one each.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import { startChild, type Child } from '../../local/child.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { withGlobals, writeArtefact } from '../support/artefact/build.ts'
import { descendantsOf } from '../support/processes.ts'
import { bundle } from './bundle.ts'
import type { FastClock } from './clock.ts'
import { readEdgeLine } from './edge-log.ts'
import { commandOf } from './process-info.ts'
import type { Verdict } from './oracle.ts'
import { AUDIENCE } from './wallet.ts'

export const INSTANCES = ['Worker', 'REST API', 'HTTP API'] as const
export type Instance = (typeof INSTANCES)[number]

export interface Edge {
  readonly url: string
  /** Process whose memory is measured; `null` before it runs. */
  pid(): number | null
  /** What a status means on this edge. */
  readonly verdicts: Readonly<Record<number, Verdict>>
}

const GATEWAY_VERDICTS = { 200: 'allow', 401: 'deny', 403: 'deny', 500: 'unavailable' } as const
const WORKER_VERDICTS = { 200: 'allow', 400: 'deny', 401: 'deny', 403: 'deny', 503: 'unavailable' } as const

const toConfig = (issuer: string, origin: string): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      algorithms: ['RS256', 'ES256'],
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  aws: { resultTtlSeconds: 0 },
  origin: { url: origin },
})

/** The Worker: its artefact with the globals of the drill, or one with deliberate faults. */
async function writeWorker(config: LanekeeperConfig, isBroken: boolean, directory: string): Promise<string> {
  const script = join(directory, 'worker.js')
  if (isBroken) await bundle('test/drill/broken-worker-entry.ts', script)
  else {
    await writeArtefact('cloudflare', config, join(directory, 'artefact'))
    await bundle('test/drill/worker-entry.ts', script, join(directory, 'artefact/index.js'))
  }
  return script
}

/** The authorizer and the function behind it: the artefact, unchanged but for its globals. */
async function writeLambda(config: LanekeeperConfig, directory: string): Promise<void> {
  const { files } = await writeArtefact('aws', config, join(directory, 'artefact'))
  for (const { path, text } of files) await writeFile(path, withGlobals(text, 'drill', ['Date', 'console']))
  await Promise.all([
    bundle('test/drill/lambda-globals.ts', join(directory, 'globals.mjs')),
    bundle('examples/orders/orders-function.ts', join(directory, 'orders.mjs')),
    writeFile(
      join(directory, 'authorizer.mjs'),
      `import './globals.mjs'\nexport { handler } from './artefact/authorizer.mjs'\n`,
    ),
  ])
}

export interface EdgesOptions {
  /** An empty directory. */
  readonly directory: string
  readonly issuer: string
  readonly clock: FastClock
  readonly broken: boolean
  readonly onSpawn: (child: Child) => void
  readonly onTaken: (instance: string, at: number) => void
}

export async function startEdges(options: EdgesOptions): Promise<Readonly<Record<Instance, Edge>>> {
  const { directory, issuer, clock, broken, onTaken } = options
  const pids = new Map<string, number>()
  const spawned = new Map<string, number>()
  const start = <Ready>(name: string, module: string | URL, about: unknown) =>
    startChild<Ready>({
      name,
      module,
      options: about,
      onSpawn(child) {
        spawned.set(name, child.pid)
        options.onSpawn(child)
      },
      onLine(line) {
        const said = readEdgeLine(line)
        if (said?.pid !== undefined) pids.set(said.drill, said.pid)
        else if (said !== null) onTaken(said.drill, said.at)
      },
    })

  const origin = await start<{ url: string }>('origin', 'orders', { port: 0 })
  const config = toConfig(issuer, origin.url)
  const script = await writeWorker(config, broken, directory)
  await writeLambda(config, join(directory, 'lambda/dist/lambda'))
  const variables = {
    CLOCK: JSON.stringify(clock),
    ...(broken ? { CONFIG: JSON.stringify(config) } : {}),
  }
  const [worker, gateway] = await Promise.all([
    start<{ url: string }>('Worker', 'worker-edge', {
      script,
      config: join(ROOT, 'wrangler.toml'),
      port: 0,
      variables: { ...variables, LANEKEEPER_STAGE: '' },
    }),
    start<{ restUrl: string; httpUrl: string }>(
      'API Gateway',
      new URL('./processes/gateway.ts', import.meta.url),
      {
        codeDirectory: join(directory, 'lambda'),
        environment: { ...variables, LANEKEEPER_STAGE: '' },
      },
    ),
  ])
  const workerd =
    descendantsOf(spawned.get('Worker')!).find((pid) => commandOf(pid).includes('workerd')) ?? null
  const lambdaEdge = (url: string, instance: Instance): Edge => ({
    url,
    pid: () => pids.get(instance) ?? null,
    verdicts: GATEWAY_VERDICTS,
  })
  return {
    Worker: { url: worker.url, pid: () => workerd, verdicts: WORKER_VERDICTS },
    'REST API': lambdaEdge(gateway.restUrl, 'REST API'),
    'HTTP API': lambdaEdge(gateway.httpUrl, 'HTTP API'),
  }
}
